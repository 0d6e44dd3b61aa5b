// Everything about one call that support needs, in one document: record, timeline, SIP messages, versions.
import { Type, type Static } from '@fastify/type-provider-typebox'
import { epochMs, rfc3339, type SipTraceResult } from '#core/contracts'
import type { CallEventRow, CallRow } from '../db/schema.ts'
import { callSchema, viewCall } from './call-view.ts'
import { callIdsOf } from './sip-summary.ts'
import { timelineItemSchema, timesOf, viewTimeline } from './timeline-view.ts'

const strict = { additionalProperties: false }

const sipMessageSchema = Type.Object(
  {
    at: Type.String({ format: 'date-time' }),
    offset_ms: Type.Number({ description: 'Since the call was created; negative before' }),
    direction: Type.Enum(['received', 'sent']),
    protocol: Type.Enum(['udp', 'tcp', 'tls']),
    local: Type.String(),
    remote: Type.String(),
    text: Type.String({ description: 'The whole message, credentials masked' }),
  },
  strict,
)

const sipSchema = Type.Object(
  {
    available: Type.Boolean(),
    why: Type.Optional(
      Type.String({ description: 'Why there are no messages, or not all of them' }),
    ),
    messages: Type.Array(sipMessageSchema),
  },
  strict,
)

export const debugBundleSchema = Type.Object(
  {
    made_at: Type.String({ format: 'date-time' }),
    call: callSchema,
    timeline: Type.Array(timelineItemSchema),
    sip: sipSchema,
    software: Type.Object({ version: Type.String(), node: Type.String() }, strict),
  },
  strict,
)

export interface DebugBundleParts {
  readonly row: CallRow
  readonly events: readonly CallEventRow[]
  readonly trace: SipTraceResult
  readonly version: string
}

export function viewDebugBundle({
  row,
  events,
  trace,
  version,
}: DebugBundleParts): Static<typeof debugBundleSchema> {
  const messages = trace.kind === 'kept' ? trace.messages : []
  return {
    made_at: rfc3339(epochMs(Date.now())),
    call: viewCall(row),
    timeline: viewTimeline(row.created_at, events, messages),
    sip: viewTrace(row, callIdsOf(events).length, trace),
    software: { version, node: process.version },
  }
}

function viewTrace(row: CallRow, invites: number, trace: SipTraceResult): Static<typeof sipSchema> {
  if (trace.kind === 'unavailable') return { available: false, why: trace.why, messages: [] }
  const { messages } = trace
  if (messages.length === 0) {
    const why =
      invites === 0
        ? 'No INVITE of this call was sent or received.'
        : 'The messages of this call are kept no more: only the last ones of this run are.'
    return { available: false, why, messages: [] }
  }
  const why = whatIsMissing(row, trace)
  return {
    available: true,
    ...(why === undefined ? {} : { why }),
    messages: messages.map(({ at, ...message }) => ({
      ...timesOf(row.created_at, at),
      ...message,
    })),
  }
}

function whatIsMissing(
  row: CallRow,
  { cutOff, keptSince }: Extract<SipTraceResult, { kind: 'kept' }>,
): string | undefined {
  if (keptSince > row.created_at) return 'The first messages of this call are kept no more.'
  return cutOff ? 'There are more messages than these: the first ones are shown.' : undefined
}
