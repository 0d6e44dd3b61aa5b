// What one call may put on the disk: so many events, so much text in each and in all. A far end must not be able to fill
// it, nor to make a timeline that takes seconds to read.
import type { CallEvent, CallEventType } from '#core/contracts'

/** A two-hour talk makes some 3,000. */
export const MAX_EVENTS = 10_000
/** Letters of JSON in all events of a call; a two-hour talk makes some 600 Ki. */
export const MAX_DATA = 4 * 1024 * 1024
/** A spoken turn is some hundred bytes. */
const MAX_TEXT_BYTES = 16 * 1024
const ELLIPSIS = '…'

/**
 * Events that the audit and the ending need, kept beyond the limit. A call has few of each by itself; `sip.provisional`
 * is not among them, because a carrier may send as many as it likes.
 */
const ALWAYS_KEPT: ReadonlySet<CallEventType> = new Set([
  'sip.invite_prepared',
  'sip.invite',
  'sip.answer_prepared',
  'sip.answered',
  'sip.acknowledged',
  'sip.bye',
  'sip.cancel',
  'sip.failed',
  'sip.server_lost',
  'transfer.requested',
  'transfer.invite_prepared',
  'transfer.invite',
  'transfer.answered',
  'transfer.failed',
  'transfer.ended',
  'agent.attempted',
  'agent.attempt_failed',
  'agent.opened',
  'agent.closed',
  'recording.started',
  'recording.paused',
  'recording.resumed',
  'recording.stored',
  'recording.failed',
  'recording.empty',
  'call.reviewed',
  'call.ended',
])

export const isAlwaysKept = (type: CallEventType): boolean => ALWAYS_KEPT.has(type)

/** The event with every text cut to 16 KiB. */
export function boundEvent(event: CallEvent): CallEvent {
  return { ...event, data: boundValue(event.data) } as CallEvent
}

/** The text, or as much of it as fits with an ellipsis at its end. */
export function boundText(text: string): string {
  // No UTF-8 text has fewer bytes than UTF-16 units, nor more than three times as many.
  if (text.length * 3 <= MAX_TEXT_BYTES) return text
  const bytes = Buffer.from(text)
  if (bytes.length <= MAX_TEXT_BYTES) return text
  const room = bytes.subarray(0, MAX_TEXT_BYTES - Buffer.byteLength(ELLIPSIS))
  // `stream` leaves out a character that was cut in two.
  return new TextDecoder().decode(room, { stream: true }) + ELLIPSIS
}

function boundValue(value: unknown): unknown {
  if (typeof value === 'string') return boundText(value)
  if (Array.isArray(value)) return value.map(boundValue)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, boundValue(one)]))
}
