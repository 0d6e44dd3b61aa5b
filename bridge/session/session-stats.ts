// What a session counted, both directions in one.
import type { MediaStats } from '#core/contracts'
import type { Logger } from '#core/telemetry'
import type { Pipeline } from './pipeline.ts'

/** Everything a session counts. */
export const statsOf = ({ uplink, downlink }: Pipeline): MediaStats => ({
  received: uplink.quality(),
  sent: uplink.sentQuality(downlink.sent),
  roundTripMs: uplink.roundTripMs,
  packetsRejected: uplink.receiver.rejected,
  concealedMs: uplink.concealedMs,
  underruns: downlink.queue.underruns,
})

export function warnOfDropped({ uplink, downlink }: Pipeline, logger: Logger): void {
  const dropped = { agentMs: downlink.queue.droppedMs, callerMs: uplink.droppedMs }
  if (dropped.agentMs + dropped.callerMs > 0)
    logger.warn(dropped, 'audio dropped: agent over five minutes, caller too fast')
}
