// The kinds of events that an endpoint may be told of, as people meet them in a call.
import type { CreateWebhookData } from '../../api/generated/types.gen.ts'

export type EventType = CreateWebhookData['body']['types'][number]
export type OneType = Exclude<EventType, '*'>

/** New kinds too. */
export const EVERYTHING = '*'

export const EVENT_TYPES = [
  'call.created',
  'call.dialing',
  'call.ringing',
  'call.answered',
  'call.ended',
  'call.reviewed',
  'agent.opened',
  'agent.closed',
  'transcript.ready',
  'recording.ready',
  'conversation.ready',
  'consent.given',
  'order.confirmed',
  'job.done',
] as const satisfies readonly OneType[]

/** What most programs want: one message a call, when all is known of it. */
export const USUAL_TYPES: readonly OneType[] = ['call.ended', 'transcript.ready']

export const isOneType = (text: string): text is OneType =>
  (EVENT_TYPES as readonly string[]).includes(text)

/** i18next takes a dot for a step into the words. */
export type TypeKey<T extends string> = T extends `${infer Thing}.${infer What}`
  ? `${Thing}_${What}`
  : never
export const typeKey = (type: OneType): TypeKey<OneType> =>
  type.replace('.', '_') as TypeKey<OneType>
