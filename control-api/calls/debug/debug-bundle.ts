// Everything about one call that support needs, in one document: record, timeline, silences (by its events alone), log
// lines, SIP messages and their capture, webhooks, jobs, the vendor's side, versions.
import { Type, type Static } from '@fastify/type-provider-typebox'
import { epochMs, rfc3339, type SipTraceResult } from '#core/contracts'
import type { CallLines } from '#core/telemetry'
import type { CallEventRow, CallRow } from '../../db/schema.ts'
import { callSchema, viewCall } from '../call-view.ts'
import { decodeCallEvent } from '../repository.ts'
import { findSilences } from '../silence/find-silences.ts'
import { silencesSchema, viewSilences } from '../silence/silences-view.ts'
import { callIdsOf } from '../sip-summary.ts'
import { timelineItemSchema, timesOf, viewTimeline } from '../timeline-view.ts'
import { papersSchema, type CallPapers } from './call-papers.ts'
import { PCAP_NOTE, renderPcap } from './pcap.ts'

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
    pcap: Type.Union([
      Type.Object(
        {
          base64: Type.String({ description: 'The file of `?format=pcap`' }),
          note: Type.String(),
        },
        strict,
      ),
      Type.Null(),
    ]),
  },
  strict,
)

const logsSchema = Type.Object(
  {
    available: Type.Boolean(),
    why: Type.Optional(Type.String({ description: 'Why there are no lines, or not all of them' })),
    items: Type.Array(Type.Record(Type.String(), Type.Unknown()), {
      description: 'As they were logged, personal data masked, oldest first',
    }),
  },
  strict,
)

export const debugBundleSchema = Type.Object(
  {
    made_at: Type.String({ format: 'date-time' }),
    call: callSchema,
    timeline: Type.Array(timelineItemSchema),
    silences: silencesSchema,
    logs: logsSchema,
    sip: sipSchema,
    ...papersSchema,
    software: Type.Object({ version: Type.String(), node: Type.String() }, strict),
  },
  strict,
)

export interface DebugBundleParts {
  readonly row: CallRow
  readonly events: readonly CallEventRow[]
  readonly trace: SipTraceResult
  /** Undefined: no line is kept. */
  readonly logs: CallLines | undefined
  readonly papers: CallPapers
  readonly version: string
}

export function viewDebugBundle(parts: DebugBundleParts): Static<typeof debugBundleSchema> {
  const { row, events, trace, logs, papers, version } = parts
  const messages = trace.kind === 'kept' ? trace.messages : []
  return {
    made_at: rfc3339(epochMs(Date.now())),
    call: viewCall(row),
    timeline: viewTimeline(row.created_at, events, messages),
    silences: viewSilences(row.created_at, findSilences(events.map(decodeCallEvent))),
    logs: viewLogs(logs),
    sip: viewTrace(row, callIdsOf(events).length, trace),
    ...papers,
    software: { version, node: process.version },
  }
}

function viewLogs(logs: CallLines | undefined): Static<typeof logsSchema> {
  if (logs === undefined) {
    const why =
      'No line about this call is kept: only those of the last calls of this run are. The log itself has all.'
    return { available: false, why, items: [] }
  }
  return {
    available: true,
    ...(logs.dropped === 0 ? {} : { why: `${logs.dropped} lines before these are kept no more.` }),
    items: logs.lines.map((line) => JSON.parse(line) as Record<string, unknown>),
  }
}

function viewTrace(row: CallRow, invites: number, trace: SipTraceResult): Static<typeof sipSchema> {
  const none = whyNoMessages(invites, trace)
  if (trace.kind === 'unavailable' || none !== undefined)
    return {
      available: false,
      ...(none === undefined ? {} : { why: none }),
      messages: [],
      pcap: null,
    }
  const { messages } = trace
  const why = whatIsMissing(row, trace)
  return {
    available: true,
    ...(why === undefined ? {} : { why }),
    messages: messages.map(({ at, ...message }) => ({
      ...timesOf(row.created_at, at),
      ...message,
    })),
    pcap: { base64: renderPcap(messages).toString('base64'), note: PCAP_NOTE },
  }
}

/** Undefined when there are some. */
export function whyNoMessages(invites: number, trace: SipTraceResult): string | undefined {
  if (trace.kind === 'unavailable') return trace.why
  if (trace.messages.length > 0) return undefined
  return invites === 0
    ? 'No INVITE of this call was sent or received.'
    : 'The messages of this call are kept no more: only the last ones of this run are.'
}

function whatIsMissing(
  row: CallRow,
  { cutOff, keptSince }: Extract<SipTraceResult, { kind: 'kept' }>,
): string | undefined {
  if (keptSince > row.created_at) return 'The first messages of this call are kept no more.'
  return cutOff ? 'There are more messages than these: the first ones are shown.' : undefined
}
