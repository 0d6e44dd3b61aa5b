// A session of the history as the rows of a call that nobody had told of: it has ended, and nothing is known of it but
// what the history says.
import { epochMs, newCallId, type CallEvent, type CallId, type EpochMs } from '#core/contracts'
import { newCallRow } from '../../calls/call-row.ts'
import { wantedPosition } from '../../calls/call-position.ts'
import type { CallRow } from '../../db/schema.ts'
import type { ApplicationRow } from '../applications/application-store.ts'
import { newVendorCall, type VendorCallRow } from '../calls/call-store.ts'
import type { HistoryRecord, HistorySession } from '../vendor/vendor-answer.ts'
import { decodeCustomData } from './custom-data.ts'
import { historyHash } from './history-hash.ts'
import { outcomeOfSession, type SessionOutcome } from './session-outcome.ts'

export interface SessionRows {
  readonly call: CallRow
  readonly vendorCall: VendorCallRow
  readonly events: readonly CallEvent[]
  readonly conversationId: string | null
}

/** What the rows of sessions have in common. */
export interface SessionContext {
  readonly application: ApplicationRow
  readonly vendorAccountId: string
  readonly currency: string | null
  readonly agentPricePerMinute: number
  /** Whether its transcript and its audio are still to be had. */
  readonly isKept: (what: 'audio' | 'words', startedAt: number) => boolean
  readonly now: EpochMs
}

const MOST_REASON = 200
const UNKNOWN_NUMBER = 'unknown'

export function rowsOfSession(session: HistorySession, context: SessionContext): SessionRows {
  const { application, vendorAccountId, now } = context
  const how = outcomeOfSession(session)
  const { conversationId } = decodeCustomData(session.customData)
  const call = callOf(session, how, { ...context, conversationId })
  const record = recordOf(session)
  const vendorCall = newVendorCall({
    call_id: call.call_id,
    vendor_account_id: vendorAccountId,
    application_id: application.application_id,
    session_id: session.sessionId,
    state: 'over',
    recording_url: record?.url ?? null,
    record_id: record?.recordId ?? null,
    history_hash: historyHash(session),
    created_at: now,
    ended_at: call.ended_at,
  })
  return { call, vendorCall, events: eventsOf(session, call, how), conversationId }
}

/** The one that is listened to: the longest that can be had. */
export function recordOf({ records }: HistorySession): HistoryRecord | undefined {
  const seconds = (record: HistoryRecord): number => record.durationSeconds ?? 0
  return records
    .filter(({ url }) => url !== null)
    .reduce<HistoryRecord | undefined>(
      (found, one) => (found === undefined || seconds(one) > seconds(found) ? one : found),
      undefined,
    )
}

type CallContext = SessionContext & { readonly conversationId: string | null }

function callOf(session: HistorySession, how: SessionOutcome, context: CallContext): CallRow {
  const { application, currency, agentPricePerMinute, conversationId } = context
  const { leg, direction, ending } = how
  const [ours, theirs] = [
    writtenNumber(leg?.localNumber ?? null) ?? application.phone_number,
    writtenNumber(leg?.remoteNumber ?? null),
  ]
  const [from, to] = direction === 'inbound' ? [theirs, ours] : [ours, theirs]
  const createdAt = epochMs(session.startedAt)
  const times = timesOf(session, how)
  const row = newCallRow(
    {
      callId: newCallId(),
      direction,
      from,
      to: to ?? UNKNOWN_NUMBER,
      trunk: 'voximplant',
      provider: 'voximplant',
      createdAt,
      metadata: {},
    },
    agentPricePerMinute,
  )
  const isOurs = conversationId !== null || session.ruleName === application.rule_name
  return {
    ...row,
    ...times,
    position: wantedPosition(createdAt) + withinSecond(session.sessionId),
    application_id: application.application_id,
    status: 'ended',
    outcome: how.outcome,
    termination_result: ending.result,
    termination_reason: ending.reason,
    termination_by: ending.by,
    termination_sip_status: ending.sipStatus,
    agent_id: isOurs ? application.elevenlabs_agent_id : null,
    conversation_id: conversationId,
    telephony_cost: session.cost,
    telephony_currency: currency,
  }
}

/** Of a call that was picked up, its talk as the vendor counts it; else the whole session. */
function timesOf(session: HistorySession, { leg, isAnswered }: SessionOutcome) {
  const begun = leg?.startedAt ?? session.startedAt
  const sessionEnd = session.startedAt + (session.durationSeconds ?? 0) * 1000
  const talkEnd = begun + (leg?.durationSeconds ?? 0) * 1000
  return {
    invited_at: leg === undefined ? null : begun,
    answered_at: isAnswered ? begun : null,
    ended_at: isAnswered ? talkEnd : Math.max(begun, sessionEnd),
  }
}

/**
 * The history tells of whole seconds, in which many calls may have begun: each has a place of its own within its second,
 * as long as no other has drawn the same.
 */
const withinSecond = (sessionId: string): number => {
  let mixed = 0
  for (const digit of sessionId) mixed = (Math.imul(mixed, 31) + digit.charCodeAt(0)) >>> 0
  return (Math.imul(mixed, 0x9e37_79b1) >>> 0) % 1_000_000
}

/** The vendor writes numbers without their plus; names of SIP stay as they are. */
export const writtenNumber = (text: string | null): string | null =>
  text === null || text === '' ? null : /^\d{7,15}$/.test(text) ? `+${text}` : text

function eventsOf(
  session: HistorySession,
  call: CallRow,
  { direction, leg, ending, outcome, code }: SessionOutcome,
): readonly CallEvent[] {
  const about = (at: number) => ({ callId: call.call_id as CallId, at: epochMs(at) })
  const { invited_at: invited, answered_at: answered, ended_at: ended } = call
  const end = about(ended ?? session.startedAt)
  const detail = leg?.endReason ?? session.finishReason
  return [
    ...(invited === null
      ? []
      : [
          {
            ...about(invited),
            type: 'provider.invited' as const,
            data: { direction, providerCallId: session.sessionId },
          },
        ]),
    ...(answered === null
      ? []
      : [{ ...about(answered), type: 'provider.answered' as const, data: {} }]),
    {
      ...end,
      type: 'provider.ended',
      data: {
        status: outcome,
        sipStatus: code,
        errorCode: null,
        ...(detail === null ? {} : { detail: detail.slice(0, MOST_REASON) }),
      },
    },
    { ...end, type: 'call.ended', data: { termination: ending } },
  ]
}
