// How the process before this one ended, in the metrics; and what of this one's end is more than a drain.
import type { CallEvents } from '#core/contracts'
import { STOPS, type Metrics } from '#core/telemetry'
import type { StopNote } from './db/stop-note.ts'

interface StopDeps {
  readonly metrics: Pick<Metrics, 'set'>
  readonly events: Pick<CallEvents, 'subscribe'>
}

export function exposeStop(note: Pick<StopNote, 'previous' | 'say'>, deps: StopDeps): void {
  for (const how of STOPS) deps.metrics.set('previous_stop', how === note.previous ? 1 : 0, { how })
  deps.events.subscribe((event) => {
    // Whoever cuts off a call because we end says so in its Termination: the gateway, and telephony vendors.
    if (event.type === 'call.ended' && event.data.termination.reason === 'shutdown')
      note.say('forced')
  })
}
