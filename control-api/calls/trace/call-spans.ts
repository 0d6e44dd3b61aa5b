// The trace of each call, made of its events: a root from the first to the last, and below it a span for each stretch that
// has a beginning and an end (told-spans.ts). Nothing of the call waits for it or knows of it.
import {
  ms,
  outcomeOf,
  type CallEvent,
  type CallEvents,
  type CallId,
  type EpochMs,
  type MediaStats,
  type Milliseconds,
} from '#core/contracts'
import {
  maskedText,
  requestSpanIdOf,
  rootSpanIdOf,
  traceIdOf,
  type SpanAttributes,
  type TraceSpan,
  type Tracing,
} from '#core/telemetry'
import type { CallRow } from '../../db/schema.ts'
import { TOLD, type Stretch } from './told-spans.ts'

/** Above MAX_CONCURRENT_CALLS; where more do not end, the oldest is let go. */
const MAX_CALLS = 10_500
/** A call of hours whose agent asks for tools without end. */
const MAX_SPANS = 500
/** How long what outlives its call is waited for: a recording is written and stored within minutes, or is never told of. */
const OUTLIVES_BY = ms(10 * 60_000)
const MAX_TEXT_CHARS = 128
const MAX_READ_CHARS = 1024

export interface CallSpansDeps {
  readonly events: CallEvents
  readonly tracing: Tracing
  /** The record of a call that is live or ended lately. */
  readonly find: (callId: CallId) => CallRow | undefined
  /** Other than what is right outside tests. */
  readonly maxCalls?: number
  readonly outlivesBy?: Milliseconds
}

/** A call under way. */
interface TracedCall {
  readonly root: TraceSpan
  readonly open: Map<string, OpenStretch>
  spans: number
  answered: boolean
  /** Of `machine.verdict`. */
  verdict: string | null
  failed: boolean
  /** Its root waits for what is closed behind it. */
  endedAt?: EpochMs
  deadline?: NodeJS.Timeout
}

interface OpenStretch {
  readonly stretch: Stretch
  readonly span: TraceSpan
}

/** Its end was not told. */
const UNFINISHED = { 'voicegate.unfinished': true }

/** Outlive the end of the call by a little: the root ends when they have. */
const OUTLIVING: ReadonlySet<Stretch> = new Set(['agent.session', 'recording'])

/** Returns the function that stops it; what is under way ends then. */
export function traceCalls(deps: CallSpansDeps): () => void {
  const { events, tracing, find, maxCalls = MAX_CALLS, outlivesBy = OUTLIVES_BY } = deps
  // Not a listener, not an entry: whoever has no traces pays nothing.
  if (tracing.ratio <= 0) return () => undefined
  const calls = new Map<CallId, TracedCall>()
  const letGo = (callId: CallId, call: TracedCall, at?: EpochMs): void => {
    calls.delete(callId)
    clearTimeout(call.deadline)
    for (const { span } of call.open.values()) {
      if (at === undefined) span.set(UNFINISHED)
      span.end(at === undefined ? {} : { at })
    }
    const end = call.endedAt ?? at
    if (call.endedAt === undefined) call.root.set(UNFINISHED)
    call.root.end({ ...(end === undefined ? {} : { at: end }), failed: call.failed })
  }
  const stop = events.subscribe((event) => {
    const { callId } = event
    const call = calls.get(callId) ?? beginCall(tracing, find(callId), event)
    if (!call) return
    calls.set(callId, call)
    tell(call, event)
    if (call.endedAt !== undefined) {
      if (mustWait(call)) call.deadline ??= setTimeout(letGo, outlivesBy, callId, call).unref()
      else letGo(callId, call, event.at)
    }
    const [oldest] = calls
    if (calls.size > maxCalls && oldest) letGo(...oldest)
  })
  return () => {
    stop()
    for (const [callId, call] of calls) letGo(callId, call)
  }
}

const mustWait = ({ open }: TracedCall): boolean =>
  [...open.values()].some(({ stretch }) => OUTLIVING.has(stretch))

/** Of a call that has ended nothing is begun: the next start finds what a crash left behind. */
function beginCall(
  tracing: Tracing,
  row: CallRow | undefined,
  { callId, at }: CallEvent,
): TracedCall | undefined {
  if (row === undefined || row.status === 'ended') return undefined
  const root = tracing.beginCall(callId, {
    at,
    kind: row.direction === 'inbound' ? 'server' : 'client',
    attributes: {
      'voicegate.call_id': callId,
      'voicegate.direction': row.direction,
      'voicegate.provider': row.provider,
      'voicegate.trunk': row.trunk,
      'voicegate.attempt': row.attempt,
    },
  })
  const first = row.retry_of as CallId | null
  if (first !== null)
    root.link({ traceId: traceIdOf(first), spanId: rootSpanIdOf(first), isTraced: true })
  const pickUp = { answered: row.answered_at !== null, verdict: row.machine_verdict }
  return { root, open: new Map(), spans: 0, ...pickUp, failed: false }
}

function tell(call: TracedCall, event: CallEvent): void {
  const { type, at } = event
  if (type === 'sip.answered' || type === 'provider.answered') call.answered = true
  if (type === 'machine.verdict') call.verdict = event.data.verdict
  if (type === 'sip.invite' && event.data.trunk !== undefined)
    call.root.set({ 'voicegate.trunk': event.data.trunk })
  if (type === 'media.summary') call.root.set(qualityOf(event.data))
  if (type === 'call.ended') endCall(call, event)
  const told = TOLD[type]
  if (told === undefined) return
  const data = new Map<string, unknown>(Object.entries(event.data))
  const { of, failed } = told
  const key = told.key === undefined ? of : `${of} ${String(data.get(told.key))}`
  const attributes = attributesOf(data, told.fields ?? [])
  const open = call.open.get(key)
  if (told.what === 'notes' || of === 'call') {
    const span = open?.span ?? call.root
    span.note(type, at, attributes)
  } else if (told.what === 'begins') {
    open?.span.end({ at })
    begin(call, event, { stretch: of, key, attributes })
  } else if (open) {
    call.open.delete(key)
    const isBad = failed === true || (failed?.is.includes(data.get(failed.field)) ?? false)
    open.span.end({ at, attributes, failed: isBad })
  }
}

function begin(
  call: TracedCall,
  event: CallEvent,
  {
    stretch,
    key,
    attributes,
  }: { readonly stretch: Stretch; readonly key: string; readonly attributes: SpanAttributes },
): void {
  call.open.delete(key)
  if (call.spans >= MAX_SPANS) return
  call.spans += 1
  const { callId, at } = event
  const isTool = event.type === 'agent.tool_called'
  const parent = isTool ? (call.open.get('agent.session')?.span ?? call.root) : call.root
  const span = parent.begin(stretch, {
    at,
    attributes,
    ...(isTool || stretch === 'sip.invite' ? { kind: 'client' } : {}),
    // The tool server was told it (bridge/elevenlabs/tool-server.ts).
    ...(isTool ? { spanId: requestSpanIdOf(callId, event.data.toolCallId) } : {}),
  })
  call.open.set(key, { stretch, span })
}

function endCall(
  call: TracedCall,
  { at, data: { termination } }: Extract<CallEvent, { readonly type: 'call.ended' }>,
): void {
  if (call.endedAt !== undefined) return
  call.endedAt = at
  for (const [key, { stretch, span }] of call.open) {
    if (OUTLIVING.has(stretch)) continue
    call.open.delete(key)
    span.end({ at })
  }
  const { result, reason, by, sipStatus } = termination
  call.failed = result === 'server_error' || result === 'upstream_error'
  call.root.set({
    'voicegate.outcome': outcomeOf(termination, call),
    'voicegate.termination.result': result,
    'voicegate.termination.reason': reason,
    'voicegate.termination.by': by,
    ...(sipStatus === null ? {} : { 'voicegate.sip_status': sipStatus }),
  })
}

/** `sipStatus` is `voicegate.sip_status`; what is absent or null is left out. */
function attributesOf(
  data: ReadonlyMap<string, unknown>,
  fields: readonly string[],
): SpanAttributes {
  const told: Record<string, string | number | boolean> = {}
  for (const field of fields) {
    const value = data.get(field)
    // Names and ids of others are texts still.
    if (typeof value === 'string') told[nameOf(field)] = shortened(value)
    else if (typeof value === 'number' || typeof value === 'boolean') told[nameOf(field)] = value
  }
  return told
}

function qualityOf(stats: MediaStats): SpanAttributes {
  const told: Record<string, number> = {}
  for (const direction of ['received', 'sent'] as const) {
    const { packets, lost, jitterMs, mos } = stats[direction]
    for (const [field, value] of Object.entries({ packets, lost, jitterMs, mos }))
      if (value !== null) told[nameOf(`media.${direction}.${field}`)] = value
  }
  return told
}

const nameOf = (field: string): string =>
  `voicegate.${field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}`

/** Masked first: behind the cut a number would be no number. */
const shortened = (text: string): string =>
  maskedText(text.slice(0, MAX_READ_CHARS)).slice(0, MAX_TEXT_CHARS)
