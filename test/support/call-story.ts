// Events of one call for tests, at so many milliseconds from its creation.
import {
  epochMs,
  termination,
  type CallEvent,
  type CallEventData,
  type CallEventType,
  type CallId,
  type TerminationReason,
} from '../../core/contracts/index.ts'
import { aDialog } from './a-dialog.ts'

export const ZERO = 1_700_000_000_000
const CALL = 'call_00000000000000000000000000000001' as CallId
const EVIDENCE = { dialog: 'd', cseq: 1, answeredAt: epochMs(ZERO) }

/** At so many milliseconds of the call. */
export const at = <T extends CallEventType>(
  ms: number,
  type: T,
  data: CallEventData[T],
): CallEvent => ({ type, callId: CALL, at: epochMs(ZERO + ms), data }) as CallEvent

export const invite = (ms: number, direction: 'outbound' | 'inbound' = 'outbound') =>
  at(ms, 'sip.invite', { direction, sipCallId: 's' })
export const provisional = (ms: number, sipStatus = 180) =>
  at(ms, 'sip.provisional', { sipStatus, earlyMedia: false })
export const answered = (ms: number) =>
  at(ms, 'sip.answered', { dialog: 'd', cseq: 1, ...aDialog() })
export const attempted = (ms: number) =>
  at(ms, 'agent.attempted', { evidence: EVIDENCE, attempt: 1 })
export const opened = (ms: number) =>
  at(ms, 'agent.opened', { evidence: EVIDENCE, upgradeSentAt: epochMs(ZERO + ms) })
export const firstAudio = (ms: number) => at(ms, 'agent.first_audio', {})
export const packet = (ms: number) => at(ms, 'media.first_packet_in', {})
/** Told when it is over. */
export const agent = (from: number, to: number) =>
  at(to, 'agent.heard', {
    ...{ eventId: 1, heardMs: to - from, spokenMs: to - from, interrupted: false },
    ...{ startedAt: epochMs(ZERO + from), endedAt: epochMs(ZERO + to) },
  })
export const caller = (ms: number, text = 'Yes, please go on.', eventId = ms) =>
  at(ms, 'agent.user_transcript', { text, eventId })
export const bye = (ms: number) => at(ms, 'sip.bye', { direction: 'received' })
export const ended = (ms: number, reason: TerminationReason = 'hangup') =>
  at(ms, 'call.ended', { termination: termination('success', reason, 'caller') })
export const closed = (ms: number, reason: CallEventData['agent.closed']['reason']) =>
  at(ms, 'agent.closed', { reason, closeCode: 1000, detail: '', seconds: 1 })

/** Answered at 1 s, with an agent that greets from 1.5 to 4 s. */
export const BEGUN = [
  invite(0),
  provisional(300),
  answered(1000),
  packet(1010),
  attempted(1005),
  opened(1200),
  firstAudio(1450),
  agent(1500, 4000),
]
