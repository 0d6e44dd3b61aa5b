// What an unknown name was probably meant to be.
import { distance } from 'fastest-levenshtein'

/** Undefined when none is near: a far-fetched suggestion is worse than none. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const upper = name.toUpperCase()
  const [best] = known
    .map((each) => ({ each, away: distance(each.toUpperCase(), upper) }))
    .sort((one, other) => one.away - other.away)
  return best !== undefined && best.away <= Math.max(2, name.length / 3) ? best.each : undefined
}
