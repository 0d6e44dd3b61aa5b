// Lists, the newest first, page by page.

export interface Page<T> {
  readonly items: readonly T[]
  /** Of the next page; undefined: this was the last. */
  readonly token: string | undefined
}

/** The token names the last that was shown, so that new ones move nothing. @param all the oldest first */
export function pageOfNewest<T extends { readonly id: string }>(
  all: readonly T[],
  { limit, token }: { readonly limit: number; readonly token: string | null },
): Page<T> {
  const newest = [...all].reverse()
  const after = token === null ? -1 : newest.findIndex(({ id }) => id === idOfToken(token))
  const start = token !== null && after === -1 ? newest.length : after + 1
  const items = newest.slice(start, start + limit)
  const last = items.at(-1)
  const isMore = start + limit < newest.length
  return { items, token: isMore && last ? tokenOf(last.id) : undefined }
}

const tokenOf = (id: string): string => Buffer.from(id).toString('base64url')
const idOfToken = (token: string): string => Buffer.from(token, 'base64url').toString()
