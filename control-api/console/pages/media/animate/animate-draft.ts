// What somebody types to have a photo animated, what is wrong with it, and as the API takes it. Pure.
import { isMemorialId } from '../media-search.ts'
import type {
  AnimateBody,
  Media,
  PromptLimits,
  Provider,
  ProviderName,
  Providers,
  Speech,
} from '../shapes.ts'

export interface AnimateDraft {
  readonly source: 'library' | 'address'
  readonly photo: Pick<Media, 'media_id' | 'name' | 'preview_url'> | null
  readonly imageUrl: string
  /** Of a photo by its address; one that is here belongs somewhere already. */
  readonly memorialId: string
  readonly prompt: string
  /** Null: the usual one. */
  readonly provider: ProviderName | null
  readonly speech: Speech
  readonly voiceId: string
}

export const EMPTY_DRAFT: AnimateDraft = {
  source: 'library',
  photo: null,
  imageUrl: '',
  memorialId: '',
  prompt: '',
  provider: null,
  speech: 'provider',
  voiceId: '',
}

export const MAX_URL = 2048
export const MAX_VOICE = 128

/** As people count them. */
export const lengthOf = (text: string): number => Array.from(text.trim()).length

/** Undefined: none is configured. */
export function chosenProvider(draft: AnimateDraft, { items }: Providers): Provider | undefined {
  const configured = items.filter(({ is_configured: is }) => is)
  return (
    configured.find(({ provider }) => provider === draft.provider) ??
    configured.find(({ is_default: is }) => is) ??
    configured[0]
  )
}

/** What is configured has some. */
export const limitsOf = ({ limits }: Provider): PromptLimits =>
  limits ?? { min_prompt_chars: 1, max_prompt_chars: Infinity }

export type DraftFault =
  | 'no_photo'
  | 'no_https'
  | 'bad_memorial'
  | 'too_short'
  | 'too_long'
  | 'no_voice'
export type DraftField = 'photo' | 'image_url' | 'memorial_id' | 'prompt' | 'voice_id'
export type DraftFaults = Readonly<Partial<Record<DraftField, DraftFault>>>

export function faultsOf(draft: AnimateDraft, provider: Provider): DraftFaults {
  const length = lengthOf(draft.prompt)
  const { min_prompt_chars: min, max_prompt_chars: max } = limitsOf(provider)
  const isOfAddress = draft.source === 'address'
  const hasVoice = draft.voiceId.trim() !== '' || provider.default_voice_id !== null
  return {
    ...(!isOfAddress && draft.photo === null ? { photo: 'no_photo' } : {}),
    ...(isOfAddress && !isHttps(draft.imageUrl) ? { image_url: 'no_https' } : {}),
    ...(isOfAddress && draft.memorialId !== '' && !isMemorialId(draft.memorialId)
      ? { memorial_id: 'bad_memorial' }
      : {}),
    ...(length < min ? { prompt: 'too_short' } : length > max ? { prompt: 'too_long' } : {}),
    ...(draft.speech === 'provider' && !hasVoice ? { voice_id: 'no_voice' } : {}),
  }
}

const isHttps = (text: string): boolean => URL.parse(text.trim())?.protocol === 'https:'

/** Null: something is missing or wrong. */
export function bodyOf(draft: AnimateDraft, provider: Provider): AnimateBody | null {
  if (Object.keys(faultsOf(draft, provider)).length > 0) return null
  const voiceId = draft.voiceId.trim()
  return {
    ...pictureOf(draft),
    prompt: draft.prompt.trim(),
    provider: provider.provider,
    speech: draft.speech,
    ...(voiceId === '' ? {} : { voice_id: voiceId }),
  }
}

function pictureOf(draft: AnimateDraft): Partial<AnimateBody> {
  if (draft.source === 'library')
    return draft.photo === null ? {} : { media_id: draft.photo.media_id }
  const memorial = draft.memorialId === '' ? {} : { memorial_id: draft.memorialId }
  return { image_url: draft.imageUrl.trim(), ...memorial }
}
