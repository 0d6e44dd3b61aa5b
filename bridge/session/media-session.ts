// One conversation, both directions: the state machine between a caller's RTP and an agent.
//
//   listening ──openAgent──▶ talking ──agent says goodbye──▶ ending ──caller heard it──▶ silent
//       │                       └──────────dropped, refused, closeAgent──────────────────▶ ┘
//       └──closeAgent──▶ silent                    close() from anywhere ──▶ closed
import { isDeepStrictEqual } from 'node:util'
import type {
  AgentCloseReason,
  AgentTarget,
  AnswerEvidence,
  CallId,
  LocalRtp,
  MediaEvent,
  MediaSession,
  MediaStats,
  RemoteRtp,
} from '#core/contracts'
import { AppError } from '#core/errors'
import type { Logger } from '#core/telemetry'
import type { Clock } from '#core/time'
import { AgentSession, type AgentEnd, type AgentSessionDeps } from './agent-session.ts'
import type { AnswerGuard } from './answer-guard.ts'
import { CallerWatch, type WatchTiming } from './caller-watch.ts'
import { openPipeline, type Pipeline, type PipelineDeps } from './pipeline.ts'

export interface SessionTiming extends WatchTiming {
  /** How long the caller may take to hear what the agent said before it left. */
  readonly drainMs: number
}
export const SESSION_TIMING: SessionTiming = { stallMs: 5000, lostMs: 30_000, drainMs: 15_000 }

/** After the last packet: the far end's jitter buffer plays it before the BYE arrives. */
const TAIL_MS = 100
/** An agent that announced its end may still be sending its last words. */
const LAST_WORDS_MS = 1000

export interface MediaSessionDeps extends PipelineDeps {
  readonly logger: Logger
  readonly clock: Clock
  readonly guard: AnswerGuard
  readonly createConversation: AgentSessionDeps['createConversation']
  readonly releasePort: (port: number) => void
  readonly timing: SessionTiming
}

export interface SessionIdentity {
  readonly callId: CallId
  readonly onEvent: (event: MediaEvent) => void
}

type SessionState =
  | { readonly kind: 'listening' }
  | { readonly kind: 'talking'; readonly agent: AgentSession }
  | {
      readonly kind: 'ending'
      readonly agent: AgentSession
      readonly socketClosed: boolean
      readonly sinceMs: number
    }
  | { readonly kind: 'silent' }
  | { readonly kind: 'closed' }

export async function openMediaSession(
  deps: MediaSessionDeps,
  identity: SessionIdentity,
): Promise<MediaSession> {
  let session: BridgedSession | null = null
  const pipeline = await openPipeline(deps, {
    onFirstPacketIn: () => session?.report('media.first_packet_in'),
    onFirstPacketOut: () => session?.report('media.first_packet_out'),
    onFrame: (nowMs) => session?.onFrame(nowMs),
  })
  session = new BridgedSession(deps, identity, pipeline)
  return session
}

class BridgedSession implements MediaSession {
  readonly local: LocalRtp
  readonly #deps: MediaSessionDeps
  readonly #identity: SessionIdentity
  readonly #pipeline: Pipeline
  #state: SessionState = { kind: 'listening' }
  #prewarmed: AgentSession | null = null
  readonly #watch: CallerWatch
  #lastAudioOutMs = 0
  #closed: Promise<MediaStats> | null = null

  constructor(deps: MediaSessionDeps, identity: SessionIdentity, pipeline: Pipeline) {
    this.#deps = deps
    this.#identity = identity
    this.#pipeline = pipeline
    this.#watch = new CallerWatch(deps.timing)
    this.local = { address: deps.rtpHost, port: pipeline.socket.port }
  }

  setRemote(remote: RemoteRtp): void {
    if (this.#state.kind === 'closed') return
    this.#pipeline.gate.announce(remote)
    this.#pipeline.uplink.claim()
  }

  prewarm(agent: AgentTarget): void {
    if (this.#state.kind === 'listening') this.#agentFor(agent).conversation.prewarm()
  }

  openAgent(target: AgentTarget, evidence: AnswerEvidence): void {
    if (this.#state.kind === 'closed') return
    this.#deps.guard.admit(this.#identity.callId, evidence)
    if (this.#state.kind !== 'listening')
      throw new AppError('INVALID_STATE', `an agent cannot be opened while ${this.#state.kind}`)
    const agent = this.#agentFor(target)
    this.#prewarmed = null
    this.#state = { kind: 'talking', agent }
    agent.open(evidence)
    const answeredAtMs = this.#deps.now() - (this.#deps.clock.now() - evidence.answeredAt)
    this.#watch.answered(answeredAtMs)
    this.#pipeline.uplink.open(agent.conversation, answeredAtMs)
    this.#pipeline.downlink.start()
    this.#deps.logger.debug({ pipeline: this.#pipeline.describe() }, 'agent session opening')
  }

  closeAgent(reason: 'no-ack'): void {
    if (this.#state.kind === 'closed') return
    this.#dismissAgent(reason)
    this.#state = { kind: 'silent' }
    // An answer nobody acknowledged may name a victim's address: it gets nothing more.
    this.#pipeline.downlink.stop()
  }

  close(): Promise<MediaStats> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  report(type: 'media.first_packet_in' | 'media.first_packet_out'): void {
    this.#identity.onEvent({ type, at: this.#deps.clock.now(), data: {} })
  }

  /** Each 20 ms from the answer on. */
  onFrame(nowMs: number): void {
    this.#watchCaller(nowMs)
    if (!this.#pipeline.downlink.queue.isEmpty) this.#lastAudioOutMs = nowMs
    if (this.#state.kind === 'ending' && this.#isDrained(this.#state, nowMs)) {
      const { agent } = this.#state
      this.#state = { kind: 'silent' }
      this.#endAgent(agent, 'agent-ended')
    }
  }

  async #close(): Promise<MediaStats> {
    const { downlink, socket, uplink } = this.#pipeline
    this.#dismissAgent('call-ended')
    this.#state = { kind: 'closed' }
    downlink.stop()
    await socket.close()
    this.#deps.releasePort(socket.port)
    const dropped = { agentMs: downlink.queue.droppedMs, callerMs: uplink.droppedMs }
    if (dropped.agentMs + dropped.callerMs > 0)
      this.#deps.logger.warn(dropped, 'audio dropped: agent over five minutes, caller too fast')
    return {
      packetsReceived: uplink.receiver.received,
      packetsSent: downlink.sent,
      packetsRejected: uplink.receiver.rejected,
      packetsLost: uplink.receiver.lost,
      underruns: downlink.queue.underruns,
    }
  }

  /** The prewarmed agent when it is the same one, else a new one. */
  #agentFor(target: AgentTarget): AgentSession {
    if (this.#prewarmed !== null && isDeepStrictEqual(this.#prewarmed.target, target))
      return this.#prewarmed
    this.#prewarmed?.conversation.close()
    const { downlink } = this.#pipeline
    const agent: AgentSession = new AgentSession(
      {
        logger: this.#deps.logger,
        clock: this.#deps.clock,
        createConversation: this.#deps.createConversation,
        emit: this.#identity.onEvent,
      },
      target,
      {
        onAudio: (ulaw, eventId) => {
          if (this.#mayPlay(agent)) downlink.play(ulaw, eventId)
        },
        onInterrupted: () => downlink.interrupt(),
        onEnding: () => this.#agentEnding(agent, false),
        onEnded: (end) => this.#agentEnded(agent, end),
      },
    )
    this.#prewarmed = agent
    return agent
  }

  #mayPlay(agent: AgentSession): boolean {
    const state = this.#state
    return (state.kind === 'talking' || state.kind === 'ending') && state.agent === agent
  }

  /** The agent will leave, or left in good order: the caller hears the rest first. */
  #agentEnding(agent: AgentSession, socketClosed: boolean): void {
    const state = this.#state
    if (!this.#mayPlay(agent)) return
    const sinceMs = state.kind === 'ending' ? state.sinceMs : this.#deps.now()
    this.#state = { kind: 'ending', agent, socketClosed, sinceMs }
    this.#lastAudioOutMs = this.#deps.now()
  }

  #agentEnded(agent: AgentSession, end: AgentEnd): void {
    if (!this.#mayPlay(agent)) return
    this.#pipeline.uplink.shut()
    if (end.reason === 'agent-ended') {
      this.#agentEnding(agent, true)
      return
    }
    this.#state = { kind: 'silent' }
    this.#endAgent(agent, end.reason === 'closed-by-us' ? 'call-ended' : end.reason)
  }

  #isDrained(state: SessionState & { kind: 'ending' }, nowMs: number): boolean {
    if (nowMs - state.sinceMs >= this.#deps.timing.drainMs) return true
    if (!this.#pipeline.downlink.queue.isEmpty) return false
    return nowMs - this.#lastAudioOutMs >= (state.socketClosed ? TAIL_MS : LAST_WORDS_MS)
  }

  /** Ends whatever agent there is because of us. */
  #dismissAgent(reason: 'call-ended' | 'no-ack'): void {
    const state = this.#state
    this.#prewarmed?.conversation.close()
    this.#prewarmed = null
    if (state.kind !== 'talking' && state.kind !== 'ending') return
    // First the state, so that what the socket says on its way out changes nothing.
    this.#state = { kind: 'silent' }
    const hadLeft = state.kind === 'ending' && state.socketClosed
    this.#endAgent(state.agent, hadLeft ? 'agent-ended' : reason)
  }

  #endAgent(agent: AgentSession, reason: AgentCloseReason): void {
    this.#pipeline.uplink.shut()
    this.#pipeline.downlink.interrupt()
    agent.finish(reason)
  }

  #watchCaller(nowMs: number): void {
    const { gate, uplink } = this.#pipeline
    const silentMs = this.#watch.silence(nowMs, uplink.heardAtMs, gate.isHeld)
    if (silentMs === null) return
    this.#identity.onEvent({
      type: 'media.stalled',
      at: this.#deps.clock.now(),
      data: { silentMs },
    })
  }
}
