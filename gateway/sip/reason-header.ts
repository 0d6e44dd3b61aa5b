// The header Reason (RFC 3326 §2): of all it may say, the number that telephony gave, and none of its text. What the
// numbers mean: q850.ts.

const QUOTED = /"(?:[^"\\]|\\.)*"/g
const Q850 = /^\s*Q\.850\s*(?:;|$)/i
const CAUSE = /;\s*cause\s*=\s*(\d{1,3})\s*(?:;|$)/i
/** ITU-T Q.850 table 1: seven bits, and 0 is none. */
const HIGHEST_CAUSE = 127

/** @param value several reasons may stand in it, each of its own protocol */
export function q850Cause(value: string): number | undefined {
  const reason = value
    .replaceAll(QUOTED, '""')
    .split(',')
    .find((one) => Q850.test(one))
  const cause = Number(CAUSE.exec(reason ?? '')?.[1] ?? 0)
  return cause > 0 && cause <= HIGHEST_CAUSE ? cause : undefined
}
