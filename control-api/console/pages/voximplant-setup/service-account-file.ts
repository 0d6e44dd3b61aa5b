// The key file of a service account, as it is downloaded from Voximplant and read in the browser. Pure.

export interface ServiceAccountKey {
  readonly account_email: string
  readonly account_id: number | string
  readonly key_id: string
  readonly private_key: string
}

export type ReadKey =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'key'; readonly key: ServiceAccountKey; readonly accountId: string }
  | { readonly kind: 'no-json' }
  | { readonly kind: 'lacks'; readonly fields: readonly string[] }

const FIELDS = ['account_email', 'account_id', 'key_id', 'private_key'] as const

/** A key is some 2 kB. */
export const MAX_KEY_FILE_BYTES = 64_000

export function readServiceAccountKey(text: string): ReadKey {
  if (text.trim() === '') return { kind: 'nothing' }
  const found = parsed(text)
  if (typeof found !== 'object' || found === null || Array.isArray(found))
    return { kind: 'no-json' }
  const values = found as Readonly<Record<string, unknown>>
  const lacking = FIELDS.filter((name) => !isFilled(values[name]))
  if (lacking.length > 0) return { kind: 'lacks', fields: lacking }
  return {
    kind: 'key',
    key: values as unknown as ServiceAccountKey,
    accountId: String(values['account_id']),
  }
}

const isFilled = (value: unknown): boolean =>
  typeof value === 'number' || (typeof value === 'string' && value.trim() !== '')

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
