// What the history says of a call that is live here: the session is over, so the call is. The one place that ends a call by
// the history, for whoever has read it.
import { termination, type CallId, type Termination } from '#core/contracts'
import type { HistorySession } from '../vendor/vendor-answer.ts'
import { outcomeOfSession, type SessionOutcome } from '../sync/session-outcome.ts'
import { callIdOfCustomData } from './call-token.ts'
import { recorded } from './recorded.ts'
import { MOMENTS, type Moment, type SessionEnder, type Snapshot } from './snapshot.ts'
import type { VoximplantCall } from './voximplant-call.ts'
import type { LiveDesk } from './live-desk.ts'

/** `over`: it is not live here; `other`: that session is not this call's. */
export type SettleResult = 'settled' | 'over' | 'other'

/** Resolves when the record is closed. @throws AppError `DATABASE_UNAVAILABLE` */
export function settleFromHistory(
  desk: LiveDesk,
  callId: CallId,
  session: HistorySession,
): Promise<SettleResult> {
  const call = desk.book.find(callId)
  if (!call) return Promise.resolve('over')
  return desk.turns.take(`${call.vendorAccountId} ${session.sessionId}`, async () => {
    if (!call.isFinished) {
      if (!call.bind(session.sessionId)) return 'other'
      const outcome = outcomeOfSession(session)
      call.end(endingOf(call, outcome))
      call.learn(snapshotOf(call, session, outcome), null)
      call.logger.info('the history told of the end of a call')
    }
    await recorded(call)
    return 'settled'
  })
}

/** Its scenario may have told of an answer; the history knows who was called, and no more. */
function endingOf(
  { answeredAt, identity }: VoximplantCall,
  { isAnswered, ending }: SessionOutcome,
): Termination {
  if (isAnswered || answeredAt === null) return ending
  return termination('success', 'hangup', identity.direction === 'inbound' ? 'caller' : 'callee')
}

function snapshotOf(
  call: VoximplantCall,
  session: HistorySession,
  outcome: SessionOutcome,
): Snapshot {
  const { leg, isAnswered, code } = outcome
  const { direction } = call.identity
  const [record] = session.records
  const endedAt = Math.max(...endsOf(session)) - call.offsetMs
  const at: Record<Moment, number | null> = {
    ...NOTHING,
    started: session.startedAt - call.offsetMs,
    connected: isAnswered && leg ? leg.startedAt - call.offsetMs : null,
    recording: record?.startedAt == null ? null : record.startedAt - call.offsetMs,
    // Whole seconds there: it did not end before what its scenario has told.
    ended: Math.max(endedAt, call.lastMoment),
  }
  const ender: SessionEnder = direction === 'inbound' ? 'caller' : 'callee'
  return {
    direction,
    from: leg?.isIncoming === true ? leg.remoteNumber : (leg?.localNumber ?? null),
    to: (leg?.isIncoming === true ? leg.localNumber : leg?.remoteNumber) ?? '',
    at,
    conversationId: callIdOfCustomData(session.customData).conversationId,
    controlUrl: null,
    consent: null,
    machine: null,
    recordingUrl: record?.url ?? null,
    agentClose: null,
    ended: {
      outcome: outcome.outcome,
      by: isAnswered ? ender : 'carrier',
      code,
      reason: session.finishReason?.slice(0, 200) ?? '',
      // Whoever has read the history writes it.
      cost: null,
    },
  }
}

const endsOf = ({ startedAt, durationSeconds, legs }: HistorySession): readonly number[] => [
  startedAt + (durationSeconds ?? 0) * 1000,
  ...legs.map((leg) => leg.startedAt + (leg.durationSeconds ?? 0) * 1000),
]

const NOTHING = Object.fromEntries(MOMENTS.map((moment) => [moment, null])) as Record<Moment, null>
