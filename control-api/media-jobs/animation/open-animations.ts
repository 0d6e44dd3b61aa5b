// Photos that providers make speak: opened here, with their jobs, their routes and their figures.
import type { ControlApiConfig } from '../../control-api-config.ts'
import { openPageCursors } from '../../calls/page-cursor.ts'
import type { Platform } from '../../features.ts'
import type { HttpServer } from '../../http-server.ts'
import type { RunOnce } from '../../plugins/idempotency.ts'
import { animationRoutes } from '../../routes/media/animation-routes.ts'
import { createEndpointPolicy, type EndpointPolicy } from '../../webhooks/endpoint-policy.ts'
import type { MediaLibrary } from '../library/media-library.ts'
import { MEDIA_TIMING } from '../media-timing.ts'
import type { VideoTools } from '../video/video-tools.ts'
import { openWorkFolder, workFolderOf } from '../work-folder.ts'
import { ANIMATION_PROVIDERS, type AnimationProviderName } from './animation.ts'
import {
  createAnimationBudget,
  DEFAULT_MAX_A_DAY,
  type AnimationBudget,
} from './animation-budget.ts'
import { AnimationDesk } from './animation-desk.ts'
import { createAnimationFigures } from './animation-figures.ts'
import { AnimationAlarm, JOB_OPTIONS, jobKindOf } from './animation-jobs.ts'
import { AnimationRun } from './animation-run.ts'
import { openAnimationStore } from './animation-store.ts'
import { createAskRules, type AskRules } from './ask-rules.ts'
import type { EffectDeps } from './effects/effect.ts'
import { createEffects, type Effects } from './effects/effects.ts'
import type { ConfiguredProviders, SpeaksToFiles } from './ports.ts'
import { createProviderPlaces } from './provider-places.ts'
import { cleanWorkFiles, reviveAnimations } from './reconcile.ts'
import { createResultPolicy } from './result-policy.ts'
import { Stops } from './stops.ts'
import { createWorkFiles } from './work-files.ts'

export interface AnimationsOptions {
  readonly config: ControlApiConfig
  readonly providers: ConfiguredProviders
  readonly library: MediaLibrary
  readonly video: VideoTools
  /** Undefined: nobody speaks but the providers. */
  readonly speech?: SpeaksToFiles | undefined
  /** ELEVENLABS_VOICE_ID; undefined: whoever asks for its speech names a voice. */
  readonly speechVoiceId?: string | undefined
}

/** Somebody told that something may have changed at a provider. */
export interface ToldOfAnimation {
  readonly provider: AnimationProviderName
  readonly taskId?: string | undefined
  readonly providerJobId?: string | undefined
}

export interface Animations {
  /** As its routes use it. */
  readonly desk: AnimationDesk
  /** Asks the provider about it now, when there is such an animation. */
  wake(told: ToldOfAnimation): Promise<void>
  /** A job for each that needs one and has none: how many. Files of those that are over, or gone, are deleted. */
  reviveAnimations(): Promise<number>
  routes(app: HttpServer, runOnce: RunOnce): void
  close(): Promise<void>
}

const DEFAULT_MAX_VIDEO_BYTES = 500 * 1024 * 1024

export type AnimationsPlatform = Pick<
  Platform,
  'announcements' | 'audit' | 'clock' | 'database' | 'jobs' | 'logger' | 'mediaStore' | 'metrics'
>

export async function openAnimations(
  platform: AnimationsPlatform,
  options: AnimationsOptions,
): Promise<Animations> {
  const { database, jobs, clock } = platform
  const { config, providers, library } = options
  const folder = workFolderOf(config)
  await openWorkFolder(folder)
  const files = createWorkFiles(folder)
  const timing = { ...MEDIA_TIMING, ...config.mediaTiming }
  const store = await openAnimationStore(database)
  const places = createProviderPlaces(database)
  const alarm = new AnimationAlarm(platform)
  const stops = new Stops()
  const { onChange } = createAnimationFigures(platform, {
    places,
    alarm,
    maxJobsOf: (name) => providers.configOf(name)?.maxJobs ?? 0,
  })
  const photoPolicy = photoPolicyOf(config)
  const effects = effectsOf(platform, options, { files, photoPolicy })
  const stepContext = { timing, random: Math.random }
  const shared = { ...platform, store, alarm, files, stepContext, onChange }
  const run = {
    ...shared,
    places,
    providers,
    library,
    effects,
    timing,
    stopOf: (taskId: string) => stops.of(taskId),
    onEnd: (taskId: string) => stops.end(taskId),
  }
  for (const name of ANIMATION_PROVIDERS)
    jobs.work(jobKindOf(name), JOB_OPTIONS, (job, hold) => new AnimationRun(run, job, hold).go())
  const rules = rulesOf(options, photoPolicy)
  const budget = budgetOf(platform, config)
  const stop = (taskId: string): void => stops.stop(taskId)
  const desk = new AnimationDesk({ ...shared, rules, budget, stop })
  const cursors = await openPageCursors(database, clock)
  const revive = async (): Promise<number> => {
    await cleanWorkFiles(shared)
    return reviveAnimations(shared)
  }
  await revive()
  return {
    desk,
    wake: (told) => wakeAnimation({ ...platform, store, alarm }, told),
    reviveAnimations: revive,
    routes(app, runOnce) {
      const publicUrl = config.publicUrl?.replace(/\/+$/, '') ?? ''
      animationRoutes(app, { desk, store, cursors, publicUrl }, runOnce)
    },
    close() {
      alarm.close()
      return Promise.resolve()
    },
  }
}

/** WEBHOOK_ALLOW_HOSTS opens ways for what goes out: by a link, whoever has a key would read there. */
const photoPolicyOf = ({ rehearsal }: ControlApiConfig): EndpointPolicy =>
  createEndpointPolicy({ allowHosts: [], allowLoopback: rehearsal })

const budgetOf = (platform: AnimationsPlatform, { media }: ControlApiConfig): AnimationBudget =>
  createAnimationBudget({ ...platform, maxADay: media?.maxAnimationsADay ?? DEFAULT_MAX_A_DAY })

function effectsOf(
  { mediaStore, metrics }: AnimationsPlatform,
  { config, providers, library, video, speech }: AnimationsOptions,
  own: Pick<EffectDeps, 'files' | 'photoPolicy'>,
): Effects {
  return createEffects({
    ...{ mediaStore, metrics, providers, library, video, speech },
    ...own,
    resultPolicyOf: ({ name, resultHosts }) =>
      createResultPolicy({
        resultHosts: [...resultHosts, ...(config.media?.resultHosts ?? [])],
        baseUrl: providers.configOf(name)?.baseUrl ?? '',
        isRehearsal: config.rehearsal,
      }),
    maxVideoBytes: config.media?.maxUploadBytes ?? DEFAULT_MAX_VIDEO_BYTES,
  })
}

const rulesOf = (options: AnimationsOptions, photoPolicy: EndpointPolicy): AskRules =>
  createAskRules({
    ...options,
    defaultProvider: () => options.config.media?.defaultProvider ?? 'd-id',
    photoPolicy,
    canSpeak: options.speech !== undefined,
    spokenBy: options.speechVoiceId,
  })

async function wakeAnimation(
  {
    database,
    clock,
    store,
    alarm,
  }: Pick<Platform, 'database' | 'clock'> & {
    readonly store: Awaited<ReturnType<typeof openAnimationStore>>
    readonly alarm: AnimationAlarm
  },
  { provider, taskId, providerJobId }: ToldOfAnimation,
): Promise<void> {
  const id = taskId ?? (await store.taskOf(provider, providerJobId ?? ''))
  if (id === undefined) return
  const [woken] = await database.write([store.woken({ taskId: id, provider }, clock.now())])
  if (woken?.changes === 1) await alarm.wake({ task_id: id, provider })
}
