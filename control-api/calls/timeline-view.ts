// The events of a call as REST shows them: one flat item each, snake_case, times as RFC 3339.
import { Type, type Static } from '@fastify/type-provider-typebox'
import {
  epochMs,
  rfc3339,
  type CallEventType,
  type DialogIdentity,
  type SipMessage,
} from '#core/contracts'
import type { CallEventRow } from '../db/schema.ts'
import { summarize } from './sip-summary.ts'

/** Kept to release the far end after a crash: names, numbers and the carrier's inner addresses, of no use to a reader. */
const FOR_THE_NEXT_START: Readonly<Record<string, readonly (keyof DialogIdentity | 'dialog')[]>> = {
  'sip.answered': ['localAddress', 'remoteAddress', 'routeSet', 'localSeq', 'natAddress'],
  'sip.target_refreshed': ['natAddress'],
  'transfer.answered': ['dialog'],
}

/** Of no use to a reader at all. */
const NEVER_SHOWN: ReadonlySet<string> = new Set<CallEventType>([
  'sip.invite_prepared',
  'sip.answer_prepared',
  'transfer.invite_prepared',
])

export const timelineItemSchema = Type.Object(
  {
    at: Type.String({ format: 'date-time' }),
    offset_ms: Type.Number({ description: 'Since the call was created' }),
    type: Type.String(),
  },
  { additionalProperties: true, description: 'The rest of the fields depend on the type' },
)

export type TimelineItem = Static<typeof timelineItemSchema> & Record<string, unknown>

/**
 * The events in the order in which they were recorded, and between them, by their time, the SIP messages that are still
 * kept. `call.ended` closes the story: what the wire said after it (the answer to a BYE) is in the debug bundle.
 */
export function viewTimeline(
  createdAt: number,
  events: readonly CallEventRow[],
  messages: readonly SipMessage[] = [],
): TimelineItem[] {
  const endedAt = events.find(({ type }) => type === 'call.ended')?.at ?? Number.MAX_VALUE
  const told = messages
    .filter(({ at }) => at <= endedAt)
    .map((message) => ({ at: message.at, item: viewMessage(createdAt, message) }))
  // An event that was recorded late stands where it was recorded, so it counts as no earlier than those before it.
  let latest = 0
  const facts = events
    .filter(({ type }) => !NEVER_SHOWN.has(type))
    .map((event) => {
      latest = Math.max(latest, event.at)
      return { at: latest, item: viewEvent(createdAt, event) }
    })
  // The sort is stable: at the same time the message comes before what was made of it.
  return [...told, ...facts].sort((one, other) => one.at - other.at).map(({ item }) => item)
}

function viewEvent(createdAt: number, event: CallEventRow): TimelineItem {
  const head = { ...timesOf(createdAt, event.at), type: event.type }
  const stored = JSON.parse(event.data) as Record<string, unknown>
  const data = asSnakeCase(stored, FOR_THE_NEXT_START[event.type])
  // The head is first in order and last in force: no field of an event may pass for it.
  return { ...head, ...data, ...head }
}

/** Of the message itself no more than its kind: numbers and addresses are in the debug bundle. */
const viewMessage = (createdAt: number, message: SipMessage): TimelineItem => ({
  ...timesOf(createdAt, message.at),
  type: 'sip.message',
  direction: message.direction,
  protocol: message.protocol,
  ...summarize(message.text),
})

/** A message may have passed before the call was created: the INVITE that it was created for. */
export const timesOf = (
  createdAt: number,
  at: number,
): { readonly at: string; readonly offset_ms: number } => ({
  at: rfc3339(epochMs(at)),
  offset_ms: Math.round((at - createdAt) * 1000) / 1000,
})

function asSnakeCase(
  data: Readonly<Record<string, unknown>>,
  hidden: readonly string[] = [],
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(data)
      .filter(([key]) => !hidden.includes(key))
      .map(([key, value]) => [
        key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
        viewValue(key, value),
      ]),
  )
}

/** No reader needs more digits than these; what is stored keeps them all. */
function round(key: string, value: number): number {
  if (key === 'durationMs') return Math.round(value)
  if (key === 'mos') return Math.round(value * 100) / 100
  if (key.endsWith('Ms') || /seconds$/i.test(key)) return Math.round(value * 1000) / 1000
  return value
}

function viewValue(key: string, value: unknown): unknown {
  // The one naming rule of event data: a number whose name ends in At is a time.
  if (key.endsWith('At') && typeof value === 'number') return rfc3339(epochMs(value))
  if (typeof value === 'number') return round(key, value)
  if (Array.isArray(value)) return value.map((one) => viewValue('', one))
  if (typeof value === 'object' && value !== null) {
    return asSnakeCase(value as Record<string, unknown>)
  }
  return value
}
