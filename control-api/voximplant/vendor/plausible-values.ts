// What times, durations, prices and numbers of calls can be, by whomever they are told: anything else would break the list
// of calls, or its sums, for all others.

/** Nobody placed a call by this vendor before. */
const FIRST_MS = Date.UTC(2001, 0, 1)
/** Clocks differ, and zones are mistaken. */
const AHEAD_MS = 86_400_000
/** No session of the vendor goes on for a day. */
const MOST_SECONDS = 7 * 86_400
const MOST_COST = 1_000_000
/** E.164 has fifteen digits; names of SIP are longer. */
const MOST_LETTERS = 64

/** @param at epoch milliseconds */
export const isPlausibleTime = (at: number, now: number): boolean =>
  at >= FIRST_MS && at <= now + AHEAD_MS

/** Null of what is no duration of a call. */
export const plausibleSeconds = (seconds: number | null): number | null =>
  seconds === null || !(seconds >= 0 && seconds <= MOST_SECONDS) ? null : seconds

export const plausibleCost = (cost: number): number => Math.min(MOST_COST, Math.max(0, cost))

export const plausibleNumber = (number: string | null): string | null =>
  number?.slice(0, MOST_LETTERS) ?? null
