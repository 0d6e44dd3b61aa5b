// What pieces of work have in common: what they may use, and how what goes wrong becomes an event.
import type { MediaStore } from '#core/contracts'
import { AppError, codeOf } from '#core/errors'
import type { Metrics } from '#core/telemetry'
import type { EndpointPolicy } from '../../../webhooks/endpoint-policy.ts'
import type { MediaLibrary } from '../../library/media-library.ts'
import { ProviderFailure, type AnimationProvider } from '../../providers/animation-provider.ts'
import type { VideoTools } from '../../video/video-tools.ts'
import type { AnimationRow } from '../animation-row.ts'
import type { FetchLimits } from '../fetch-file.ts'
import type { AnimationEvent, OwnFailure } from '../machine/event.ts'
import type { ConfiguredProviders, SpeaksToFiles } from '../ports.ts'
import type { WorkFiles } from '../work-files.ts'

export interface EffectDeps {
  readonly providers: ConfiguredProviders
  readonly library: MediaLibrary
  readonly video: VideoTools
  /** Undefined: nobody speaks. */
  readonly speech: SpeaksToFiles | undefined
  readonly mediaStore: Pick<MediaStore, 'putFile' | 'size'>
  readonly files: WorkFiles
  readonly metrics: Pick<Metrics, 'add'>
  /** Of links to photos. */
  readonly photoPolicy: EndpointPolicy
  readonly resultPolicyOf: (provider: AnimationProvider) => EndpointPolicy
  readonly maxVideoBytes: number
  readonly fetchLimits?: FetchLimits | undefined
}

/** One run of the job of an animation. */
export interface Effort {
  readonly row: AnimationRow
  readonly signal: AbortSignal
  /** Told by the provider in this run: good for a while, and kept nowhere. */
  readonly fresh: { resultUrl?: string | undefined }
}

export type Effect = (effort: Effort) => Promise<AnimationEvent>
/** Of work that the provider is needed for. */
export type ProviderEffect = (
  provider: AnimationProvider,
  effort: Effort,
) => Promise<AnimationEvent>

/** The event of a provider's failure; anything else is a defect, and thrown on. */
export function failureOf(error: unknown): ProviderFailure {
  if (error instanceof ProviderFailure) return error
  throw error
}

const PASSING = new Set(['STORAGE_UNAVAILABLE', 'MEDIA_BUSY', 'SPEECH_UNAVAILABLE', 'TIMED_OUT'])

/** Of a part of ours that refuses or fails; what it throws beside AppErrors is a defect, and thrown on. */
export function ownFailure(error: unknown): OwnFailure {
  const code = codeOf(error)
  if (!(error instanceof AppError) || code === undefined) throw error
  const { retryAfterSeconds: seconds } = error
  return {
    message: error.message,
    isPassing: PASSING.has(code),
    ...(seconds === undefined ? {} : { retryAfterMs: seconds * 1000 }),
  }
}
