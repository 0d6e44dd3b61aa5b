// A media session as its owner in the main thread sees it: the port, played by messages to the worker that has it.
import {
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
import type { Clock } from '#core/time'
import type { AnswerGuard } from '../session/answer-guard.ts'
import type { ToWorker } from './messages.ts'

/** Without its session number, which the bridge adds. */
export type SessionCommand = ToWorker extends infer Message
  ? Message extends ToWorker
    ? Omit<Message, 'session'>
    : never
  : never

export interface RemoteSessionOptions {
  readonly callId: CallId
  readonly local: LocalRtp
  readonly guard: AnswerGuard
  readonly clock: Clock
  readonly post: (command: SessionCommand) => void
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
    this.#post({ type: 'close' })
    if (this.#phase === 'open') this.#phase = 'closing'
    return this.#stats.promise
  }

  /** An event arrived from the worker. */
  received(event: MediaEvent): void {
    if (this.#agent === 'over' && event.type.startsWith('agent.')) return
    if (event.type === 'agent.opened') this.#upgradeSentAt = event.data.upgradeSentAt
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

  #post(command: SessionCommand): void {
    if (this.#phase === 'open') this.#options.post(command)
  }
}
