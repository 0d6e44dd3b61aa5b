// What the simulator has seen, by its own clock: the witness in tests and in the rehearsal.
import type { EpochMs } from '#core/contracts'

/** One TCP connection, whatever came over it. */
export interface ConnectionRecord {
  readonly at: EpochMs
  closedAt: EpochMs | null
  /** Plain HTTP requests. */
  requests: number
  upgraded: boolean
}

export interface SignedUrlRequest {
  readonly at: EpochMs
  readonly agentId: string
  readonly status: number
}

/** One request of text to be spoken. */
export interface SpokenRequest {
  readonly at: EpochMs
  readonly voiceId: string
  readonly text: string
  /** `language_code`; null when none was asked for. */
  readonly language: string | null
  readonly outputFormat: string
  readonly status: number
}

/** A client tool that the agent asked for, and what it was told. */
export interface ToolCallRecord {
  readonly at: EpochMs
  readonly name: string
  readonly toolCallId: string
  answeredAt: EpochMs | null
  result: string | null
  isError: boolean | null
  timedOut: boolean
}

/** What one side said, as the vendor's transcript has it. */
export interface ConversationTurn {
  readonly role: 'user' | 'agent'
  readonly at: EpochMs
  /** As far as it was heard, when it was interrupted. */
  message: string
  /** The whole of what was interrupted. */
  originalMessage?: string
}

/** One webhook that was sent. */
export interface WebhookRecord {
  readonly at: EpochMs
  readonly type: string
  readonly conversationId: string
  /** Of the answer; 0: there was none. Null: it is awaited. */
  status: number | null
}

/** One upgrade request and what came of it. */
export interface AgentSessionRecord {
  readonly agentId: string
  readonly conversationId: string
  /** The TCP connection was accepted: with a prewarm, long before the upgrade. */
  readonly connectionAt: EpochMs
  readonly upgradeAt: EpochMs
  /** 101, or the status the upgrade was refused with. */
  readonly httpStatus: number
  readonly signed: boolean
  initiationAt: EpochMs | null
  /** conversation_initiation_client_data as it came. */
  initiation: Readonly<Record<string, unknown>> | null
  metadataAt: EpochMs | null
  closedAt: EpochMs | null
  closeCode: number | null
  /** `lost`: the connection went away without a close frame. */
  closedBy: 'client' | 'agent' | 'lost' | null
  /** All caller audio so far, in one piece, as µ-law at 8 kHz: what came when the agent's format is ulaw_8000. */
  readonly callerAudio: Buffer
  /** The same, as it came: in the agent's input format. */
  readonly callerWire: Buffer
  /** `bytes`: as µ-law at 8 kHz, 8 a millisecond. */
  readonly callerFrames: readonly { readonly at: EpochMs; readonly bytes: number }[]
  readonly sentAudioAt: readonly EpochMs[]
  /** Bytes of agent audio sent so far, in the agent's output format. */
  readonly sentAudioBytes: number
  readonly interruptions: readonly { readonly at: EpochMs; readonly eventId: number }[]
  readonly pings: number
  readonly pongs: readonly { readonly at: EpochMs; readonly eventId: number }[]
  /** Every client message but audio and pongs, in order. */
  readonly otherMessages: readonly Readonly<Record<string, unknown>>[]
  readonly replies: number
  readonly toolCalls: readonly ToolCallRecord[]
  readonly turns: readonly ConversationTurn[]
}

/** The record as the session writes it. */
export interface WritableSessionRecord extends AgentSessionRecord {
  readonly audioPieces: Buffer[]
  readonly wirePieces: Buffer[]
  readonly callerFrames: { at: EpochMs; bytes: number }[]
  readonly sentAudioAt: EpochMs[]
  sentAudioBytes: number
  readonly interruptions: { at: EpochMs; eventId: number }[]
  pings: number
  readonly pongs: { at: EpochMs; eventId: number }[]
  readonly otherMessages: Readonly<Record<string, unknown>>[]
  replies: number
  readonly toolCalls: ToolCallRecord[]
  readonly turns: ConversationTurn[]
}

export interface SessionStart {
  readonly agentId: string
  readonly conversationId: string
  readonly connectionAt: EpochMs
  readonly upgradeAt: EpochMs
  readonly httpStatus: number
  readonly signed: boolean
}

export function createSessionRecord(start: SessionStart): WritableSessionRecord {
  const audioPieces: Buffer[] = []
  const wirePieces: Buffer[] = []
  return {
    ...start,
    initiationAt: null,
    initiation: null,
    metadataAt: null,
    closedAt: null,
    closeCode: null,
    closedBy: null,
    audioPieces,
    wirePieces,
    get callerAudio() {
      return Buffer.concat(audioPieces)
    },
    get callerWire() {
      return Buffer.concat(wirePieces)
    },
    callerFrames: [],
    sentAudioAt: [],
    sentAudioBytes: 0,
    interruptions: [],
    pings: 0,
    pongs: [],
    otherMessages: [],
    replies: 0,
    toolCalls: [],
    turns: [],
  }
}
