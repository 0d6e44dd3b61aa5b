// What came of a piece of work: the inputs of the state machine.
import type {
  FoundSubmission,
  ProviderFailure,
  ProviderJob,
} from '../../providers/animation-provider.ts'
import type { VideoFacts, VideoFault } from '../../video/video-facts.ts'

/** Something of ours did not work. */
export interface OwnFailure {
  /** For whoever asked. */
  readonly message: string
  /** Trying again may help. */
  readonly isPassing: boolean
  readonly retryAfterMs?: number | undefined
  /** A sentence, for when it is not tried again. */
  readonly toDo?: string | undefined
}

export type AnimationEvent =
  | { readonly kind: 'canceled' }
  | { readonly kind: 'unconfigured'; readonly setting: string }
  | { readonly kind: 'photo-taken'; readonly mediaId: string }
  | { readonly kind: 'photo-failed'; readonly failure: OwnFailure }
  | { readonly kind: 'spoken'; readonly bytes: number }
  | { readonly kind: 'speech-failed'; readonly failure: OwnFailure }
  | { readonly kind: 'place-taken' }
  /** @param ahead how many hold a place or come first */
  | { readonly kind: 'no-place'; readonly ahead: number; readonly maxJobs: number }
  | {
      readonly kind: 'uploaded'
      readonly imageRef: string
      readonly audioRef: string | null
      readonly keptForMs: number
    }
  | { readonly kind: 'upload-failed'; readonly failure: ProviderFailure }
  /** The request that costs money is about to be sent. */
  | { readonly kind: 'intended' }
  | { readonly kind: 'accepted'; readonly providerJobId: string; readonly isRepeated: boolean }
  | {
      readonly kind: 'submit-failed'
      readonly failure: ProviderFailure
      readonly isRepeated: boolean
    }
  | { readonly kind: 'looked'; readonly found: FoundSubmission }
  | { readonly kind: 'look-failed'; readonly failure: ProviderFailure }
  | { readonly kind: 'polled'; readonly job: ProviderJob }
  | { readonly kind: 'poll-failed'; readonly failure: ProviderFailure }
  | { readonly kind: 'removed'; readonly isRemoved: boolean }
  | { readonly kind: 'downloaded'; readonly bytes: number; readonly sha256: string }
  /** @param isExpired its address is no longer good: a fresh one may be */
  | { readonly kind: 'download-failed'; readonly failure: OwnFailure; readonly isExpired: boolean }
  /** The provider, asked for the address of the result. */
  | { readonly kind: 'result-refused'; readonly failure: ProviderFailure }
  | { readonly kind: 'file-missing' }
  | { readonly kind: 'good'; readonly facts: VideoFacts; readonly mediaId: string }
  | { readonly kind: 'bad'; readonly fault: VideoFault }
  /** `busy`, `no-tools`: nothing was tried. */
  | {
      readonly kind: 'not-checked'
      readonly message: string
      readonly why: 'busy' | 'no-tools' | 'failed'
    }
  | { readonly kind: 'stored' }
  | { readonly kind: 'store-failed'; readonly failure: OwnFailure }
  /** The disk with our work folder is full, or fails. */
  | { readonly kind: 'disk-failed'; readonly failure: OwnFailure }
  /** No result came while it was still watched. */
  | { readonly kind: 'forgotten' }

export type EventOf<K extends AnimationEvent['kind']> = Extract<
  AnimationEvent,
  { readonly kind: K }
>
