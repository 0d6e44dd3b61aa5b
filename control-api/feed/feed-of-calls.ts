// What the feed says of a call's events: pure. Facts without personal data; whoever delivers them adds the call.
import { epochMs, type CallEvent, type EpochMs } from '#core/contracts'
import type { CallFact } from '../calls/call-fact.ts'
import { roundTo3 } from '../view-parts.ts'
import type { FeedEvent, FeedType } from './feed.ts'

export interface FeedNews {
  readonly type: FeedType
  readonly at: EpochMs
  readonly data: FeedEvent['data']
}

export function feedOf({ row, event }: CallFact): readonly FeedNews[] {
  const { direction, provider, trunk } = row
  if (event === undefined) {
    const at = epochMs(row.created_at)
    return [{ type: 'call.created', at, data: { status: 'queued', direction, provider, trunk } }]
  }
  const news = (type: FeedType, data: FeedEvent['data']): FeedNews => ({ type, at: event.at, data })
  switch (event.type) {
    case 'sip.invite':
      return [news('call.dialing', { status: 'dialing', direction, trunk })]
    case 'sip.provisional':
      // Once: carriers repeat a 180.
      return row.ringing_at === event.at
        ? [news('call.ringing', { status: row.status, direction, trunk })]
        : []
    case 'sip.answered':
      return [news('call.answered', { status: 'answered', direction, trunk })]
    case 'agent.opened':
      return [news('agent.opened', {})]
    case 'agent.closed':
      // No reader needs more digits; the ledger keeps them all.
      return [
        news('agent.closed', {
          reason: event.data.reason,
          seconds: roundTo3(event.data.seconds),
        }),
      ]
    case 'recording.stored':
      return [news('recording.ready', { duration_ms: Math.round(event.data.durationMs) })]
    case 'consent.given':
      return [
        news('consent.given', {
          given: event.data.given,
          prompt_version: event.data.promptVersion,
          language: event.data.language,
        }),
      ]
    case 'call.reviewed':
      return [news('call.reviewed', { review_status: event.data.status })]
    case 'call.ended':
      return ended(row, event, news)
    default:
      return []
  }
}

function ended(
  row: CallFact['row'],
  { data: { termination } }: Extract<CallEvent, { type: 'call.ended' }>,
  news: (type: FeedType, data: FeedEvent['data']) => FeedNews,
): readonly FeedNews[] {
  const { result, reason, by, sipStatus } = termination
  const said = {
    status: 'ended',
    outcome: row.outcome,
    direction: row.direction,
    trunk: row.trunk,
    termination: { result, reason, by, sip_status: sipStatus },
  }
  return [
    news('call.ended', said),
    ...(row.has_transcript === 1 ? [news('transcript.ready', {})] : []),
  ]
}
