// Which failures of an INVITE may be tried again by another trunk. One rule above all: nobody who declined, was busy or
// let it ring is rung a second time. Early media changes nothing: nobody ever heard it.
import { aboutOf } from '../sip/q850.ts'
import type { InviteFailure } from '../sip/sip-port.ts'

/** About the number or its owner, not about the trunk. */
const OF_THE_CALLEE: ReadonlySet<number> = new Set([404, 410, 480, 484, 485, 486, 487])

/** @param hasRung a 180 came: the callee's phone rang, so that a time-out or refusal is the callee's */
export function triesNextTrunk(
  { status, local, lost, q850Cause }: Omit<InviteFailure, 'detail'>,
  hasRung: boolean,
): boolean {
  if (lost || status >= 600 || status === 486) return false
  // Telephony's own word is finer than the status, which may be as vague as it likes.
  const about = aboutOf(q850Cause)
  if (about === 'callee' || about === 'number') return false
  if (status >= 500) return true
  // Ours to say only: the CANCEL crossed a challenge.
  if (local) return status === 408 && !hasRung
  if (status < 400 || hasRung) return false
  return !OF_THE_CALLEE.has(status) || about === 'route'
}
