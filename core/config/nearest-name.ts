// What an unknown name was probably meant to be.
import { distance } from 'fastest-levenshtein'

/** Undefined when none is near: a far-fetched suggestion is worse than none. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const upper = name.toUpperCase()
  const [best] = known
    .map((each) => ({ each, away: distance(each.toUpperCase(), upper) }))
    .sort((one, other) => one.away - other.away)
  // Of a short word two letters are half of it: on is not off.
  const near = name.length <= 4 ? 1 : Math.max(2, name.length / 3)
  return best !== undefined && best.away <= near ? best.each : undefined
}
