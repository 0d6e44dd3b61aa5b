// One range of bytes as RFC 9110 §14 has it: what players and downloaders ask for.

export type AskedBytes =
  | { readonly kind: 'all' }
  | { readonly kind: 'part'; readonly first: number; readonly last: number }
  | { readonly kind: 'unsatisfiable' }

/** What cannot be read, or is more than one range, is no range: everything is sent. */
export function askedBytes(header: string | undefined, total: number): AskedBytes {
  const asked = /^bytes=(\d*)-(\d*)$/.exec(header ?? '')
  const [, from = '', to = ''] = asked ?? []
  if (asked === null || (from === '' && to === '')) return { kind: 'all' }
  if (from === '') {
    const first = Math.max(0, total - Number(to))
    return first < total ? { kind: 'part', first, last: total - 1 } : { kind: 'unsatisfiable' }
  }
  const first = Number(from)
  const last = to === '' ? total - 1 : Math.min(Number(to), total - 1)
  if (to !== '' && Number(to) < first) return { kind: 'all' }
  return first < total ? { kind: 'part', first, last } : { kind: 'unsatisfiable' }
}
