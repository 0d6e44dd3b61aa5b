// What animations need of the rest: the providers that are set up, and who speaks words.
import type { AnimationVendorConfig } from '#core/config'
import type { AnimationProvider } from '../providers/animation-provider.ts'
import type { AnimationProviderName } from './animation.ts'

/** Of providers/open-providers.ts. */
export interface ConfiguredProviders {
  list(): readonly AnimationProvider[]
  /** Undefined: it is not configured. */
  find(name: AnimationProviderName): AnimationProvider | undefined
  configOf(name: AnimationProviderName): AnimationVendorConfig | undefined
  /** Where it may tell what happens; undefined: it reaches nobody. */
  webhookUrl(name: AnimationProviderName, taskId: string): string | undefined
}

/** Of control-api/elevenlabs/spoken-file.ts. */
export interface SpeaksToFiles {
  /** @throws AppError `SPEECH_UNAVAILABLE`; `VOICE_REQUIRED` */
  speakTo(
    path: string,
    words: {
      readonly text: string
      readonly voiceId: string | null
      readonly signal: AbortSignal
      readonly maxBytes?: number | undefined
    },
  ): Promise<{ readonly bytes: number }>
}

/** What is missing where a provider is not configured. */
export const SETTING_OF: Readonly<Record<AnimationProviderName, string>> = {
  'd-id': 'DID_API_KEY',
  heygen: 'HEYGEN_API_KEY',
}

export const TITLE_OF: Readonly<Record<AnimationProviderName, string>> = {
  'd-id': 'D-ID',
  heygen: 'HeyGen',
}
