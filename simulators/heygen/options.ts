// How the simulated HeyGen is started, and what its owner can do with it.
import type { StudioVendor, StudioVendorOptions } from '#simulators/animation-studio'

/** How a webhook is signed: as v3 does it, as the older API did, or with both headers. */
export type SignatureHeaders = 'v3' | 'legacy' | 'both'

export interface HeyGenOptions extends StudioVendorOptions {
  /** Videos under way at a time; beyond, submissions are refused with 429. Default 10. */
  readonly concurrency?: number | undefined
  /** How long the answer of an Idempotency-Key is repeated. Default 24 h. */
  readonly replayedMs?: number | undefined
  /** Not known of the vendor: whether a refusal (4xx) is repeated for its key as well. Default false. */
  readonly replaysRefusals?: boolean | undefined
  /** Before each further attempt; default 1, 5, 30 and 120 s. The vendor goes on for 24 h. */
  readonly webhookRetryMs?: readonly number[] | undefined
  /** Not known of the vendor: the names of the headers. Default v3: Heygen-Signature, -Timestamp and -Event-Id. */
  readonly signatureHeaders?: SignatureHeaders | undefined
  /** Not known of the vendor: whether a `callback_url` is signed, by the secret of the oldest endpoint. Default false. */
  readonly signsCallbacks?: boolean | undefined
  /** Not known of the vendor: OPTIONS to an endpoint before it is registered, which must be answered 2xx. Default false. */
  readonly probesEndpoints?: boolean | undefined
  /** Not known of the vendor: when moderation and faces are judged. Default rendering: the video fails. */
  readonly moderatesAt?: 'submission' | 'rendering' | undefined
  /** Not known of the vendor: what a video is at first. Default waiting. */
  readonly firstStatus?: 'waiting' | 'queued' | 'pending' | undefined
  /** What `GET /v3/users/me` tells of. Default wallet. */
  readonly billing?: 'wallet' | 'subscription' | 'usage_based' | undefined
  /** Credits a second of video; default 0.1, also for one that fails. */
  readonly creditsPerSecond?: number | undefined
}

export type HeyGenSimulator = StudioVendor
