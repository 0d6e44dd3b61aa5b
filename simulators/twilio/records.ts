// What the simulator has seen and done, by its own clock: the witness in tests and in the rehearsal.
import type { EpochMs } from '#core/contracts'

export type CallStatus =
  | 'queued'
  | 'initiated'
  | 'ringing'
  | 'in-progress'
  | 'completed'
  | 'busy'
  | 'failed'
  | 'no-answer'
  | 'canceled'

export type CallDirection = 'inbound' | 'outbound-api' | 'outbound-dial'

export type WebhookKind = 'voice' | 'status' | 'amd' | 'recording' | 'stream' | 'media'

/** One request that was sent, each attempt of it. */
export interface WebhookRecord {
  readonly at: EpochMs
  readonly callSid: string
  readonly kind: WebhookKind
  readonly method: 'GET' | 'POST'
  /** As it was signed. */
  readonly url: string
  readonly params: Readonly<Record<string, string>>
  readonly signature: string
  readonly forged: boolean
  /** The same for all attempts. */
  readonly idempotencyToken: string
  /** From 1. */
  readonly attempt: number
  /** Of the answer; 0: there was none. Null: it is awaited. */
  status: number | null
  answeredAt: EpochMs | null
  body: string
}

export interface RestRequestRecord {
  readonly at: EpochMs
  readonly method: string
  /** With its query. */
  readonly path: string
  readonly form: Readonly<Record<string, string>>
  /** 0: the answer was lost, or there was none. */
  status: number
}

/** What Twilio's debugger would show. */
export interface Alert {
  readonly at: EpochMs
  readonly code: number
  readonly message: string
}

/** What a Gather asks for, as it came. */
export interface GatherAsked {
  /** From 0, in this call. */
  readonly index: number
  /** All that is said in it; digits stand as the TwiML has them. */
  readonly say: string
  readonly language: string | null
  readonly voice: string | null
  readonly documentUrl: string | null
  /** Absolute. */
  readonly action: string | null
  readonly numDigits: number | null
  /** Empty: no key ends it. */
  readonly finishOnKey: string
  readonly timeoutMs: number
  readonly actionOnEmptyResult: boolean
}

export interface GatherRecord extends GatherAsked {
  readonly at: EpochMs
  digits: string
  /** Null: none did. */
  finishedOnKey: string | null
  /** `elsewhere`: the call ended, or got other TwiML. Null: it goes on. */
  endedBy: 'count' | 'finish-key' | 'timeout' | 'elsewhere' | null
  interrupted: boolean
}

export interface DialAsked {
  readonly numbers: readonly string[]
  readonly callerId: string | null
  readonly timeoutSeconds: number
}

/** What was said or played by a verb. */
export interface HeardPiece {
  readonly at: EpochMs
  readonly kind: 'say' | 'play'
  /** The text, or the URL. */
  readonly text: string
  readonly language: string | null
  readonly voice: string | null
  readonly wholeMs: number
  /** Null while it is said; less than `wholeMs` when it was interrupted. */
  heardMs: number | null
}

export interface MarkRecord {
  readonly name: string
  readonly at: EpochMs
  echoedAt: EpochMs | null
  /** It came back because of a `clear`. */
  cleared: boolean
}

/** One stream of a call. */
export interface StreamRecord {
  readonly sid: string
  readonly name: string | null
  readonly url: string
  readonly bidirectional: boolean
  readonly customParameters: Readonly<Record<string, string>>
  readonly requestedAt: EpochMs
  /** 101 came. */
  readonly connectedAt: EpochMs | null
  readonly startedAt: EpochMs | null
  readonly closedAt: EpochMs | null
  readonly closedBy: 'server' | 'simulator' | 'lost' | null
  readonly closeCode: number | null
  /** What the upgrade was refused with. */
  readonly refusedWith: number | null
  /** All that was played to the caller since the stream began, silence included; 8 bytes a millisecond (µ-law). */
  readonly heardAudio: Buffer
  /** Every media message, as it came. */
  readonly received: readonly { readonly at: EpochMs; readonly bytes: number }[]
  /** What is to be played still. */
  readonly bufferedMs: number
  /** All that was sent, of the caller. */
  readonly sentFrames: number
  readonly marks: readonly MarkRecord[]
  readonly clears: readonly { readonly at: EpochMs; readonly droppedMs: number }[]
}

export interface RecordingRecord {
  readonly sid: string
  readonly callSid: string
  readonly startedAt: EpochMs
  readonly source: string
  readonly channels: number
  readonly track: string
  status: 'in-progress' | 'paused' | 'stopped' | 'processing' | 'completed' | 'absent' | 'deleted'
  endedAt: EpochMs | null
}

/** What happened in a call, in order. */
export type CallLogEntry = { readonly at: EpochMs } & (
  | { readonly type: 'status'; readonly status: CallStatus }
  | { readonly type: 'webhook'; readonly webhook: WebhookRecord }
  | { readonly type: 'document'; readonly url: string | null; readonly twiml: string }
  | { readonly type: 'heard'; readonly piece: HeardPiece }
  | { readonly type: 'gather.started'; readonly gather: GatherRecord }
  | { readonly type: 'gather.listening'; readonly gather: GatherRecord }
  | { readonly type: 'gather.ended'; readonly gather: GatherRecord }
  | { readonly type: 'key'; readonly key: string; readonly heardBy: 'gather' | 'stream' | 'nobody' }
  | { readonly type: 'stream.started'; readonly stream: StreamRecord }
  | { readonly type: 'stream.ended'; readonly stream: StreamRecord }
  | { readonly type: 'recording'; readonly recording: RecordingRecord; readonly status: string }
  | { readonly type: 'dial'; readonly dial: DialAsked; readonly outcome: string | null }
  | { readonly type: 'alert'; readonly alert: Alert }
)

/** `Omit` of each member of a union. */
export type Untimed<T> = T extends unknown ? Omit<T, 'at'> : never
