// One connection of Twilio Media Streams, from its first message to its end: the token first, then the agent, both ways of
// the audio, and the agent's end with that of the connection, however it comes.
//
//   waiting ─(start, with the token)─▶ opening ─▶ open ─▶ closed
//      └──────────(5 s, or anything wrong)──────────────▶ closed (1008)
import type { WebSocket } from '@fastify/websocket'
import {
  ms,
  type AgentTarget,
  type AnswerEvidence,
  type MediaBridge,
  type MediaEvent,
  type RecordingAction,
  type RecordingPolicy,
  type StreamSession,
  type StreamSink,
} from '#core/contracts'
import { TimerSet } from '#core/lifecycle'
import { inBackground, type LabelsOf, type Logger, type Metrics } from '#core/telemetry'
import {
  clearMessage,
  decodeStreamMessage,
  markMessage,
  mediaMessage,
  type StreamStart,
} from './stream-message.ts'
import type { CallAudio, TwilioCall } from './twilio-call.ts'

export interface StreamTiming {
  /** From the connection to its `start`. */
  readonly startMs: number
  /** Without a word of Twilio, which sends fifty a second: the connection is dead. */
  readonly idleMs: number
}

export const STREAM_TIMING: StreamTiming = { startMs: 5000, idleMs: 10_000 }

/** Who may open which agent: asked once, with the stream's first message. */
export interface AdmittedStream {
  readonly call: TwilioCall
  readonly agent: AgentTarget
  readonly recording: RecordingPolicy
  /** Undefined when the call is not answered, over, or had its stream: then there is no agent. */
  begin(audio: CallAudio): AnswerEvidence | undefined
  /** Told of everything that the session reports. */
  onMedia(event: MediaEvent): void
}

export interface MediaStreamDeps {
  readonly logger: Logger
  readonly metrics: Pick<Metrics, 'add'>
  readonly bridge: () => MediaBridge | undefined
  /** Undefined: the token is not good, or not any more. */
  readonly admit: (start: StreamStart) => Promise<AdmittedStream | undefined>
}

/** RFC 6455 §7.4.1. */
const CLOSE_NORMAL = 1000
const CLOSE_POLICY = 1008
const CLOSE_OUR_FAULT = 1011

/** Some ten seconds of audio that nobody reads: what is more would only be heard too late. */
const MAX_UNSENT_BYTES = 128 * 1024
/** Audio that comes while the session opens: four seconds. */
const MAX_EARLY = 200
/** What makes no sense is borne for a while: a newer Twilio may say new things. */
const MAX_MALFORMED = 100

export class MediaStream implements CallAudio {
  readonly #deps: MediaStreamDeps
  readonly #socket: WebSocket
  readonly #timers = new TimerSet()
  readonly #closed = Promise.withResolvers<undefined>()
  #logger: Logger
  #state: 'waiting' | 'opening' | 'open' | 'closed' = 'waiting'
  #admitted: AdmittedStream | undefined
  #session: StreamSession | undefined
  #streamSid = ''
  #early: { readonly ulaw: Uint8Array<ArrayBuffer>; readonly atMs: number }[] = []
  #heardAt = performance.now()
  #malformed = 0
  #isEnding = false

  constructor(deps: MediaStreamDeps, socket: WebSocket, timing: StreamTiming = STREAM_TIMING) {
    this.#deps = deps
    this.#socket = socket
    this.#logger = deps.logger
    socket.on('message', (data: Buffer, isBinary: boolean) => this.#take(data, isBinary))
    socket.on('ping', (data: Buffer) => {
      if (socket.bufferedAmount === 0) socket.pong(data)
    })
    socket.on('close', () => this.#end('Twilio closed the stream'))
    this.#timers.after(ms(timing.startMs), () => {
      if (this.#state === 'waiting') this.#refuse('no-start')
    })
    const watch = setInterval(() => this.#watch(timing.idleMs), timing.idleMs / 4).unref()
    void this.#closed.promise.then(() => clearInterval(watch))
  }

  /** Resolves when agent and connection are gone. */
  get closed(): Promise<undefined> {
    return this.#closed.promise
  }

  close(detail: string): Promise<void> {
    this.#end(detail)
    return this.#closed.promise
  }

  record(action: RecordingAction): void {
    this.#session?.record(action)
  }

  answerTool(toolCallId: string, result: string, isError: boolean): void {
    this.#session?.answerTool(toolCallId, result, isError)
  }

  /** The peer broke the protocol, or its connection broke. */
  failed(): void {
    this.#socket.terminate()
  }

  #take(data: Buffer, isBinary: boolean): void {
    this.#heardAt = performance.now()
    if (this.#state === 'closed') return
    const message = isBinary
      ? ({ kind: 'malformed' } as const)
      : decodeStreamMessage(data.toString())
    switch (message.kind) {
      case 'start':
        if (this.#state !== 'waiting') this.#odd()
        else inBackground(this.#open(message.start), this.#logger, 'opening a stream')
        break
      case 'media':
        this.#hear(message.ulaw, message.atMs)
        break
      case 'dtmf':
        this.#session?.pressed(message.digit)
        break
      case 'mark':
        this.#session?.played(message.name)
        break
      case 'stop':
        this.#end('Twilio stopped the stream')
        break
      case 'malformed':
        this.#odd()
        break
      case 'connected':
      case 'other':
        break
      default:
        message satisfies never
    }
  }

  async #open(start: StreamStart): Promise<void> {
    this.#state = 'opening'
    const admitted = await this.#deps.admit(start)
    if (this.#isOver()) return
    const bridge = this.#deps.bridge()
    if (!admitted) {
      this.#refuse('token')
      return
    }
    const { call, agent, recording } = admitted
    this.#logger = this.#deps.logger.child({ callId: call.identity.callId })
    if (!bridge || !start.isTelephone) {
      this.#refuse(bridge ? 'format' : 'no-bridge', CLOSE_OUR_FAULT)
      return
    }
    this.#streamSid = start.streamSid
    const evidence = admitted.begin(this)
    if (!evidence) {
      this.#refuse('not-answered')
      return
    }
    this.#admitted = admitted
    try {
      const session = await bridge.openStream({
        callId: call.identity.callId,
        recording,
        onEvent: (event) => this.#onMedia(event),
        sink: this.#sink(),
      })
      this.#session = session
      if (this.#isOver()) {
        await session.close()
        return
      }
      session.openAgent(agent, evidence)
      this.#state = 'open'
      for (const { ulaw, atMs } of this.#early.splice(0)) session.receive(ulaw, atMs)
    } catch (error) {
      this.#logger.error({ err: error }, 'a stream of Twilio found no agent')
      this.#end('there is no agent for it')
    }
  }

  #hear(ulaw: Uint8Array<ArrayBuffer>, atMs: number): void {
    if (this.#state === 'open') this.#session?.receive(ulaw, atMs)
    else if (this.#state === 'opening' && this.#early.length < MAX_EARLY)
      this.#early.push({ ulaw, atMs })
    else this.#deps.metrics.add('twilio_stream_frames_dropped_total', 1, { direction: 'caller' })
  }

  #onMedia(event: MediaEvent): void {
    this.#admitted?.onMedia(event)
    // All that it said was heard: the session tells it no sooner.
    if (event.type === 'agent.closed') this.#end(`the agent is gone (${event.data.reason})`)
  }

  #sink(): StreamSink {
    const socket = this.#socket
    const sid = this.#streamSid
    return {
      audio: (ulaw) => {
        if (socket.bufferedAmount <= MAX_UNSENT_BYTES) this.#say(mediaMessage(sid, ulaw))
        else this.#deps.metrics.add('twilio_stream_frames_dropped_total', 1, { direction: 'agent' })
      },
      clear: () => this.#say(clearMessage(sid)),
      mark: (name) => this.#say(markMessage(sid, name)),
    }
  }

  #say(message: string): void {
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.send(message)
  }

  #odd(): void {
    this.#malformed += 1
    this.#deps.metrics.add('twilio_stream_errors_total', 1, { reason: 'malformed' })
    if (this.#malformed > MAX_MALFORMED) this.#refuse('malformed', 1002)
  }

  #refuse(reason: LabelsOf<'twilio_stream_errors_total'>['reason'], code = CLOSE_POLICY): void {
    this.#deps.metrics.add('twilio_stream_errors_total', 1, { reason })
    this.#logger.warn({ reason }, 'a stream of Twilio is refused')
    this.#end(`refused (${reason})`, code)
  }

  /** `closing` is bounded by the library; a peer that is silent is not waited for. */
  #watch(idleMs: number): void {
    if (performance.now() - this.#heardAt < idleMs) return
    this.#deps.metrics.add('twilio_stream_errors_total', 1, { reason: 'idle' })
    this.#socket.terminate()
    this.#end('nothing came any more')
  }

  /** Asked again behind each wait. */
  #isOver(): boolean {
    return this.#state === 'closed'
  }

  #end(detail: string, code = CLOSE_NORMAL): void {
    if (this.#isEnding) return
    this.#isEnding = true
    this.#state = 'closed'
    this.#timers.clear()
    this.#early = []
    inBackground(this.#close(detail, code), this.#logger, 'closing a stream')
  }

  /** The agent first; then the connection, behind which Twilio goes on with the call. */
  async #close(detail: string, code: number): Promise<void> {
    const closing = this.#session?.close()
    this.#socket.close(code)
    this.#admitted?.call.streamStopped(detail)
    try {
      await closing
    } finally {
      this.#closed.resolve(undefined)
    }
  }
}
