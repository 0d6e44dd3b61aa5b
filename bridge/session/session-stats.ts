// What a session counted, both directions in one.
import type { MediaStats } from '#core/contracts'
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
