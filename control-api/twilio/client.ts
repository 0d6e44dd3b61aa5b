// Twilio's REST API by its own client: the only import of it, and only when it is needed, for it takes a quarter of a
// second. What was surely not processed (429) is asked again by the client itself; nothing else is. No number, no key and
// no address is in what we say of it.
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { TwilioConfig } from '#core/config'
import { epochMs, type EpochMs } from '#core/contracts'
import { AppError } from '#core/errors'
import { type Metrics, vendorRequestBegun } from '#core/telemetry'
import type TwilioRequestClient from 'twilio/lib/base/RequestClient.js'
import { refusalOf } from './vendor-errors.ts'

export type TwilioOperation =
  | 'create_call'
  | 'get_call'
  | 'list_calls'
  | 'update_call'
  | 'start_recording'
  | 'update_recording'
  | 'get_recording_audio'
  | 'delete_recording'

export type TwilioAnswer<T> =
  | { readonly kind: 'ok'; readonly value: T }
  /** Twilio said no: nothing was done. */
  | { readonly kind: 'refused'; readonly error: AppError }
  /** No answer, or none that says so: it may have been done. */
  | { readonly kind: 'unknown'; readonly error: AppError }
  /** It surely was not done, and may be asked for again. */
  | { readonly kind: 'failed'; readonly error: AppError }

export interface VendorCall {
  readonly sid: string
  readonly status: string
  readonly direction: string
  readonly createdAt: EpochMs | null
}

export interface NewVendorCall {
  readonly to: string
  readonly from: string
  readonly url: string
  readonly statusCallback: string
  readonly ringSeconds: number
  readonly maxSeconds: number
  /** Where the word of who picked up goes; absent: it is not asked. */
  readonly machineCallback?: string | undefined
}

export interface VendorRecording {
  readonly sid: string
  readonly status: string
  readonly seconds: number
}

export interface TwilioRest {
  /** Loads the client now. */
  prepare(): Promise<void>
  createCall(call: NewVendorCall): Promise<TwilioAnswer<VendorCall>>
  getCall(sid: string): Promise<TwilioAnswer<VendorCall>>
  /** The newest of them, placed by us. */
  listCalls(to: string, from: string): Promise<TwilioAnswer<readonly VendorCall[]>>
  updateCall(
    sid: string,
    change: { readonly status: 'completed' | 'canceled' } | { readonly twiml: string },
  ): Promise<TwilioAnswer<VendorCall>>
  startRecording(sid: string, callback: string): Promise<TwilioAnswer<VendorRecording>>
  updateRecording(
    sid: string,
    status: 'paused' | 'in-progress',
  ): Promise<TwilioAnswer<VendorRecording>>
  /** Its audio, written to a file that is not there yet; whoever asked deletes it. */
  recordingAudio(
    recordingSid: string,
    path: string,
    signal: AbortSignal,
  ): Promise<TwilioAnswer<{ readonly bytes: number }>>
  /** Also when there was none. */
  deleteRecording(recordingSid: string): Promise<TwilioAnswer<boolean>>
}

type RestConfig = Pick<TwilioConfig, 'accountSid' | 'authToken' | 'baseUrl'>

const REQUEST_TIMEOUT_MS = 10_000
const AUDIO_TIMEOUT_MS = 120_000
/** Of requests that Twilio refused with 429; together some seconds. */
const MAX_RETRIES = 3
const MAX_RETRY_DELAY_MS = 2000
/** Three hours of stereo at 16 bit and 8000 Hz. */
const MAX_AUDIO_BYTES = 350 * 1024 * 1024
const LISTED = 20

export function createTwilioRest(
  metrics: Pick<Metrics, 'add' | 'observe'>,
  config: RestConfig,
): TwilioRest {
  let loading: ReturnType<typeof load> | undefined
  const client = () => (loading ??= load(config))

  async function ask<T>(
    operation: TwilioOperation,
    run: (vendor: Awaited<ReturnType<typeof load>>) => Promise<T>,
  ): Promise<TwilioAnswer<T>> {
    const ended = vendorRequestBegun(metrics, 'twilio', operation)
    const answer = await client()
      .then(run)
      .then((value) => ({ kind: 'ok', value }) as const, answerOf)
    ended(answer.kind)
    return answer
  }

  return {
    async prepare() {
      await client()
    },
    createCall: (call) =>
      ask('create_call', async ({ calls }) => viewCall(await calls.create(paramsOf(call)))),
    getCall: (sid) => ask('get_call', async ({ calls }) => viewCall(await calls(sid).fetch())),
    listCalls: (to, from) =>
      ask('list_calls', async ({ calls }) =>
        (await calls.list({ to, from, limit: LISTED })).map(viewCall),
      ),
    updateCall: (sid, change) =>
      ask('update_call', async ({ calls }) => viewCall(await calls(sid).update(change))),
    startRecording: (sid, callback) =>
      ask('start_recording', async ({ calls }) =>
        viewRecording(await calls(sid).recordings.create(recordingParams(callback))),
      ),
    updateRecording: (sid, status) =>
      ask('update_recording', async ({ calls }) =>
        viewRecording(await calls(sid).recordings('Twilio.CURRENT').update({ status })),
      ),
    recordingAudio: (sid, path, signal) =>
      ask('get_recording_audio', () => download(config, { sid, path, signal })),
    deleteRecording: async (sid) => {
      const answer = await ask('delete_recording', ({ recordings }) => recordings(sid).remove())
      const isGone = answer.kind === 'refused' && answer.error.code === 'NOT_FOUND'
      return isGone ? { kind: 'ok', value: false } : answer
    },
  }
}

/** Requests go to TWILIO_BASE_URL: the client itself knows the hosts of twilio.com alone. */
async function load({ accountSid, authToken, baseUrl }: RestConfig) {
  const { default: twilio } = await import('twilio')
  const base = new URL(baseUrl)
  type Options<T> = TwilioRequestClient.RequestOptions<T>
  class Rerouted extends twilio.RequestClient {
    override request<T>(options: Options<T>) {
      const asked = new URL(options.uri)
      asked.protocol = base.protocol
      asked.host = base.host
      asked.port = base.port
      asked.pathname = base.pathname.replace(/\/$/, '') + asked.pathname
      return super.request<T>({ ...options, uri: asked.href })
    }
  }
  const limits = {
    timeout: REQUEST_TIMEOUT_MS,
    autoRetry: true,
    maxRetries: MAX_RETRIES,
    maxRetryDelay: MAX_RETRY_DELAY_MS,
  }
  // `env`: it would read the region and the log level from the environment.
  return twilio(accountSid, authToken, { httpClient: new Rerouted(limits), env: {} })
}

const paramsOf = (call: NewVendorCall) => ({
  to: call.to,
  from: call.from,
  url: call.url,
  method: 'POST',
  statusCallback: call.statusCallback,
  statusCallbackMethod: 'POST',
  statusCallbackEvent: ['initiated', 'ringing', 'answered', 'completed'],
  timeout: call.ringSeconds,
  timeLimit: call.maxSeconds,
  ...(call.machineCallback === undefined
    ? {}
    : {
        machineDetection: 'Enable',
        asyncAmd: 'true',
        asyncAmdStatusCallback: call.machineCallback,
        asyncAmdStatusCallbackMethod: 'POST',
      }),
})

const recordingParams = (callback: string) => ({
  recordingChannels: 'dual',
  recordingTrack: 'both',
  recordingStatusCallback: callback,
  recordingStatusCallbackMethod: 'POST',
  recordingStatusCallbackEvent: ['in-progress', 'completed', 'absent'],
  trim: 'do-not-trim',
})

/** The fields we use, whatever else comes. */
interface CallFields {
  readonly sid: string
  readonly status: string
  readonly direction: string
  readonly dateCreated: Date | null
}

const viewCall = ({ sid, status, direction, dateCreated }: CallFields): VendorCall => ({
  sid,
  status,
  direction,
  createdAt: timeOf(dateCreated),
})

function timeOf(date: Date | null): EpochMs | null {
  const time = date instanceof Date ? date.getTime() : NaN
  return Number.isFinite(time) ? epochMs(time) : null
}

const viewRecording = (fields: {
  readonly sid: string
  readonly status: string
  readonly duration: string
}): VendorRecording => ({
  sid: fields.sid,
  status: fields.status,
  seconds: Math.max(0, Number(fields.duration) || 0),
})

interface Download {
  readonly sid: string
  readonly path: string
  readonly signal: AbortSignal
}

/** The client has no audio. */
async function download(
  { accountSid, authToken, baseUrl }: RestConfig,
  { sid, path, signal }: Download,
): Promise<{ bytes: number }> {
  const account = `/2010-04-01/Accounts/${encodeURIComponent(accountSid)}`
  const address = `${baseUrl.replace(/\/$/, '')}${account}/Recordings/${encodeURIComponent(sid)}.wav`
  const authorization = `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`
  const timeout = AbortSignal.timeout(AUDIO_TIMEOUT_MS)
  const response = await fetch(`${address}?RequestedChannels=2`, {
    // To where the sound is kept: fetch takes no credentials to another host.
    headers: { authorization },
    redirect: 'follow',
    signal: AbortSignal.any([signal, timeout]),
  })
  if (!response.ok || response.body === null) {
    await response.body?.cancel()
    throw refusalOf(response.status, response.status === 404 ? 20404 : undefined)
  }
  let bytes = 0
  const counted = async function* (source: AsyncIterable<Buffer>) {
    for await (const piece of source) {
      bytes += piece.length
      if (bytes > MAX_AUDIO_BYTES)
        throw new AppError('PAYLOAD_TOO_LARGE', 'The recording is too large.')
      yield piece
    }
  }
  const body = Readable.fromWeb(response.body)
  await pipeline(body, counted, createWriteStream(path, { flags: 'wx', mode: 0o600 }))
  return { bytes }
}

/** Faults of the connection before anything could leave. */
const NOT_SENT: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

/** What the client threw. Its texts quote numbers and addresses: none of them is kept. */
function answerOf(error: unknown): Exclude<TwilioAnswer<never>, { readonly kind: 'ok' }> {
  if (error instanceof AppError) {
    const isPassing = error.code === 'VENDOR_FAILED'
    return { kind: isPassing ? 'unknown' : 'refused', error }
  }
  const { status, code } = fieldsOf(error)
  if (typeof status === 'number') {
    const vendorCode = typeof code === 'number' ? code : undefined
    const refusal = refusalOf(status, vendorCode)
    if (status === 429 || vendorCode === 20429) return { kind: 'failed', error: refusal }
    // A 5xx may have done it and failed to say so.
    if (status >= 500) return { kind: 'unknown', error: refusal }
    return { kind: 'refused', error: refusal }
  }
  const fault = typeof code === 'string' ? code.slice(0, 40) : 'no answer'
  const ours = new AppError('VENDOR_FAILED', `Twilio could not be asked (${fault}).`, {
    details: { vendor: 'twilio' },
  })
  return { kind: NOT_SENT.has(fault) ? 'failed' : 'unknown', error: ours }
}

function fieldsOf(error: unknown): { readonly status?: unknown; readonly code?: unknown } {
  return typeof error === 'object' && error !== null ? error : {}
}
