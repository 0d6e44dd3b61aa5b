// A media session as its owner in the main thread sees it: the port, played by messages to the worker that has it.
import {
  ms,
  type AgentTarget,
  type AnswerEvidence,
  type CallId,
  type DtmfDigit,
  type EpochMs,
  type LocalRtp,
  type MediaEvent,
  type MediaSession,
  type MediaStats,
  type Prompt,
  type PromptSource,
  type RecordingAction,
  type RemoteRtp,
} from '#core/contracts'
import { AppError } from '#core/errors'
import { waitFor } from '#core/lifecycle'
import type { Clock } from '#core/time'
import type { AnswerGuard } from '../session/answer-guard.ts'
import { PromptLine } from '../play/prompt-line.ts'
import type { RecordingKeeper, RecordingTold } from '../record/recording-keeper.ts'
import type { SessionResult } from '../session/session-options.ts'
import type { SessionId, ToWorker } from './messages.ts'

/** Without its session number, which the bridge adds. */
export type SessionCommand = ToWorker extends infer Message
  ? Message extends ToWorker
    ? Omit<Message, 'session'>
    : never
  : never

/** What a session needs of the pool: a line to its worker. */
export interface WorkerLine {
  /** What the worker calls it, and which worker that is. */
  readonly session: SessionId
  readonly thread: string
  post(command: SessionCommand, transferred?: readonly ArrayBuffer[]): void
  /** The worker does not answer: forget the session. */
  abandon(): void
}

/**
 * Closing a socket takes a millisecond, and a recorder waits five seconds for its disk (record/recorder.ts). A worker
 * that is stuck is given up a little earlier than this (media-thread.ts), and its files are nobody's then.
 */
const CLOSE_WITHIN_MS = 7000
/** A file is renamed and read once for its checksum; a store that takes longer does it behind the call's back. */
const KEEP_WITHIN_MS = 5000

export interface RemoteSessionOptions {
  readonly callId: CallId
  readonly local: LocalRtp
  /** Opened beside another, to be joined with it: it has no agent. */
  readonly isSecondLeg: boolean
  readonly guard: AnswerGuard
  readonly clock: Clock
  readonly line: WorkerLine
  readonly loadPrompt: (source: PromptSource) => Promise<Uint8Array>
  /** Undefined when nothing is recorded. */
  readonly recordings: RecordingKeeper | undefined
  /** The owner, and the metrics of agent sessions. */
  readonly onEvent: (event: MediaEvent) => void
}

const UNKNOWN = { packets: 0, lost: null, jitterMs: null, mos: null }
/** What a session of a lost worker counted is lost with it. */
const NOTHING_COUNTED: MediaStats = {
  received: UNKNOWN,
  sent: UNKNOWN,
  roundTripMs: null,
  packetsRejected: 0,
  concealedMs: 0,
  underruns: 0,
}

/** @throws AppError `INVALID_STATE` when another bridge made it. */
export function remoteSession(session: MediaSession): RemoteSession {
  if (session instanceof RemoteSession) return session
  throw new AppError('INVALID_STATE', 'the session is of another bridge')
}

export class RemoteSession implements MediaSession {
  readonly local: LocalRtp
  readonly #options: RemoteSessionOptions
  readonly #prompts: PromptLine
  readonly #stats = Promise.withResolvers<MediaStats>()
  #phase: 'open' | 'closing' | 'closed' = 'open'
  #agent: 'none' | 'asked' | 'refused' | 'over' = 'none'
  #upgradeSentAt: EpochMs | null = null
  #closing: Promise<MediaStats> | null = null
  /** The worker writes a file; whoever closes the session waits until it is in the store. */
  #isRecording = false
  #isFailureTold = false
  #kept: Promise<void> = Promise.resolve()

  constructor(options: RemoteSessionOptions) {
    this.local = options.local
    this.#options = options
    this.#prompts = new PromptLine({
      load: options.loadPrompt,
      handOver: ({ id, stopOnDigit = false }, ulaw) =>
        this.#post({ type: 'play', promptId: id, ulaw, stopOnDigit }),
      onFinished: (data) => this.#tell({ type: 'prompt.finished', at: options.clock.now(), data }),
    })
  }

  get session(): SessionId {
    return this.#options.line.session
  }

  /** It may be told something. */
  protected get isOpen(): boolean {
    return this.#phase === 'open'
  }

  setRemote(remote: RemoteRtp): void {
    this.#post({ type: 'set-remote', remote })
  }

  prewarm(agent: AgentTarget): void {
    if (this.#agent === 'none' && !this.#options.isSecondLeg) this.#post({ type: 'prewarm', agent })
  }

  openAgent(agent: AgentTarget, evidence: AnswerEvidence): void {
    if (this.#phase !== 'open') return
    this.#options.guard.admit(this.#options.callId, evidence)
    if (this.#agent !== 'none') throw new AppError('INVALID_STATE', 'this session had its agent')
    this.#agent = 'asked'
    this.#post({ type: 'open-agent', agent, evidence })
  }

  answered(at: EpochMs): void {
    this.#post({ type: 'answered', at })
  }

  tellDigits(tell: boolean): void {
    this.#post({ type: 'tell-digits', tell })
  }

  play(prompt: Prompt): void {
    if (this.#phase === 'open') this.#prompts.play(prompt)
  }

  stopPlaying(): void {
    this.#post({ type: 'stop-playing' })
    // Those that wait for their audio are stopped here; the worker tells of those it has.
    this.#prompts.stop()
  }

  pressed(digit: DtmfDigit): void {
    this.#post({ type: 'pressed', digit })
  }

  record(action: RecordingAction): void {
    this.#post({ type: 'record', action })
  }

  closeAgent(reason: 'no-ack' | 'silent' | 'transferred'): void {
    this.#mayNotOpenAgent()
    this.#post({ type: 'close-agent', reason })
  }

  inform(text: string): void {
    this.#post({ type: 'inform', text })
  }

  answerTool(toolCallId: string, result: string, isError: boolean): void {
    this.#post({ type: 'answer-tool', toolCallId, result, isError })
  }

  /** @throws AppError `INVALID_STATE` when they were not opened beside each other. */
  join(other: MediaSession): void {
    const neighbour = remoteSession(other)
    if (this.#phase !== 'open' || neighbour.#phase !== 'open') return
    if (neighbour.#options.line.thread !== this.#options.line.thread)
      throw new AppError('INVALID_STATE', 'the sessions were not opened beside each other')
    this.#mayNotOpenAgent()
    neighbour.#mayNotOpenAgent()
    this.#post({ type: 'join', other: neighbour.session })
  }

  close(): Promise<MediaStats> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** An event arrived from the worker. */
  received(event: MediaEvent): void {
    if (this.#agent === 'over' && event.type.startsWith('agent.')) return
    if (event.type === 'agent.attempted') this.#upgradeSentAt ??= event.at
    if (event.type === 'agent.attempt_failed') this.#upgradeSentAt = null
    if (event.type === 'agent.closed') this.#agent = 'over'
    if (event.type === 'recording.started') this.#isRecording = true
    if (event.type === 'recording.failed') this.#isFailureTold = true
    if (event.type === 'prompt.finished') this.#prompts.finished(event.data)
    else this.#tell(event)
  }

  /** The worker closed it. */
  closed({ stats, recorded }: SessionResult): void {
    if (recorded !== null)
      this.#keep(this.#options.recordings?.keep(this.#options.callId, recorded))
    else if (this.#isRecording) this.#settle({ type: 'recording.empty', data: {} })
    this.#over(stats)
  }

  /** The worker is gone: whether or not an agent talked, this call has no media any more. */
  lost(how: string): void {
    const at = this.#options.clock.now()
    // The agent of this one cannot be what is lost: nobody else would say so.
    const isAlone = this.#agent === 'over' || this.#options.isSecondLeg
    if (isAlone && this.#phase === 'open')
      this.#tell({ type: 'media.lost', at, data: { detail: how } })
    const seconds = this.#upgradeSentAt === null ? 0 : (at - this.#upgradeSentAt) / 1000
    if (this.#isRecording) this.#keep(this.#options.recordings?.rescue(this.#options.callId))
    this.#over(NOTHING_COUNTED)
    if (isAlone) return
    this.received({
      type: 'agent.closed',
      at,
      data: { reason: 'worker-lost', closeCode: null, detail: how, seconds },
    })
  }

  async #close(): Promise<MediaStats> {
    this.#post({ type: 'close' })
    if (this.#phase === 'open') this.#phase = 'closing'
    const stats = await this.#finalStats()
    try {
      await waitFor(this.#kept, { name: 'a recording to be kept', timeout: ms(KEEP_WITHIN_MS) })
    } catch {
      // The only error is the deadline: what becomes of it is told when it is known, if after the call's end.
    }
    return stats
  }

  async #finalStats(): Promise<MediaStats> {
    try {
      return await waitFor(this.#stats.promise, {
        name: 'the media worker to close a session',
        timeout: ms(CLOSE_WITHIN_MS),
      })
    } catch {
      // The only error is the deadline; the owner must get its call ended all the same.
      this.#options.line.abandon()
      // It may live, and write: the file is mended when nobody does any more.
      if (this.#isRecording)
        this.#settle({
          type: 'recording.failed',
          data: { detail: 'its worker does not answer; the next start looks for it' },
        })
      this.lost('the media worker does not answer')
      return NOTHING_COUNTED
    }
  }

  #mayNotOpenAgent(): void {
    if (this.#agent === 'none') this.#agent = 'refused'
  }

  #over(stats: MediaStats): void {
    this.#phase = 'closed'
    this.#prompts.close()
    this.#stats.resolve(stats)
  }

  #tell(event: MediaEvent): void {
    this.#options.onEvent(event)
  }

  /** What was begun is settled, or the record would say for ever that it is not finished yet. */
  #settle(told: RecordingTold): void {
    this.#isRecording = false
    if (this.#isFailureTold) return
    this.#tell({ ...told, at: this.#options.clock.now() })
  }

  #keep(kept: Promise<RecordingTold> | undefined): void {
    this.#isRecording = false
    if (kept)
      this.#kept = kept.then((told) => this.#tell({ ...told, at: this.#options.clock.now() }))
  }

  #post(command: SessionCommand): void {
    if (this.#phase === 'open') this.#options.line.post(command)
  }
}
