// Events of the feed as outsiders get them, by webhook and by WebSocket: one message each, the call as it stands added.
import { Type, type Static } from '@fastify/type-provider-typebox'
import { rfc3339 } from '#core/contracts'
import { callSchema, viewCall, type CallView } from '../calls/call-view.ts'
import type { Database } from '../db/database.ts'
import type { CallRow } from '../db/schema.ts'
import type { FeedEvent } from './feed.ts'

export const feedMessageSchema = Type.Object(
  {
    id: Type.String({ description: 'Grows with every event; resume behind it' }),
    type: Type.String(),
    at: Type.String({ format: 'date-time' }),
    call_id: Type.Union([Type.String(), Type.Null()]),
    data: Type.Object(
      { call: Type.Optional(callSchema) },
      { additionalProperties: true, description: 'The rest of the fields depend on the type' },
    ),
  },
  { additionalProperties: false },
)

export type FeedMessage = Omit<Static<typeof feedMessageSchema>, 'data'> & {
  readonly data: Readonly<Record<string, unknown>> & { readonly call?: CallView }
}

/** Of `call.*` events alone: who is told of them has not asked for the call. */
const carriesCall = ({ type, callId }: FeedEvent): boolean =>
  callId !== null && type.startsWith('call.')

/** The messages of these events, in their order. One query, however many they are. */
export async function viewFeed(
  { query }: Pick<Database, 'query'>,
  events: readonly FeedEvent[],
): Promise<readonly FeedMessage[]> {
  const ids = new Set(events.filter(carriesCall).map(({ callId }) => callId ?? ''))
  const rows =
    ids.size === 0
      ? []
      : await query
          .selectFrom('calls')
          .selectAll()
          .where('call_id', 'in', [...ids])
          .execute()
  const calls = new Map(rows.map((row) => [row.call_id, row]))
  return events.map((event) =>
    viewFeedEvent(event, carriesCall(event) ? calls.get(event.callId ?? '') : undefined),
  )
}

/** @param call as it stands now; without it the message has the facts alone */
export const viewFeedEvent = (event: FeedEvent, call: CallRow | undefined): FeedMessage => ({
  id: String(event.position),
  type: event.type,
  at: rfc3339(event.at),
  call_id: event.callId,
  data: call ? { ...event.data, call: viewCall(call) } : event.data,
})
