// The header Reason (RFC 3326 §2): of all it may say, the number that telephony gave, and none of its text; and the one
// that our BYE carries, so that whoever is hung up on can tell a goodbye from a fault.
import type { Termination } from '#core/contracts'

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

/** ITU-T Q.850 table 1: the causes that a talk ends with. That nobody spoke is no fault: carriers count those. */
export const reasonOf = ({ result }: Termination): string =>
  result === 'server_error' || result === 'upstream_error'
    ? 'Q.850;cause=41;text="Temporary failure"'
    : 'Q.850;cause=16;text="Normal call clearing"'
