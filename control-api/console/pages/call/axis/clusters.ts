// What is drawn of a lane at one zoom: things that would lie upon each other become one, with a count. They are gathered
// from the first to the last, whatever part is seen, so that moving along changes nothing.
import type { Entry } from './entry.ts'

export interface Cluster {
  /** Of its first: it is drawn exactly there. */
  readonly key: string
  readonly fromMs: number
  /** Of all in it. */
  readonly toMs: number
  /** Of it and all before it. */
  readonly reachMs: number
  readonly members: readonly [Entry, ...Entry[]]
  /** From its beginning to that of the next one; Infinity after the last. */
  readonly roomMs: number
}

interface Gathering {
  readonly members: [Entry, ...Entry[]]
  toMs: number
}

/** Steps of the zoom in which what is gathered stays the same: two of them double it. */
const STEPS_A_DOUBLING = 2

/**
 * The zoom by which things are gathered: at most the real one, and seldom another, so that zooming mostly moves what is
 * there already instead of drawing others.
 */
export const gatheringScale = (pxPerMs: number): number =>
  2 ** (Math.floor(Math.log2(pxPerMs) * STEPS_A_DOUBLING + 1e-9) / STEPS_A_DOUBLING)

/**
 * @param entries in order of their beginnings
 * @param gapPx no two that are drawn begin closer to each other
 */
export function cluster(
  entries: readonly Entry[],
  pxPerMs: number,
  gapPx: number,
): readonly Cluster[] {
  const gathered: Gathering[] = []
  for (const entry of entries) {
    const last = gathered.at(-1)
    if (last !== undefined && (entry.fromMs - last.members[0].fromMs) * pxPerMs < gapPx) {
      last.members.push(entry)
      last.toMs = Math.max(last.toMs, entry.toMs)
    } else gathered.push({ members: [entry], toMs: entry.toMs })
  }
  let reachMs = Number.NEGATIVE_INFINITY
  return gathered.map(({ members, toMs }, index) => {
    const [{ key, fromMs }] = members
    reachMs = Math.max(reachMs, toMs)
    const next = gathered[index + 1]?.members[0].fromMs ?? Number.POSITIVE_INFINITY
    return { key, fromMs, toMs, reachMs, members, roomMs: next - fromMs }
  })
}

/** Those that touch the window, also when they began before it. @param clusters in order */
export function within(
  clusters: readonly Cluster[],
  fromMs: number,
  toMs: number,
): readonly Cluster[] {
  const begin = firstWhere(clusters, ({ reachMs }) => reachMs >= fromMs)
  const end = firstWhere(clusters, (one) => one.fromMs > toMs)
  return clusters.slice(begin, end).filter((one) => one.toMs >= fromMs)
}

/** Index of the first that is so, when all after it are, too. */
function firstWhere(clusters: readonly Cluster[], is: (one: Cluster) => boolean): number {
  let [low, high] = [0, clusters.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const one = clusters[middle]
    if (one === undefined || is(one)) high = middle
    else low = middle + 1
  }
  return low
}
