// What the embedded SIP server counted, as metrics: read at each scrape, added as differences.
import { inBackground, isSipRejection, type Logger, type Metrics } from '#core/telemetry'
import type { EmbeddedSip, EmbeddedSipStats } from './embedded/index.ts'

/** Called by main.ts once the server runs. */
export function exposeEmbeddedSip(sip: EmbeddedSip, metrics: Metrics): void {
  const seen = new Map<string, number>()
  const grown = (name: string, total: number): number => {
    const added = total - (seen.get(name) ?? 0)
    seen.set(name, total)
    return added
  }
  metrics.onScrape('the SIP server’s counts', async () => {
    const stats = await sip.stats()
    metrics.add('sip_retransmissions_total', grown('retransmissions', stats.retransmissionsSent))
    for (const [cause, total] of turnedAway(stats)) {
      const reason = isSipRejection(cause) ? cause : 'other'
      metrics.add('sip_rejected_total', grown(cause, total), { reason })
    }
  })
}

const TOLD_EVERY_MS = 60_000

/**
 * Whoever the gate turns away reaches no application, and a carrier that calls from an address nobody listed would be a
 * counter only. Returns the function that stops it.
 */
export function tellOfStrangers(sip: EmbeddedSip, logger: Logger): () => void {
  let seen = 0
  const look = async (): Promise<void> => {
    const total = turnedAway(await sip.stats()).get('stranger') ?? 0
    if (total > seen)
      logger.warn(
        { messages: total - seen },
        'callers that no trunk knows were turned away: if one is your carrier, list its address in the trunks file',
      )
    seen = total
  }
  const timer = setInterval(
    () => inBackground(look(), logger, 'counting strangers'),
    TOLD_EVERY_MS,
  ).unref()
  return () => clearInterval(timer)
}

/** Strangers are one crowd, whether they were told or not. */
function turnedAway({ rejected, dropped }: EmbeddedSipStats): Map<string, number> {
  const { '403 stranger': told = 0, ...refused } = rejected
  const byReason = new Map(Object.entries({ ...refused, ...dropped }))
  if (told > 0) byReason.set('stranger', told + (byReason.get('stranger') ?? 0))
  return byReason
}
