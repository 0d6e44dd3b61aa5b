// Calls over REST: placed, looked at, listed, ended or led elsewhere (twilio.com/docs/voice/api/call-resource).
import { isE164 } from './e164.ts'
import type { LiveCall } from './live-call.ts'
import type { OutboundCall } from './outbound-call.ts'
import type { RecordingStart } from './recordings.ts'
import { restError, type RestAnswer } from './rest-answer.ts'
import { callView, pageView, type ViewDeps } from './rest-views.ts'
import type { DocumentSource } from './scene.ts'
import type { CallbackTarget } from './status-callbacks.ts'
import type { HttpMethod } from './twiml-verbs.ts'

export interface PlacedCall {
  readonly from: string
  readonly to: string
  readonly statusCallback: CallbackTarget | undefined
  readonly plan: OutboundCall
  /** Begins at the answer. */
  readonly recording: RecordingStart | undefined
}

export interface CallsDeps {
  readonly phoneNumber: string
  readonly calls: readonly LiveCall[]
  readonly view: () => ViewDeps
  readonly place: (asked: PlacedCall) => LiveCall
}

const RING_SECONDS = 60
const LIMIT_SECONDS = 4 * 60 * 60
const MOST_TWIML = 4000

export function createCall(deps: CallsDeps, form: URLSearchParams): RestAnswer {
  const to = form.get('To')
  const from = form.get('From')
  if (!to) return restError(21201)
  if (!isE164(to)) return restError(21211)
  if (!from) return restError(21213)
  if (!isE164(from)) return restError(21212)
  if (from !== deps.phoneNumber) return restError(21210)
  const source = sourceOf(form)
  if (source === undefined) return restError(21205)
  const limit = Number(form.get('TimeLimit') ?? LIMIT_SECONDS)
  const plan: OutboundCall = {
    source,
    ringSeconds: Number(form.get('Timeout') ?? RING_SECONDS),
    limitSeconds: limit,
    machineDetection: detectionOf(form),
  }
  const recording = form.get('Record') === 'true' ? recordingOf(form, 'OutboundAPI') : undefined
  const statusCallback = callbackOf(form)
  const call = deps.place({ from, to, statusCallback, plan, recording })
  return { status: 201, body: callView(call, deps.view()) }
}

export function updateCall(deps: CallsDeps, call: LiveCall, form: URLSearchParams): RestAnswer {
  const status = form.get('Status')
  if (status === 'canceled' || status === 'completed') {
    const isRinging = call.startedAt === null
    if (call.isOver) return restError(21220)
    if (isRinging && call.direction === 'outbound-api') call.end('canceled')
    else if (status === 'completed') call.end('completed')
    return { status: 200, body: callView(call, deps.view()) }
  }
  const source = sourceOf(form)
  if (source === undefined) return restError(21205)
  if (call.onReplaced === undefined || call.isOver) return restError(21220)
  call.onReplaced(source)
  return { status: 200, body: callView(call, deps.view()) }
}

export function listCalls(deps: CallsDeps, url: URL): RestAnswer {
  const { searchParams } = url
  const is = (name: string, value: string): boolean =>
    !searchParams.has(name) || searchParams.get(name) === value
  const after = dateOf(searchParams.get('StartTime>'), -Infinity)
  const before = dateOf(searchParams.get('StartTime<'), Infinity)
  const fitting = deps.calls.filter((call) => {
    const at = call.startedAt ?? call.createdAt
    // To the second, as the vendor keeps it.
    const second = Math.floor(at / 1000) * 1000
    return (
      is('To', call.to) &&
      is('From', call.from) &&
      is('Status', call.status) &&
      is('ParentCallSid', call.parentSid ?? '') &&
      second >= Math.floor(after / 1000) * 1000 &&
      second <= before
    )
  })
  const view = deps.view()
  const body = pageView('calls', fitting.reverse(), (call) => callView(call, view), url)
  return { status: 200, body }
}

const dateOf = (text: string | null, otherwise: number): number =>
  text === null || Number.isNaN(Date.parse(text)) ? otherwise : Date.parse(text)

function sourceOf(form: URLSearchParams): DocumentSource | undefined {
  const url = form.get('Url')
  const twiml = form.get('Twiml')
  if (url !== null) {
    if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return undefined
    const fallbackUrl = form.get('FallbackUrl') ?? undefined
    return { kind: 'url', url, method: methodOf(form.get('Method')), fallbackUrl }
  }
  if (twiml === null || twiml.length > MOST_TWIML) return undefined
  return { kind: 'twiml', twiml }
}

function callbackOf(form: URLSearchParams): CallbackTarget | undefined {
  const url = form.get('StatusCallback')
  if (url === null) return undefined
  const asked = form.getAll('StatusCallbackEvent').flatMap((events) => events.split(' '))
  const events = asked.length === 0 ? ['completed'] : asked
  return { url, method: methodOf(form.get('StatusCallbackMethod')), events }
}

function detectionOf(form: URLSearchParams): OutboundCall['machineDetection'] {
  const kind = form.get('MachineDetection')
  if (kind !== 'Enable' && kind !== 'DetectMessageEnd') return undefined
  const url = form.get('AsyncAmdStatusCallback')
  const isAsync = form.get('AsyncAmd') === 'true' && url !== null
  const method = methodOf(form.get('AsyncAmdStatusCallbackMethod'))
  return {
    detectsMessageEnd: kind === 'DetectMessageEnd',
    callback: isAsync ? { url, method } : undefined,
  }
}

export function recordingOf(form: URLSearchParams, source: string): RecordingStart {
  const asked = form.getAll('RecordingStatusCallbackEvent').flatMap((events) => events.split(' '))
  return {
    source,
    channels: form.get('RecordingChannels') === 'dual' ? 2 : 1,
    track: form.get('RecordingTrack') ?? 'both',
    statusCallback: form.get('RecordingStatusCallback') ?? undefined,
    method: methodOf(form.get('RecordingStatusCallbackMethod')),
    events: asked.length === 0 ? ['completed'] : asked,
  }
}

const methodOf = (text: string | null): HttpMethod => (text === 'GET' ? 'GET' : 'POST')
