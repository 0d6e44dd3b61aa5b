// Ending a call at Twilio. Asked for again while nobody knows whether it was heard: a call that goes on costs money.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Termination } from '#core/contracts'
import type { TwilioRest } from './client.ts'
import type { TwilioCall } from './twilio-call.ts'

/** Before each attempt. */
const WAITS_MS = [0, 1000, 3000, 9000]
/** Its status callback comes within moments; else Twilio is asked. */
const ASK_AFTER_MS = 5000

/** Decides how it ends, and sees to that it does. Never rejects. */
export async function hangUp(
  rest: Pick<TwilioRest, 'updateCall'>,
  call: TwilioCall,
  ending: Termination,
): Promise<void> {
  call.end(ending)
  // The agent first: it costs most.
  await call.audio?.close('we hang up')
  for (const waitMs of WAITS_MS) {
    if (waitMs > 0) await sleep(waitMs, undefined, { ref: false })
    // Twilio has no call of this id yet: whoever finds it sees that it is to end.
    if (call.isFinished || call.sid === null) return
    const answer = await rest.updateCall(call.sid, { status: 'completed' })
    switch (answer.kind) {
      case 'ok':
        call.tell({ status: answer.value.status })
        call.askAfter(ASK_AFTER_MS)
        return
      case 'refused':
        // It has ended before: how, Twilio is asked.
        call.askAfter(0)
        return
      case 'failed':
      case 'unknown':
        call.logger.warn({ err: answer.error }, 'Twilio was not told to end a call')
        break
      default:
        answer satisfies never
    }
  }
  call.askAfter(ASK_AFTER_MS)
}
