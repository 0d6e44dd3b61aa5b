// How a figure stands beside the one before.

/** `share`: relative, of amounts; `points`: of shares themselves. Null: there is nothing to compare with. */
export type Change =
  | { readonly kind: 'share'; readonly by: number }
  | { readonly kind: 'points'; readonly by: number }
  | { readonly kind: 'same' }
  | null

type Figure = number | null | undefined
/** What rounds to nothing in what is shown. */
const UNSEEN = 0.0005

export function changeOf(now: Figure, before: Figure, kind: 'share' | 'points'): Change {
  if (typeof now !== 'number' || typeof before !== 'number') return null
  if (kind === 'share' && before === 0) return now === 0 ? { kind: 'same' } : null
  const by = kind === 'share' ? now / before - 1 : now - before
  return Math.abs(by) < UNSEEN ? { kind: 'same' } : { kind, by }
}
