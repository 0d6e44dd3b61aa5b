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
  /** All caller audio so far, in one piece. */
  readonly callerAudio: Buffer
  readonly callerFrames: readonly { readonly at: EpochMs; readonly bytes: number }[]
  readonly sentAudioAt: readonly EpochMs[]
  /** Bytes of agent audio sent so far. */
  readonly sentAudioBytes: number
  readonly interruptions: readonly { readonly at: EpochMs; readonly eventId: number }[]
  readonly pings: number
  readonly pongs: readonly { readonly at: EpochMs; readonly eventId: number }[]
  /** Every client message but audio and pongs, in order. */
  readonly otherMessages: readonly Readonly<Record<string, unknown>>[]
  readonly replies: number
}

/** The record as the session writes it. */
export interface WritableSessionRecord extends AgentSessionRecord {
  readonly audioPieces: Buffer[]
  readonly callerFrames: { at: EpochMs; bytes: number }[]
  readonly sentAudioAt: EpochMs[]
  sentAudioBytes: number
  readonly interruptions: { at: EpochMs; eventId: number }[]
  pings: number
  readonly pongs: { at: EpochMs; eventId: number }[]
  readonly otherMessages: Readonly<Record<string, unknown>>[]
  replies: number
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
  return {
    ...start,
    initiationAt: null,
    initiation: null,
    metadataAt: null,
    closedAt: null,
    closeCode: null,
    closedBy: null,
    audioPieces,
    get callerAudio() {
      return Buffer.concat(audioPieces)
    },
    callerFrames: [],
    sentAudioAt: [],
    sentAudioBytes: 0,
    interruptions: [],
    pings: 0,
    pongs: [],
    otherMessages: [],
    replies: 0,
  }
}
