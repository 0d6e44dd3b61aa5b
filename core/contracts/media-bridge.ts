// Port: audio between a caller's RTP and an agent. Implemented by bridge; used by gateway (and, later, control-api
// for Twilio streams).
import type { AgentTarget } from './agent.ts'
import type { AnswerEvidence } from './answer-evidence.ts'
import type { MediaEvent } from './call-event.ts'
import type { CallId } from './ids.ts'
import type { Milliseconds } from './units.ts'

/** Where the far end wants its RTP, as its SDP said. */
export interface RemoteRtp {
  readonly address: string
  readonly port: number
  /** RTP payload type of PCMU (0 by RFC 3551). */
  readonly payloadType: number
  /** False while the far end holds the call (RFC 3264 §8.4): then nothing is sent to it. */
  readonly receives: boolean
}

/** The port we bound for the caller's audio: what our SDP says. */
export interface LocalRtp {
  readonly address: string
  readonly port: number
}

/** Counters of one session, final once `close` resolved. */
export interface MediaStats {
  readonly packetsReceived: number
  readonly packetsSent: number
  readonly packetsRejected: number
  readonly packetsLost: number
  readonly underruns: number
}

/**
 * One conversation's media. The owner (a call) is told of everything through `onEvent` and is the only one who
 * writes it to the timeline. All methods are safe after `close` (they do nothing).
 */
export interface MediaSession {
  readonly local: LocalRtp
  /**
   * The far end's RTP address is known (a provisional or final SDP answer, or the offer of an inbound call). Audio
   * received before the agent is open is early media: counted, never forwarded, except what follows `answered`.
   */
  setRemote(remote: RemoteRtp): void
  /** DNS, TCP, TLS and the signed URL for this agent: nothing billable, no upgrade request. Idempotent. */
  prewarm(agent: AgentTarget): void
  /**
   * Opens the agent session. Caller audio from this moment on is kept (10 s at most) and sent first.
   * @throws AppError `EVIDENCE_INVALID` when the evidence was not minted for this call; once per dialog.
   */
  openAgent(agent: AgentTarget, evidence: AnswerEvidence): void
  /** Closes the agent, sends nothing more and refuses a second agent (an unacknowledged answer). The port stays ours. */
  closeAgent(reason: 'no-ack'): void
  /** Closes the agent at once, then the RTP socket; the port goes to quarantine. Resolves with the final counters. */
  close(): Promise<MediaStats>
}

export interface MediaSessionOptions {
  readonly callId: CallId
  /**
   * Told of every agent.* and media.* fact, in order. `agent.closed` is the last agent event of a session; after
   * `agent-ended` it comes only when the caller has heard everything the agent said.
   */
  readonly onEvent: (event: MediaEvent) => void
}

export interface MediaBridge {
  /** @throws AppError `MEDIA_EXHAUSTED` when no RTP port is free, `INVALID_STATE` when draining or closed. */
  openSession(options: MediaSessionOptions): Promise<MediaSession>
  sessionCount(): number
  drain(deadline: Milliseconds): Promise<void>
  close(): Promise<void>
}
