// One conversation, both directions: the state machine between a caller's RTP and an agent.
//
//   listening ──openAgent──▶ talking ──agent says goodbye──▶ ending ──caller heard it──▶ silent
//       │                       └──────────dropped, refused, closeAgent──────────────────▶ ┘
//       └──closeAgent──▶ silent                    close() from anywhere ──▶ closed
//
// In `silent` the caller can still be spoken to by prompts, and joined with another, until the owner closes the session;
// in `listening` too, once `answered` was called.
import {
  type AgentCloseReason,
  type AgentTarget,
  type AnswerEvidence,
  type CallEventData,
  type EpochMs,
  type LocalRtp,
  type MediaEvent,
  type RecordingAction,
  type RemoteRtp,
} from '#core/contracts'
import { AppError } from '#core/errors'
import type { PromptTold } from '../audio/queued-prompt.ts'
import type { AgentEnd, AgentSession } from './agent-session.ts'
import { CallerKeys } from './caller-keys.ts'
import { cross } from './crossing.ts'
import { Farewell } from './farewell.ts'
import { openPipeline, type Pipeline } from './pipeline.ts'
import { PrewarmedAgent } from './prewarmed-agent.ts'
import type { MediaSessionDeps, SessionIdentity, SessionResult } from './session-options.ts'
import { SessionRecording } from './session-recording.ts'
import { isHeardIn, listensIn, talksIn, type SessionState } from './session-state.ts'
import { statsOf, warnOfDropped } from './session-stats.ts'
import type { CallerAudioSink } from './uplink.ts'
import { Watchdogs } from './watchdogs.ts'

export async function openMediaSession(
  deps: MediaSessionDeps,
  identity: SessionIdentity,
): Promise<BridgedSession> {
  let session: BridgedSession | null = null
  const pipeline = await openPipeline(deps, {
    onFirstPacketIn: () => session?.report('media.first_packet_in', {}),
    onFirstPacketOut: () => session?.report('media.first_packet_out', {}),
    onFrame: (nowMs) => session?.onFrame(nowMs),
    onDigit: (digit, durationMs) => session?.keys.heard(digit, durationMs),
    onUtterance: (heard, span) => session?.talked?.onUtterance(heard, span),
    onPrompt: (told) => session?.onPrompt(told),
  })
  session = new BridgedSession(deps, identity, pipeline)
  return session
}

/** The worker's half of a MediaSession: the main thread's half is worker/remote-session.ts. */
export class BridgedSession {
  readonly local: LocalRtp
  /** The one that was opened: what of its words was heard is told when they have left. */
  talked: AgentSession | null = null
  readonly keys: CallerKeys
  readonly #deps: MediaSessionDeps
  readonly #identity: SessionIdentity
  readonly #pipeline: Pipeline
  readonly #watchdogs: Watchdogs
  readonly #recording: SessionRecording
  readonly #prewarmed: PrewarmedAgent
  #state: SessionState = { kind: 'listening' }
  readonly #openedAtMs: number
  #isAnswered = false
  #closed: Promise<SessionResult> | null = null

  constructor(deps: MediaSessionDeps, identity: SessionIdentity, pipeline: Pipeline) {
    this.#deps = deps
    this.#identity = identity
    this.#pipeline = pipeline
    this.#openedAtMs = deps.now()
    this.#watchdogs = new Watchdogs(pipeline, deps.timing, (type, silentMs) =>
      this.report(type, { silentMs }),
    )
    this.#recording = new SessionRecording(deps, pipeline, {
      callId: identity.callId,
      tell: (type, data) => this.report(type, data),
    })
    this.keys = new CallerKeys(pipeline, {
      tell: (key) => this.report('dtmf', key),
      agent: () => listensIn(this.#state),
    })
    this.#prewarmed = new PrewarmedAgent({ ...deps, emit: identity.onEvent }, pipeline, {
      isHeard: (agent) => isHeardIn(this.#state, agent),
      onEnding: (agent) => this.#agentEnding(agent, false),
      onEnded: (agent, end) => this.#agentEnded(agent, end),
    })
    this.local = { address: deps.rtpHost, port: pipeline.leg.port }
  }

  setRemote(remote: RemoteRtp): void {
    if (this.#state.kind === 'closed') return
    this.#pipeline.announce(remote)
  }

  prewarm(agent: AgentTarget): void {
    if (this.#state.kind === 'listening') this.#prewarmed.prewarm(agent)
  }

  openAgent(target: AgentTarget, evidence: AnswerEvidence): void {
    if (this.#state.kind === 'closed') return
    this.#deps.guard.admit(this.#identity.callId, evidence)
    if (this.#state.kind !== 'listening')
      throw new AppError('INVALID_STATE', `an agent cannot be opened while ${this.#state.kind}`)
    const agent = this.#prewarmed.take(target)
    this.talked = agent
    this.#state = { kind: 'talking', agent }
    agent.open(evidence)
    if (this.#isAnswered) {
      this.#pipeline.lend(agent.conversation)
      this.#watchdogs.agentOpened(this.#deps.now())
    } else {
      this.#answer(agent.conversation, this.#monotonic(evidence.answeredAt))
    }
    this.#deps.logger.debug({ pipeline: this.#pipeline.describe() }, 'agent session opening')
  }

  /** Without an agent, for now: the caller is heard by whoever records, and presses keys. */
  answered(at: EpochMs): void {
    if (this.#state.kind === 'listening' && !this.#isAnswered)
      this.#answer(null, this.#monotonic(at))
  }

  /** A frame of a caller who is connected by a stream. */
  receive(ulaw: Uint8Array, atMs: number): void {
    if (this.#state.kind !== 'closed') this.#pipeline.leg.stream?.receive(ulaw, atMs)
  }

  /** A mark of the stream came back. */
  played(mark: string): void {
    this.#pipeline.leg.stream?.played(mark)
  }

  /** The other caller stands where the agent stood, for both, until either session is closed. */
  join(other: BridgedSession): void {
    if (this === other || this.#state.kind === 'closed' || other.#state.kind === 'closed') return
    for (const session of [this, other]) {
      session.closeAgent('transferred')
      if (!session.#isAnswered) session.#answer(null, this.#deps.now())
    }
    cross(this.#pipeline, other.#pipeline, this.#deps.logger)
  }

  answerTool(toolCallId: string, result: string, isError: boolean): void {
    this.talked?.conversation.answerTool(toolCallId, result, isError)
  }

  closeAgent(reason: 'no-ack' | 'silent' | 'transferred'): void {
    if (this.#state.kind === 'closed') return
    this.#dismissAgent(reason)
    this.#state = { kind: 'silent' }
    // An answer nobody acknowledged may name a victim's address: it gets nothing more.
    if (reason === 'no-ack') this.#pipeline.silence()
  }

  /** @param ulaw 8000 bytes a second, whatever the line's codec */
  play(promptId: string, ulaw: Uint8Array, stopOnDigit: boolean): void {
    this.#pipeline.downlink.playPrompt(promptId, ulaw, stopOnDigit)
  }

  stopPlaying(): void {
    this.#pipeline.downlink.stopPrompts('stopped')
  }

  record(action: RecordingAction): void {
    this.#recording.act(action)
  }

  close(): Promise<SessionResult> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  report<T extends MediaEvent['type']>(type: T, data: CallEventData[T]): void {
    // The compiler does not see that type and data belong together.
    this.#identity.onEvent({ type, at: this.#deps.clock.now(), data } as unknown as MediaEvent)
  }

  /** Each 20 ms from the answer on. */
  onFrame(nowMs: number): void {
    const state = this.#state
    this.#watchdogs.observe(nowMs, talksIn(state))
    if (state.kind !== 'ending') return
    if (!state.farewell.isOver(nowMs, this.#pipeline.downlink.hasAudio)) return
    this.#state = { kind: 'silent' }
    this.#endAgent(state.agent, 'agent-ended')
  }

  onPrompt(told: PromptTold): void {
    const { promptId } = told
    if (told.kind === 'started') this.report('prompt.started', { promptId })
    else this.report('prompt.finished', { promptId, how: told.how, playedMs: told.playedMs })
  }

  /** On our clock; nothing was heard before the session was opened, however long ago the answer was. */
  #monotonic(at: EpochMs): number {
    const ageMs = this.#deps.clock.now() - at
    return Math.max(this.#deps.now() - ageMs, this.#openedAtMs)
  }

  #answer(agent: CallerAudioSink | null, atMs: number): void {
    this.#isAnswered = true
    this.#watchdogs.answered(atMs)
    this.#recording.answered()
    this.#pipeline.answer(agent, atMs)
  }

  async #close(): Promise<SessionResult> {
    this.#dismissAgent('call-ended')
    this.#state = { kind: 'closed' }
    await this.#pipeline.close()
    const stats = statsOf(this.#pipeline)
    if (this.#isAnswered) this.report('media.summary', stats)
    if (this.#pipeline.leg.stream === null) this.#deps.releasePort(this.local.port)
    warnOfDropped(this.#pipeline, this.#deps.logger)
    return { stats, recorded: await this.#recording.finish() }
  }

  /** The agent will leave, or left in good order: the caller hears the rest first. */
  #agentEnding(agent: AgentSession, hasLeft: boolean): void {
    if (!isHeardIn(this.#state, agent)) return
    const nowMs = this.#deps.now()
    const farewell =
      this.#state.kind === 'ending'
        ? this.#state.farewell
        : new Farewell(nowMs, this.#deps.timing.drainMs)
    if (hasLeft) farewell.left(nowMs)
    this.#state = { kind: 'ending', agent, farewell }
  }

  #agentEnded(agent: AgentSession, end: AgentEnd): void {
    if (!isHeardIn(this.#state, agent)) return
    this.#pipeline.uplink.shut()
    if (end.reason === 'agent-ended') {
      this.#agentEnding(agent, true)
      return
    }
    this.#state = { kind: 'silent' }
    this.#endAgent(agent, end.reason === 'closed-by-us' ? 'call-ended' : end.reason)
  }

  /** Ends whatever agent there is because of us. */
  #dismissAgent(reason: 'call-ended' | 'no-ack' | 'silent' | 'transferred'): void {
    const state = this.#state
    this.#prewarmed.dismiss()
    if (state.kind !== 'talking' && state.kind !== 'ending') return
    // First the state, so that what the socket says on its way out changes nothing.
    this.#state = { kind: 'silent' }
    const hadLeft = state.kind === 'ending' && state.farewell.hasLeft
    this.#endAgent(state.agent, hadLeft ? 'agent-ended' : reason)
  }

  #endAgent(agent: AgentSession, reason: AgentCloseReason): void {
    this.#pipeline.uplink.shut()
    this.#pipeline.downlink.interrupt()
    agent.finish(reason)
  }
}
