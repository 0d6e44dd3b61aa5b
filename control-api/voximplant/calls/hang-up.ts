// Ending a call at Voximplant: its scenario is told to, again while nobody knows whether it heard. Before it has fetched
// what it is to do it never will: then nobody is dialled.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Termination } from '#core/contracts'
import { inBackground } from '#core/telemetry'
import type { VoximplantCall } from './voximplant-call.ts'
import type { LiveDesk } from './live-desk.ts'

/** Decides how it ends, and sees to that it does. */
export function hangUp(desk: LiveDesk, call: VoximplantCall, ending: Termination): void {
  call.end(ending)
  call.keep()
  inBackground(repeat(desk, call), call.logger, 'ending a call')
}

/** No session is asked more often. */
const PAUSE_MS = 2000

/** It was to end, and goes on: whoever told it to did not know where, or was not heard. */
export function hangUpAgain(desk: LiveDesk, call: VoximplantCall): void {
  if (call.ending === null || call.isFinished) return
  const { hungUpAt } = call
  if (hungUpAt !== null && desk.clock.now() - hungUpAt < PAUSE_MS) return
  inBackground(tell(desk, call), call.logger, 'ending a call again')
}

/** One that goes on behind them all is looked up. */
async function repeat(desk: LiveDesk, call: VoximplantCall): Promise<void> {
  for (const waitMs of desk.timing.hangUpWaitsMs) {
    if (waitMs > 0) await sleep(waitMs, undefined, { ref: false })
    if (call.isFinished) return
    await tell(desk, call)
  }
}

async function tell(desk: LiveDesk, call: VoximplantCall): Promise<void> {
  const { sessionId, controlUrl } = call
  // Whoever finds it sees that it is to end.
  if (sessionId === null || controlUrl === null) return
  call.hungUpAt = desk.clock.now()
  const application = await desk.applications.find(call.applicationId)
  if (!application) return
  await desk.door.hangUp({ controlUrl, sessionId, key: application.signingKey }, (why) => {
    call.logger.warn({ why }, 'a session of Voximplant was not told to hang up')
  })
}
