// What D-ID and HeyGen have in common, as animation/ uses them. Each request is sent once: whoever calls decides whether to
// repeat it.
import type { AnimationErrorKind, AnimationProviderName } from '../animation/animation.ts'

/** Of the provider. */
export type ProviderFailureKind = Extract<
  AnimationErrorKind,
  | 'auth'
  | 'credits'
  | 'permission'
  | 'invalid_input'
  | 'bad_image'
  | 'moderation'
  | 'rate_limited'
  | 'transient'
  | 'not_found'
  | 'unknown'
>

/** Thrown by every method. Its message is for whoever asked: the provider's words, and what to do. */
export class ProviderFailure extends Error {
  override readonly name = 'ProviderFailure'
  readonly kind: ProviderFailureKind
  /** What the provider calls it; null where it does not say. */
  readonly code: string | null
  /** Nobody can tell whether it was carried out: it timed out, or the connection broke, or 5xx. */
  readonly isUnsettled: boolean
  /** As it asks for (429). */
  readonly retryAfterMs: number | undefined

  constructor(
    kind: ProviderFailureKind,
    message: string,
    more: {
      readonly code?: string | null
      readonly isUnsettled?: boolean
      readonly retryAfterMs?: number | undefined
      readonly cause?: unknown
    } = {},
  ) {
    super(message, { cause: more.cause })
    this.kind = kind
    this.code = more.code ?? null
    this.isUnsettled = more.isUnsettled ?? false
    this.retryAfterMs = more.retryAfterMs
  }

  /** Trying again may help. */
  get isPassing(): boolean {
    return this.kind === 'rate_limited' || this.kind === 'transient'
  }
}

/** A file of this machine, to be sent. */
export interface SentFile {
  readonly path: string
  readonly contentType: 'image/jpeg' | 'audio/wav' | 'audio/mpeg'
}

/** What the provider calls a file that it was sent, and how long it keeps it. */
export interface UploadedFile {
  readonly ref: string
  readonly keptForMs: number
}

export interface Submission {
  /** Of `uploadImage`. */
  readonly imageRef: string
  readonly speech:
    | { readonly kind: 'text'; readonly text: string; readonly voiceId: string | null }
    /** Of `uploadAudio`. */
    | { readonly kind: 'audio'; readonly audioRef: string }
  /** Ours, of this submission: what finds it again. */
  readonly clientRef: string
  /** Where it tells that something happened; undefined: nobody can be reached. */
  readonly webhookUrl: string | undefined
}

export interface ProviderJob {
  readonly state: 'running' | 'done' | 'failed'
  /** Their word for it. */
  readonly status: string
  /** Where the video is, for a while; null unless `done`. A secret: whoever has it may fetch it. */
  readonly resultUrl: string | null
  /** Why it failed. */
  readonly failure: ProviderFailure | null
}

/** What is known of a submission whose answer never came. */
export type FoundSubmission =
  | { readonly kind: 'found'; readonly providerJobId: string }
  | { readonly kind: 'missing' }
  /** The provider does not say enough to tell. */
  | { readonly kind: 'untold' }

export interface ProviderLimits {
  readonly maxPromptChars: number
  readonly minPromptChars: number
  readonly maxAudioBytes: number
}

export interface AnimationProvider {
  readonly name: AnimationProviderName
  readonly limits: ProviderLimits
  /** The same client reference submits once, so that a repetition is safe for this long; 0: it is not. */
  readonly repeatableForMs: number
  /** Hosts (or suffixes that begin with a dot) that results are fetched from. */
  readonly resultHosts: readonly string[]
  uploadImage(file: SentFile, signal: AbortSignal): Promise<UploadedFile>
  uploadAudio(file: SentFile, signal: AbortSignal): Promise<UploadedFile>
  /** The request that costs money. @returns the provider's id of the job */
  submit(submission: Submission, signal: AbortSignal): Promise<string>
  /** Looks for a submission by its client reference. @param since epoch ms: it was not sent earlier */
  findSubmission(clientRef: string, since: number, signal: AbortSignal): Promise<FoundSubmission>
  get(providerJobId: string, signal: AbortSignal): Promise<ProviderJob>
  /** Forgets the job there; false where it cannot, such as while it renders. */
  remove(providerJobId: string, signal: AbortSignal): Promise<boolean>
  /** What is left to spend, in the provider's own unit; also a test of the key. */
  balance(signal: AbortSignal): Promise<ProviderBalance>
}

export interface ProviderBalance {
  readonly remaining: number | null
  /** `credits`, `USD`. */
  readonly unit: string
}
