// What the system and libraries call their errors. The code alone may be told: their words quote paths, addresses, values.

/** Such as `ENOSPC`; undefined where there is none. */
export function systemCodeOf(error: unknown): string | undefined {
  const code =
    typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : undefined
}

/** Of a request that broke off, such as `ECONNREFUSED`. */
export const connectionCodeOf = (error: unknown): string | undefined =>
  chainOf(error)
    .map(systemCodeOf)
    .find((code) => code !== undefined && /^\w{1,60}$/.test(code))

/** The same for people: where nothing has a code, what kind of error is the cause of all. */
export const connectionFaultOf = (error: unknown): string =>
  connectionCodeOf(error) ?? chainOf(error).at(-1)?.name ?? 'unknown fault'

const MOST_LEVELS = 4

/** `fetch` hides what happened one level down; of several addresses the first tells. */
function chainOf(error: unknown): readonly Error[] {
  const chain: Error[] = []
  for (let at = error; at instanceof Error && chain.length < MOST_LEVELS;) {
    chain.push(at)
    at = at.cause ?? (at instanceof AggregateError ? (at.errors[0] as unknown) : undefined)
  }
  return chain
}
