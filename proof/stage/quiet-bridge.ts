// A MediaBridge without audio that keeps nothing of a call once it is over: 20,000 calls must leave no trace here.
import {
  epochMs,
  isGenuine,
  ms,
  type AgentTarget,
  type AnswerEvidence,
  type MediaBridge,
  type MediaSession,
  type MediaSessionOptions,
  type MediaStats,
  type Milliseconds,
  type StreamSession,
} from '../../core/contracts/index.ts'
import { AppError } from '../../core/errors/index.ts'

/** What the agent of a call does; its id says so, e.g. `ready=0,talk=300`. */
export interface AgentManner {
  /** How long its line takes to be ready; `never` lets an inbound call ring as long as the gateway is patient. */
  readonly ready: number | 'never'
  /** After so long it says goodbye; `ever` leaves the end to the far end. */
  readonly talk: number | 'ever'
}

export const agentId = ({ ready, talk }: AgentManner): string => `ready=${ready},talk=${talk}`

const NO_STREAM = { packets: 0, lost: 0, jitterMs: null, mos: null }
const NO_STATS: MediaStats = {
  received: NO_STREAM,
  sent: NO_STREAM,
  roundTripMs: null,
  packetsRejected: 0,
  concealedMs: 0,
  underruns: 0,
}
const LOCAL = { address: '127.0.0.1', port: 20_000 }

export class QuietBridge implements MediaBridge {
  readonly #key: Uint8Array
  readonly #open = new Set<MediaSession>()
  /** Agents that were opened. */
  agents = 0

  constructor(evidenceKey: Uint8Array) {
    this.#key = evidenceKey
  }

  openSession(options: MediaSessionOptions): Promise<MediaSession> {
    const session = new QuietSession(options, {
      onOpen: (evidence) => {
        if (!isGenuine(evidence, this.#key) || evidence.callId !== options.callId)
          throw new AppError('EVIDENCE_INVALID', 'forged')
        this.agents += 1
      },
      onClose: () => this.#open.delete(session),
    })
    this.#open.add(session)
    return Promise.resolve(session)
  }

  openStream(): Promise<StreamSession> {
    return Promise.reject(new AppError('INVALID_STATE', 'no streams here'))
  }

  preparePrompt(): Promise<Milliseconds> {
    return Promise.resolve(ms(1000))
  }
  sessionCount(): number {
    return this.#open.size
  }

  drain(): Promise<void> {
    return Promise.resolve()
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

interface SessionOwner {
  onOpen(evidence: AnswerEvidence): void
  onClose(): void
}

class QuietSession implements MediaSession {
  readonly local = LOCAL
  readonly #options: MediaSessionOptions
  readonly #owner: SessionOwner
  #timer: NodeJS.Timeout | undefined
  #closed = false

  constructor(options: MediaSessionOptions, owner: SessionOwner) {
    this.#options = options
    this.#owner = owner
  }

  setRemote(): void {
    // No audio.
  }

  answerTool(): void {
    // No agent asks.
  }

  inform(): void {
    // No agent listens.
  }

  join(): void {
    // No audio.
  }

  prewarm({ agentId }: AgentTarget): void {
    const afterMs = numberIn(agentId, 'ready')
    if (afterMs === undefined) return
    this.#after(afterMs, () =>
      this.#tell({ type: 'agent.prewarmed', data: { elapsedMs: afterMs } }),
    )
  }

  openAgent({ agentId }: AgentTarget, evidence: AnswerEvidence): void {
    if (this.#closed) return
    this.#owner.onOpen(evidence)
    const afterMs = numberIn(agentId, 'talk')
    if (afterMs !== undefined) this.#after(afterMs, () => this.#agentEnds())
  }

  answered(): void {
    // No audio.
  }

  tellDigits(): void {
    // Nobody presses any.
  }

  play(): void {
    // No audio.
  }

  stopPlaying(): void {
    // No audio.
  }

  pressed(): void {
    // Nobody listens.
  }

  record(): void {
    // No audio.
  }

  closeAgent(): void {
    clearTimeout(this.#timer)
  }

  close(): Promise<MediaStats> {
    this.#closed = true
    clearTimeout(this.#timer)
    this.#owner.onClose()
    return Promise.resolve(NO_STATS)
  }

  #agentEnds(): void {
    const data = { reason: 'agent-ended', closeCode: 1000, detail: '', seconds: 1 } as const
    this.#tell({ type: 'agent.closed', data })
  }

  #tell(event: Omit<Parameters<MediaSessionOptions['onEvent']>[0], 'at'>): void {
    this.#options.onEvent({ ...event, at: epochMs(Date.now()) } as never)
  }

  #after(delayMs: number, run: () => void): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      if (!this.#closed) run()
    }, delayMs)
  }
}

function numberIn(agentId: string, name: string): number | undefined {
  const text = new RegExp(`${name}=(\\d+)`).exec(agentId)?.[1]
  return text === undefined ? undefined : Number(text)
}
