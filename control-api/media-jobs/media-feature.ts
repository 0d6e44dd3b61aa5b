// Media jobs: photos and videos that are kept, and photos that providers make speak.
import { runAll } from '#core/lifecycle'
import type { ControlApiConfig } from '../control-api.ts'
import { createSpokenFiles, type SpokenFiles } from '../elevenlabs/spoken-file.ts'
import type { Feature, Platform } from '../features.ts'
import type { HttpServer } from '../http-server.ts'
import { publicUrlOf } from '../plugins/public-address.ts'
import { openAnimations } from './animation/open-animations.ts'
import { openMediaLibrary } from './library/open-library.ts'
import { openAnimationProviders } from './providers/open-providers.ts'
import { openMediaSweep } from './sweep/open-sweep.ts'
import { openVideoTools } from './video/open-video-tools.ts'
import { workFolderOf } from './work-folder.ts'

export async function openMediaJobs(
  platform: Platform,
  config: ControlApiConfig,
): Promise<Feature> {
  const late: { server?: HttpServer } = {}
  const workFolder = workFolderOf(config)
  const video = openVideoTools({ workFolder })
  const library = await openMediaLibrary(platform, { config, video })
  const providers = await openAnimationProviders(platform, {
    config: config.media,
    publicUrl: () => publicUrlOf(config, late.server),
  })
  const speech = speechOf(platform, config)
  const speechVoiceId = config.agentVendor?.voiceId
  const shared = { config, video, library, providers, speech, speechVoiceId }
  const animations = await openAnimations(platform, shared)
  await openMediaSweep(platform, {
    workFolder,
    reviveAnimations: () => animations.reviveAnimations(),
    finishDeletions: library.finishDeletions,
    endTranscodes: library.endTranscodes,
    timing: config.mediaTiming,
  })
  return {
    routes(app, runOnce) {
      late.server = app
      library.routes(app)
      animations.routes(app, runOnce)
      providers.routes(app, (told) => animations.wake(told), {
        canSpeakByElevenLabs: () => speech !== undefined,
        hasVideoTools: () => video.isInstalled(),
        maxUploadBytes: library.maxUploadBytes,
      })
    },
    close: () =>
      runAll([
        () => library.close(),
        () => animations.close(),
        () => providers.close(),
        () => video.close(),
      ]),
  }
}

/** The agent's vendor speaks words, too, where we have a key for it. */
function speechOf(
  { metrics }: Pick<Platform, 'metrics'>,
  { agentVendor }: ControlApiConfig,
): SpokenFiles | undefined {
  if (agentVendor?.apiKey === undefined) return undefined
  const { restUrl, apiKey, voiceId } = agentVendor
  return createSpokenFiles({ metrics }, { restUrl, apiKey, voiceId })
}
