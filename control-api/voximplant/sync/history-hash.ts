// What the history says of a session, as one short text: equal again, nothing has to be written.
import { createHash } from 'node:crypto'
import type { HistorySession } from '../vendor/vendor-answer.ts'

export function historyHash(session: HistorySession): string {
  const { startedAt, durationSeconds, finishReason, customData, legs, records, cost } = session
  const said = JSON.stringify([
    startedAt,
    durationSeconds,
    finishReason,
    customData,
    cost,
    legs.map((leg) => [
      leg.startedAt,
      leg.durationSeconds,
      leg.localNumber,
      leg.remoteNumber,
      leg.isIncoming,
      leg.isSuccessful,
      leg.endReason,
    ]),
    records.map((record) => [record.recordId, record.url, record.durationSeconds]),
  ])
  return createHash('sha1').update(said).digest('base64url')
}
