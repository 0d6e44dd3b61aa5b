// Port: audio between a caller's RTP and an agent. Implemented by bridge; used by gateway (and, later, control-api
// for Twilio streams).
import type { AgentTarget } from './agent.ts'
import type { AnswerEvidence } from './answer-evidence.ts'
import type { DtmfDigit, TelephoneCodec } from './audio.ts'
import type { MediaEvent } from './call-event.ts'
import type { CallId } from './ids.ts'
import type { MediaStats } from './media-stats.ts'
import type { EpochMs, Milliseconds } from './units.ts'

/** A codec of the session and the RTP payload type it goes by. */
export interface RtpFormat {
  readonly codec: TelephoneCodec
  readonly payloadType: number
}

/** Where the far end wants its RTP, and how, as its SDP said. */
export interface RemoteRtp {
  readonly address: string
  readonly port: number
  /** Never empty. The first is what we send; the far end may send any of them, from one packet to the next. */
  readonly formats: readonly [RtpFormat, ...RtpFormat[]]
  /** Payload type of telephone events at 8000 Hz (RFC 4733); null when they were not agreed on. */
  readonly telephoneEventType: number | null
  /** Where its RTCP is (RFC 3605); `port` itself when both share a port (RFC 5761), else one above it. */
  readonly rtcpPort: number
  /** False while the far end holds the call (RFC 3264 §8.4): then nothing is sent to it. */
  readonly receives: boolean
  /** False while it owes us no audio: it said `recvonly` or `inactive`. */
  readonly sends: boolean
  /** Where its signalling comes from: behind a NAT its audio does too, whatever its SDP says. */
  readonly signallingAddress?: string
}

/** The port we bound for the caller's audio: what our SDP says. RTCP is one above it. */
export interface LocalRtp {
  readonly address: string
  readonly port: number
}

/** Something to be played to the caller: a recording, or words to be spoken. */
export type PromptSource =
  /** WAV, mono or stereo, PCM 16 bit or G.711, any of the agents' rates. */
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'speech'; readonly text: string; readonly language?: string }

export interface Prompt {
  /** The owner's name for it: told back by `prompt.finished`. */
  readonly id: string
  readonly source: PromptSource
  /** Any key ends it, and what is queued behind it. Default false. */
  readonly stopOnDigit?: boolean
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
   * Opens the agent session, at the answer or after `answered`. Caller audio from this moment on is kept (10 s at most)
   * and sent first.
   * @throws AppError `EVIDENCE_INVALID` when the evidence was not minted for this call; once per dialog.
   */
  openAgent(agent: AgentTarget, evidence: AnswerEvidence): void
  /**
   * The call is answered, and no agent is opened now: prompts are heard, keys are, and what may be recorded is. An agent
   * may be opened later. Does nothing once an agent was opened.
   */
  answered(at: EpochMs): void
  /** Whether `dtmf` events say which key it was: while a flow asks for it. Default false. */
  tellDigits(tell: boolean): void
  /**
   * Closes the agent before the call ends; there is no second one. `no-ack`: the answer was never acknowledged, so
   * nothing more is sent. `silent`: the agent owed an answer; prompts can still be played. The port stays ours.
   */
  closeAgent(reason: 'no-ack' | 'silent' | 'transferred'): void
  /**
   * Plays a prompt to the caller behind those already queued, once the call is answered; an agent that talks is not
   * interrupted. Each one is told by exactly one `prompt.finished`, whatever becomes of it.
   */
  play(prompt: Prompt): void
  /** The answer to a tool of the agent that its owner was asked for (`agent.transfer_requested`). */
  answerTool(toolCallId: string, result: string, isError: boolean): void
  /** Tells the agent what it cannot hear: context, no turn of talk. Nothing happens without an agent. */
  inform(text: string): void
  /**
   * Connects two callers: from now on each hears what the other says, in its own codec, and the agents of both are
   * closed (`transferred`). Both must have been opened beside each other. Recordings go on: the other side stands where
   * the agent stood. Closing either ends it; the other stays open and is silent.
   */
  join(other: MediaSession): void
  /** Ends what is playing and everything queued behind it. */
  stopPlaying(): void
  /** A key that came by signalling (SIP INFO); keys in RTP are heard here anyway. */
  pressed(digit: DtmfDigit): void
  /**
   * Recording by hand, where the policy allows it: `start` (after consent), `pause` and `resume`. A pause is silence in
   * the file, on both sides, so that times stay true. What does not apply now does nothing.
   */
  record(action: RecordingAction): void
  /** Closes the agent at once, then the RTP socket; the port goes to quarantine. Resolves with the final counters. */
  close(): Promise<MediaStats>
}

/** Which calls are recorded; `after-consent`: none until it is started by hand. */
export type RecordingPolicy = 'off' | 'after-consent' | 'always'

export type RecordingAction = 'start' | 'pause' | 'resume'

export interface MediaSessionOptions {
  readonly callId: CallId
  /** A session that this one will be joined with: both live in one media thread. It has no agent of its own. */
  readonly beside?: MediaSession
  /**
   * Told of every agent.*, media.*, prompt.*, recording.* and dtmf fact, in order. `agent.closed` is the last agent event of a session; after
   * `agent-ended` it comes only when the caller has heard everything the agent said.
   */
  readonly onEvent: (event: MediaEvent) => void
  /** For this call alone; absent: what RECORD_CALLS says. */
  readonly recording?: RecordingPolicy
}

/** Where the audio for a caller goes who is connected by a stream of frames (Twilio Media Streams). */
export interface StreamSink {
  /** µ-law, 8000 bytes a second, in real time and at most 200 ms early; nothing while nobody speaks. The buffer is the sink's. */
  audio(ulaw: Uint8Array<ArrayBuffer>): void
  /** What was sent and not played yet is to be thrown away. */
  clear(): void
  /** To be told back by `played` when all before it was played, or thrown away. */
  mark(name: string): void
}

export interface StreamSessionOptions extends Omit<MediaSessionOptions, 'beside'> {
  readonly sink: StreamSink
}

/** A session without RTP: the same agent, recording, prompts and events. */
export interface StreamSession extends Omit<MediaSession, 'local' | 'setRemote' | 'join'> {
  /** Audio of the caller, µ-law; its buffer is transferred. @param atMs milliseconds since the stream began */
  receive(ulaw: Uint8Array<ArrayBuffer>, atMs: number): void
  /** A mark came back. */
  played(name: string): void
}

export interface MediaBridge {
  /** @throws AppError `MEDIA_EXHAUSTED` when no RTP port is free, `INVALID_STATE` when draining or closed. */
  openSession(options: MediaSessionOptions): Promise<MediaSession>
  /** The same for a caller who is connected by a stream. @throws AppError `MEDIA_EXHAUSTED`, `INVALID_STATE`. */
  openStream(options: StreamSessionOptions): Promise<StreamSession>
  /**
   * Fetches a prompt before it is needed, so that playing it needs no network. Resolves with its length.
   * @throws AppError `PROMPT_UNAVAILABLE`.
   */
  preparePrompt(source: PromptSource): Promise<Milliseconds>
  sessionCount(): number
  drain(deadline: Milliseconds): Promise<void>
  close(): Promise<void>
}
