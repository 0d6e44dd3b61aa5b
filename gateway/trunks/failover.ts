// Which failures of an INVITE may be tried again by another trunk. One rule above all: nobody who declined, was busy or
// let it ring is rung a second time. Early media changes nothing: nobody ever heard it.
import type { InviteFailure } from '../sip/sip-port.ts'

/** ITU-T Q.850 table 1: what the callee's side did, or a number that leads nowhere. The status may be as vague as it likes. */
const FINAL_CAUSES: ReadonlySet<number> = new Set([
  1, // unallocated number
  17, // user busy
  18, // no user responding
  19, // no answer from user
  20, // subscriber absent
  21, // call rejected
  22, // number changed
  28, // invalid number format
])

/** It is the way there that failed, also where the status sounds like the callee. */
const ROUTE_CAUSES: ReadonlySet<number> = new Set([
  2, // no route to specified transit network
  3, // no route to destination
  27, // destination out of order
  34, // no circuit available
  38, // network out of order
  41, // temporary failure
  42, // switching equipment congestion
  44, // requested channel not available
  47, // resource unavailable
])

/** About the number or its owner, not about the trunk. */
const OF_THE_CALLEE: ReadonlySet<number> = new Set([404, 410, 480, 484, 485, 486, 487])

/** @param hasRung a 180 came: the callee's phone rang, so that a time-out or refusal is the callee's */
export function triesNextTrunk(
  { status, local, lost, q850Cause }: Omit<InviteFailure, 'detail'>,
  hasRung: boolean,
): boolean {
  if (lost || status >= 600 || status === 486) return false
  if (q850Cause !== undefined && FINAL_CAUSES.has(q850Cause)) return false
  if (status >= 500) return true
  // Ours to say only: the CANCEL crossed a challenge.
  if (local) return status === 408 && !hasRung
  if (status < 400 || hasRung) return false
  return !OF_THE_CALLEE.has(status) || (q850Cause !== undefined && ROUTE_CAUSES.has(q850Cause))
}
