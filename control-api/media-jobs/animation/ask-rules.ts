// What an animation must have before it is taken on: all that is known beforehand to stand in its way is refused here.
import { AppError } from '#core/errors'
import type { EndpointPolicy } from '../../webhooks/endpoint-policy.ts'
import type { MediaItemRow, MediaLibrary } from '../library/media-library.ts'
import type { AnimationProvider } from '../providers/animation-provider.ts'
import type { VideoTools } from '../video/video-tools.ts'
import type { AnimationProviderName } from './animation.ts'
import type { AnimationRow } from './animation-row.ts'
import { SETTING_OF, TITLE_OF, type ConfiguredProviders } from './ports.ts'

export interface AskedAnimation {
  readonly provider?: AnimationProviderName | undefined
  readonly mediaId?: string | undefined
  readonly imageUrl?: string | undefined
  readonly prompt: string
  readonly voiceId?: string | undefined
  readonly speech?: AnimationRow['speech'] | undefined
  readonly memorialId?: string | undefined
}

export type FitAnimation = Pick<
  AnimationRow,
  'provider' | 'media_id' | 'image_url' | 'prompt' | 'voice_id' | 'speech' | 'memorial_id'
>

export interface AskRules {
  /** @throws AppError of what stands in the way */
  examine(asked: AskedAnimation): Promise<FitAnimation>
  /** The same, of one that was taken once. */
  examineRetry(row: AnimationRow): Promise<void>
}

export interface AskRulesDeps {
  readonly providers: ConfiguredProviders
  readonly defaultProvider: () => AnimationProviderName
  readonly library: Pick<MediaLibrary, 'find'>
  readonly video: Pick<VideoTools, 'isInstalled'>
  readonly photoPolicy: EndpointPolicy
  readonly canSpeak: boolean
  /** Of ElevenLabs; undefined: whoever asks names one. */
  readonly spokenBy: string | undefined
}

export function createAskRules(deps: AskRulesDeps): AskRules {
  return {
    async examine(asked) {
      const name = asked.provider ?? deps.defaultProvider()
      const provider = requireProvider(deps.providers, name)
      const prompt = requirePrompt(asked.prompt, provider)
      const speech = asked.speech ?? 'provider'
      const voiceId = asked.voiceId ?? null
      requireVoice(deps, { provider: name, speech, voice_id: voiceId })
      const photo = await requirePhoto(deps, asked)
      await requireTools(deps.video)
      return {
        provider: name,
        prompt,
        speech,
        voice_id: voiceId,
        media_id: photo?.media_id ?? null,
        image_url: asked.imageUrl ?? null,
        memorial_id: asked.memorialId ?? photo?.memorial_id ?? null,
      }
    },
    async examineRetry(row) {
      requireProvider(deps.providers, row.provider)
      requireVoice(deps, row)
      await requireTools(deps.video)
    },
  }
}

/** @throws AppError `PROVIDER_NOT_CONFIGURED` */
function requireProvider(
  providers: ConfiguredProviders,
  name: AnimationProviderName,
): AnimationProvider {
  const provider = providers.find(name)
  if (provider !== undefined) return provider
  throw new AppError(
    'PROVIDER_NOT_CONFIGURED',
    `${TITLE_OF[name]} is not set up here: ${SETTING_OF[name]} is missing.`,
    { details: { field: 'provider', setting: SETTING_OF[name] } },
  )
}

function requirePrompt(given: string, { limits, name }: AnimationProvider): string {
  const prompt = given.trim()
  const { minPromptChars: least, maxPromptChars: most } = limits
  if (prompt.length >= least && prompt.length <= most) return prompt
  throw invalid('prompt', `must have ${least} to ${most} characters for ${TITLE_OF[name]}`)
}

function requireVoice(
  { providers, canSpeak, spokenBy }: AskRulesDeps,
  row: Pick<AnimationRow, 'provider' | 'speech' | 'voice_id'>,
): void {
  const field = { details: { field: 'voice_id' } }
  if (row.speech === 'provider') {
    if (row.voice_id !== null || (providers.configOf(row.provider)?.voiceId ?? null) !== null)
      return
    const setting = row.provider === 'd-id' ? 'DID_VOICE_ID' : 'HEYGEN_VOICE_ID'
    const why = `There is no "voice_id", and ${setting} is not set.`
    throw new AppError('VOICE_REQUIRED', why, field)
  }
  if (!canSpeak)
    throw new AppError(
      'PROVIDER_NOT_CONFIGURED',
      'ElevenLabs is not set up here: ELEVENLABS_API_KEY is missing.',
      { details: { field: 'speech', setting: 'ELEVENLABS_API_KEY' } },
    )
  if (row.voice_id !== null || spokenBy !== undefined) return
  const why = 'There is no "voice_id", and ELEVENLABS_VOICE_ID is not set.'
  throw new AppError('VOICE_REQUIRED', why, field)
}

async function requirePhoto(
  { library, photoPolicy }: AskRulesDeps,
  { mediaId, imageUrl }: AskedAnimation,
): Promise<MediaItemRow | undefined> {
  if ((mediaId === undefined) === (imageUrl === undefined))
    throw invalid('media_id', 'or image_url must be there: one of them, not both')
  if (mediaId !== undefined) return requireItem(library, mediaId)
  const examined = await photoPolicy.examine(imageUrl ?? '')
  if (examined.kind === 'allowed') return undefined
  throw new AppError('ENDPOINT_REFUSED', `image_url may not be fetched: ${examined.why}.`, {
    details: { field: 'image_url' },
  })
}

async function requireItem(
  library: AskRulesDeps['library'],
  mediaId: string,
): Promise<MediaItemRow> {
  const item = await library.find(mediaId)
  if (item === undefined)
    throw new AppError('NOT_FOUND', 'There is no photo with this media_id.', {
      details: { field: 'media_id' },
    })
  if (item.kind !== 'photo') throw invalid('media_id', 'is not a photo: only photos are animated')
  return item
}

async function requireTools(video: AskRulesDeps['video']): Promise<void> {
  if (await video.isInstalled()) return
  throw new AppError(
    'VIDEO_TOOLS_MISSING',
    'ffmpeg is not installed here: the finished video could not be checked, so nothing is begun.',
  )
}

const invalid = (field: string, what: string): AppError =>
  new AppError('REQUEST_INVALID', `${field} ${what}.`, { details: { field } })
