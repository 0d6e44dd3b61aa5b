// The life of an answered call: one TwiML document after the other, until one hangs up, or the call is ended.
import { setTimeout as sleep } from 'node:timers/promises'
import { dial } from './dial.ts'
import { gather } from './gather.ts'
import type { LiveCall } from './live-call.ts'
import { MediaStream } from './media-stream.ts'
import type { Platform } from './platform.ts'
import { playPrompts } from './prompts.ts'
import { goTo, NEXT, type DocumentSource, type Scene, type VerbEnd } from './scene.ts'
import type { FormParams } from './signature.ts'
import { talk } from './talk.ts'
import { decodeTwiml } from './twiml-document.ts'
import type { RecordingNoun, StreamNoun, Verb } from './twiml-verbs.ts'
import { baseParams } from './webhook-params.ts'
import type { WebhookAnswer } from './webhook-client.ts'

interface FoundDocument {
  readonly url: string | null
  readonly verbs: readonly Verb[]
}

/** Between the two of a repeated request. */
const AGAIN_MS = 1

/** Plays until the call is over; other TwiML (by REST) takes the place of what plays. */
export async function runCall(
  platform: Platform,
  call: LiveCall,
  first: DocumentSource,
): Promise<void> {
  let source: DocumentSource | undefined = first
  while (source !== undefined && !call.isOver) {
    const replaced = new AbortController()
    let next: DocumentSource | undefined
    call.onReplaced = (other) => {
      next = other
      replaced.abort()
    }
    const signal = AbortSignal.any([call.signal, replaced.signal])
    try {
      await playDocuments(platform, call, source, signal)
      source = undefined
    } catch (error) {
      if (!signal.aborted) throw error
      source = next
    }
  }
  call.onReplaced = undefined
  call.end('completed')
}

/** @throws when the signal aborts */
async function playDocuments(
  platform: Platform,
  call: LiveCall,
  first: DocumentSource,
  signal: AbortSignal,
): Promise<void> {
  let source: DocumentSource | undefined = first
  let keysBefore = -1
  for (let inARow = 0; source !== undefined; inARow += 1) {
    const keys = call.log.filter(({ type }) => type === 'key').length
    if (keys !== keysBefore) inARow = 0
    keysBefore = keys
    if (inARow >= platform.maxDocuments) {
      call.alert(0, `${inARow} documents in a row without a key: a loop`)
      return
    }
    const document = await fetchDocument(platform, call, source, signal)
    if (document === undefined) return
    source = await playVerbs({ platform, call, signal, documentUrl: document.url }, document.verbs)
  }
}

async function playVerbs(
  scene: Scene,
  verbs: readonly Verb[],
): Promise<DocumentSource | undefined> {
  const { call } = scene
  if (verbs[0]?.verb !== 'Reject') call.become('in-progress')
  for (const verb of verbs) {
    scene.signal.throwIfAborted()
    const end = await playVerb(scene, verb)
    switch (end.kind) {
      case 'next':
        break
      case 'hang-up':
        return undefined
      case 'reject':
        call.end(end.status)
        return undefined
      case 'goto':
        return end.source
      default:
        end satisfies never
    }
  }
  return undefined
}

async function playVerb(scene: Scene, verb: Verb): Promise<VerbEnd> {
  const { call, platform } = scene
  switch (verb.verb) {
    case 'Say':
    case 'Play':
    case 'Pause':
      return playPrompts(scene, [verb]).then(() => NEXT)
    case 'Gather':
      return gather(scene, verb)
    case 'Dial':
      return dial(scene, verb)
    case 'Redirect':
      return goTo(scene, verb.url === '' ? (scene.documentUrl ?? '') : verb.url, verb.method)
    case 'Hangup':
      return { kind: 'hang-up' }
    case 'Reject':
      return { kind: 'reject', status: verb.reason === 'busy' ? 'busy' : 'failed' }
    case 'Record':
      return record(scene, verb)
    case 'Connect':
      return connect(scene, verb)
    case 'StartStream': {
      const stream = openStream(scene, verb.stream, false)
      call.inBackground(stream.run(call.signal))
      return NEXT
    }
    case 'StopStream':
      for (const stream of call.streams) {
        if (!stream.bidirectional && (verb.name === null || stream.name === verb.name))
          stream.stop()
      }
      return NEXT
    case 'StartRecording':
      startRecording(scene, verb.recording, 'StartCallRecordingTwiML')
      return NEXT
    case 'StopRecording': {
      const current = platform.recordings.current(call.sid)
      if (current) platform.recordings.change(current.sid, 'stopped')
      return NEXT
    }
    default:
      return verb satisfies never
  }
}

async function connect(scene: Scene, verb: Extract<Verb, { verb: 'Connect' }>): Promise<VerbEnd> {
  const stream = openStream(scene, verb.stream, true)
  const over = new AbortController()
  const { script } = scene.call
  if (script.talk)
    scene.call.inBackground(
      talk(scene.call, stream, script.talk, AbortSignal.any([scene.signal, over.signal])),
    )
  await stream.run(scene.signal)
  over.abort()
  scene.signal.throwIfAborted()
  if (verb.action === undefined) return NEXT
  return goTo(scene, verb.action, verb.method, [['StreamSid', stream.sid]])
}

function openStream(scene: Scene, noun: StreamNoun, bidirectional: boolean): MediaStream {
  const stream = new MediaStream(scene, noun, bidirectional)
  scene.call.streams.push(stream)
  return stream
}

function startRecording(
  { platform, call, documentUrl }: Scene,
  { statusCallback, statusCallbackEvents, channels, track }: RecordingNoun,
  source: string,
): void {
  const url =
    statusCallback === undefined
      ? undefined
      : new URL(statusCallback, documentUrl ?? 'http://nowhere.invalid').href
  platform.recordings.start(call, {
    source,
    channels,
    track,
    statusCallback: url,
    method: 'POST',
    events: statusCallbackEvents,
  })
}

/** A stub: it records until its time is over, or a key is pressed. */
async function record(scene: Scene, verb: Extract<Verb, { verb: 'Record' }>): Promise<VerbEnd> {
  const { call, platform, signal } = scene
  startRecording(scene, verb.recording, 'RecordVerb')
  const key = new AbortController()
  const stopListening = call.listenForKeys(() => key.abort())
  const time = verb.maxSeconds * 1000 * platform.pace
  await sleep(time, undefined, { signal: AbortSignal.any([signal, key.signal]) }).catch(() =>
    signal.throwIfAborted(),
  )
  stopListening()
  const recording = platform.recordings.current(call.sid)
  if (recording === undefined) return NEXT
  platform.recordings.change(recording.sid, 'stopped')
  return goTo(scene, verb.action ?? scene.documentUrl ?? '', verb.method, [
    ['RecordingSid', recording.sid],
    ['RecordingDuration', String(call.durationSeconds)],
  ])
}

/** Undefined: there is none to be had, and the caller has been told of an application error. */
async function fetchDocument(
  platform: Platform,
  call: LiveCall,
  source: DocumentSource,
  signal: AbortSignal,
): Promise<FoundDocument | undefined> {
  if (source.kind === 'twiml') return documentOf(call, source.twiml, null)
  const { url, method, params = [], fallbackUrl } = source
  const answer = await request(platform, call, { url, method, params })
  signal.throwIfAborted()
  const document = documentFrom(call, answer)
  if (document !== undefined || fallbackUrl === undefined) return document
  const error = call.alerts.at(-1)
  const told: FormParams = [
    ['ErrorCode', String(error?.code ?? 11200)],
    ['ErrorUrl', url],
  ]
  const second = await request(platform, call, { url: fallbackUrl, method, params: told })
  signal.throwIfAborted()
  return documentFrom(call, second)
}

async function request(
  platform: Platform,
  call: LiveCall,
  {
    url,
    method,
    params,
  }: Pick<Extract<DocumentSource, { kind: 'url' }>, 'url' | 'method'> & {
    readonly params: FormParams
  },
): Promise<WebhookAnswer> {
  const { webhooks = 'once' } = call.script
  const webhook = {
    kind: 'voice',
    url,
    method,
    params: [...baseParams(platform.accountSid, call), ...params],
    forged: webhooks === 'forged',
  } as const
  if (webhooks !== 'repeated') return call.send(webhook)
  const first = call.send(webhook)
  await sleep(AGAIN_MS)
  const [answer] = await Promise.all([first, call.send(webhook)])
  return answer
}

function documentFrom(call: LiveCall, answer: WebhookAnswer): FoundDocument | undefined {
  const { status, contentType, body, url } = answer
  if (status < 200 || status >= 300) {
    const what = status === 0 ? `no answer (${answer.why ?? 'connect'})` : `status ${status}`
    call.alert(11200, `HTTP retrieval failure: ${what}`)
    return undefined
  }
  if (!/^(text|application)\/xml\b/.test(contentType)) {
    call.alert(12300, `Invalid Content-Type: ${contentType}`)
    return undefined
  }
  return documentOf(call, body.toString('utf8'), url)
}

function documentOf(call: LiveCall, twiml: string, url: string | null): FoundDocument | undefined {
  call.write({ type: 'document', url, twiml })
  const decoded = decodeTwiml(twiml)
  if (decoded.kind === 'invalid') {
    call.alert(decoded.problem.code, decoded.problem.message)
    return undefined
  }
  for (const { code, message } of decoded.warnings) call.alert(code, message)
  return { url, verbs: decoded.verbs }
}
