// A MediaBridge played by the test: it holds the real guard's promise (no agent without evidence) and reports its facts.
import {
  epochMs,
  isGenuine,
  ms,
  type AgentCloseReason,
  type AgentTarget,
  type AnswerEvidence,
  type DtmfDigit,
  type EpochMs,
  type MediaBridge,
  type MediaEvent,
  type MediaSession,
  type MediaSessionOptions,
  type MediaStats,
  type Milliseconds,
  type Prompt,
  type RecordingAction,
  type RecordingPolicy,
  type RemoteRtp,
  type StreamSession,
  type StreamSessionOptions,
  type StreamSink,
} from '../../core/contracts/index.ts'
import { AppError } from '../../core/errors/index.ts'

const NO_STREAM = { packets: 0, lost: 0, jitterMs: null, mos: null }
const NO_STATS: MediaStats = {
  received: NO_STREAM,
  sent: NO_STREAM,
  roundTripMs: null,
  packetsRejected: 0,
  concealedMs: 0,
  underruns: 0,
}

export class FakeBridge implements MediaBridge {
  readonly sessions: FakeMediaSession[] = []
  readonly streams: FakeStreamSession[] = []
  readonly #key: Uint8Array
  exhausted = false

  constructor(key: Uint8Array) {
    this.#key = key
  }
  openSession(options: MediaSessionOptions): Promise<MediaSession> {
    if (this.exhausted) return Promise.reject(new AppError('MEDIA_EXHAUSTED', 'no port'))
    const session = new FakeMediaSession(options, this.#key)
    this.sessions.push(session)
    return Promise.resolve(session)
  }
  openStream(options: StreamSessionOptions): Promise<StreamSession> {
    if (this.exhausted) return Promise.reject(new AppError('MEDIA_EXHAUSTED', 'no worker'))
    const session = new FakeStreamSession(options, this.#key)
    this.streams.push(session)
    return Promise.resolve(session)
  }
  preparePrompt(): Promise<Milliseconds> {
    return Promise.resolve(ms(1000))
  }
  sessionCount(): number {
    return [...this.sessions, ...this.streams].filter((session) => !session.closed).length
  }
  drain(): Promise<void> {
    return Promise.resolve()
  }
  close(): Promise<void> {
    return Promise.resolve()
  }
}

type MediaEventBody = MediaEvent extends infer Event
  ? Event extends MediaEvent
    ? Omit<Event, 'at'>
    : never
  : never

export class FakeMediaSession implements MediaSession {
  readonly local = { address: '127.0.0.1', port: 20000 }
  readonly did: string[] = []
  readonly prompts: Prompt[] = []
  readonly #options: MediaSessionOptions
  readonly #key: Uint8Array
  remote: RemoteRtp | undefined
  agent: AgentTarget | undefined
  closed = false

  constructor(options: MediaSessionOptions, key: Uint8Array) {
    this.#options = options
    this.#key = key
  }
  setRemote(remote: RemoteRtp): void {
    this.remote = remote
  }
  prewarm(): void {
    this.did.push('prewarm')
    this.#options.onEvent({
      type: 'agent.prewarmed',
      at: epochMs(Date.now()),
      data: { elapsedMs: 1 },
    })
  }
  openAgent(agent: AgentTarget, evidence: AnswerEvidence): void {
    if (!isGenuine(evidence, this.#key) || evidence.callId !== this.#options.callId)
      throw new AppError('EVIDENCE_INVALID', 'forged')
    this.agent = agent
    this.did.push('open')
  }
  answeredAt: EpochMs | undefined
  answered(at: EpochMs): void {
    this.answeredAt ??= at
    this.did.push('answered')
  }
  tellsDigits = false
  tellDigits(tell: boolean): void {
    this.tellsDigits = tell
  }
  get recording(): RecordingPolicy | undefined {
    return this.#options.recording
  }
  play(prompt: Prompt): void {
    this.prompts.push(prompt)
    this.did.push('play')
  }
  stopPlaying(): void {
    this.did.push('stopPlaying')
  }
  pressed(digit: DtmfDigit): void {
    this.did.push(`pressed ${digit}`)
  }
  record(action: RecordingAction): void {
    this.did.push(`record ${action}`)
  }
  closeAgent(reason: 'no-ack' | 'silent' | 'transferred'): void {
    this.did.push(`closeAgent ${reason}`)
  }
  readonly answers: { toolCallId: string; result: string; isError: boolean }[] = []
  readonly informed: string[] = []
  inform(text: string): void {
    this.informed.push(text)
  }
  answerTool(toolCallId: string, result: string, isError: boolean): void {
    this.answers.push({ toolCallId, result, isError })
  }
  get beside(): MediaSession | undefined {
    return this.#options.beside
  }
  joined: MediaSession | undefined
  join(other: MediaSession): void {
    this.joined = other
    this.did.push('join')
  }
  close(): Promise<MediaStats> {
    if (!this.closed) this.did.push('close')
    this.closed = true
    return Promise.resolve(NO_STATS)
  }
  /** Anything else a bridge may tell. */
  tell(event: MediaEventBody): void {
    this.#options.onEvent({ ...event, at: epochMs(Date.now()) })
  }
  /** The agent's side ends. */
  agentClosed(reason: AgentCloseReason): void {
    this.#options.onEvent({
      type: 'agent.closed',
      at: epochMs(Date.now()),
      data: { reason, closeCode: 1000, detail: '', seconds: 1 },
    })
  }
  heard(): void {
    this.#options.onEvent({ type: 'media.first_packet_in', at: epochMs(Date.now()), data: {} })
  }
  stalled(silentMs: number): void {
    this.#options.onEvent({ type: 'media.stalled', at: epochMs(Date.now()), data: { silentMs } })
  }
}

/** Its `sink` is in the test's hand: it says what is heard. */
export class FakeStreamSession extends FakeMediaSession implements StreamSession {
  readonly sink: StreamSink
  readonly received: { readonly ulaw: Uint8Array; readonly atMs: number }[] = []
  readonly marks: string[] = []

  constructor(options: StreamSessionOptions, key: Uint8Array) {
    super(options, key)
    this.sink = options.sink
  }
  receive(ulaw: Uint8Array<ArrayBuffer>, atMs: number): void {
    this.received.push({ ulaw, atMs })
  }
  played(name: string): void {
    this.marks.push(name)
  }
}
