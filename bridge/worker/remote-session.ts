// A media session as its owner in the main thread sees it: the port, played by messages to the worker that has it.
import {
  ms,
  type AgentTarget,
  type AnswerEvidence,
  type CallId,
  type EpochMs,
  type LocalRtp,
  type MediaEvent,
  type MediaSession,
  type MediaStats,
  type RemoteRtp,
} from '#core/contracts'
import { AppError } from '#core/errors'
import { waitFor } from '#core/lifecycle'
import type { Clock } from '#core/time'
import type { AnswerGuard } from '../session/answer-guard.ts'
import type { ToWorker } from './messages.ts'

/** Without its session number, which the bridge adds. */
export type SessionCommand = ToWorker extends infer Message
  ? Message extends ToWorker
    ? Omit<Message, 'session'>
    : never
  : never

/** What a session needs of the pool: a line to its worker. */
export interface WorkerLine {
  post(command: SessionCommand): void
  /** The worker does not answer: forget the session. */
  abandon(): void
}

/** Closing a socket takes a millisecond; a worker that needs longer than this is stuck. */
const CLOSE_WITHIN_MS = 5000

export interface RemoteSessionOptions {
  readonly callId: CallId
  readonly local: LocalRtp
  readonly guard: AnswerGuard
  readonly clock: Clock
  readonly line: WorkerLine
  /** The owner, and the metrics of agent sessions. */
  readonly onEvent: (event: MediaEvent) => void
}

/** What a session of a lost worker counted is lost with it. */
const NOTHING_COUNTED: MediaStats = {
  packetsReceived: 0,
  packetsSent: 0,
  packetsRejected: 0,
  packetsLost: 0,
  underruns: 0,
}

export class RemoteSession implements MediaSession {
  readonly local: LocalRtp
  readonly #options: RemoteSessionOptions
  readonly #stats = Promise.withResolvers<MediaStats>()
  #phase: 'open' | 'closing' | 'closed' = 'open'
  #agent: 'none' | 'asked' | 'refused' | 'over' = 'none'
  #upgradeSentAt: EpochMs | null = null
  #closing: Promise<MediaStats> | null = null

  constructor(options: RemoteSessionOptions) {
    this.local = options.local
    this.#options = options
  }

  setRemote(remote: RemoteRtp): void {
    this.#post({ type: 'set-remote', remote })
  }

  prewarm(agent: AgentTarget): void {
    if (this.#agent === 'none') this.#post({ type: 'prewarm', agent })
  }

  openAgent(agent: AgentTarget, evidence: AnswerEvidence): void {
    if (this.#phase !== 'open') return
    this.#options.guard.admit(this.#options.callId, evidence)
    if (this.#agent !== 'none') throw new AppError('INVALID_STATE', 'this session had its agent')
    this.#agent = 'asked'
    this.#post({ type: 'open-agent', agent, evidence })
  }

  closeAgent(reason: 'no-ack'): void {
    if (this.#agent === 'none') this.#agent = 'refused'
    this.#post({ type: 'close-agent', reason })
  }

  close(): Promise<MediaStats> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** An event arrived from the worker. */
  received(event: MediaEvent): void {
    if (this.#agent === 'over' && event.type.startsWith('agent.')) return
    if (event.type === 'agent.attempted') this.#upgradeSentAt ??= event.at
    if (event.type === 'agent.closed') this.#agent = 'over'
    this.#options.onEvent(event)
  }

  /** The worker closed it. */
  closed(stats: MediaStats): void {
    this.#phase = 'closed'
    this.#stats.resolve(stats)
  }

  /** The worker died: whether or not an agent talked, this call has no media any more. */
  lost(): void {
    const at = this.#options.clock.now()
    const seconds = this.#upgradeSentAt === null ? 0 : (at - this.#upgradeSentAt) / 1000
    this.#phase = 'closed'
    this.#stats.resolve(NOTHING_COUNTED)
    this.received({
      type: 'agent.closed',
      at,
      data: { reason: 'worker-lost', closeCode: null, detail: 'the media worker died', seconds },
    })
  }

  async #close(): Promise<MediaStats> {
    this.#post({ type: 'close' })
    if (this.#phase === 'open') this.#phase = 'closing'
    try {
      return await waitFor(this.#stats.promise, {
        name: 'the media worker to close a session',
        timeout: ms(CLOSE_WITHIN_MS),
      })
    } catch {
      // The only error is the deadline; the owner must get its call ended all the same.
      this.#options.line.abandon()
      this.lost()
      return NOTHING_COUNTED
    }
  }

  #post(command: SessionCommand): void {
    if (this.#phase === 'open') this.#options.line.post(command)
  }
}
