// The parts of the control API that animations are made of, without HTTP, beside providers of this or another process.
import { openAuditLog } from '../../control-api/access/audit-log.ts'
import type { ControlApiConfig } from '../../control-api/control-api-config.ts'
import { openDatabase } from '../../control-api/db/database.ts'
import { createAnnouncements } from '../../control-api/events/announcements.ts'
import type { Platform } from '../../control-api/features.ts'
import { SqlJobQueue } from '../../control-api/jobs/sql-job-queue.ts'
import {
  openAnimations,
  type AnimationsOptions,
} from '../../control-api/media-jobs/animation/open-animations.ts'
import { openMediaLibrary } from '../../control-api/media-jobs/library/open-library.ts'
import type { MediaTiming } from '../../control-api/media-jobs/media-timing.ts'
import { openAnimationProviders } from '../../control-api/media-jobs/providers/open-providers.ts'
import { openVideoTools } from '../../control-api/media-jobs/video/open-video-tools.ts'
import type { VideoTools } from '../../control-api/media-jobs/video/video-tools.ts'
import { workFolderOf } from '../../control-api/media-jobs/work-folder.ts'
import { openMediaStore } from '../../control-api/storage/open-store.ts'
import type { MediaConfig } from '../../core/config/index.ts'
import { ms } from '../../core/contracts/index.ts'
import { createMetrics, type Logger } from '../../core/telemetry/index.ts'
import { createClock } from '../../core/time/index.ts'

export const FAST: MediaTiming = {
  pollMs: { first: 40, max: 100 },
  stepRetryMs: { first: 20, max: 60 },
  retryMs: { first: 20, max: 60 },
  lookAgainMs: 150,
  watchedMs: 60_000,
  watchEveryMs: 60,
  sweepEveryMs: 60_000,
  orphanMs: 60_000,
}

export interface PartsOptions {
  readonly dataDir: string
  readonly logger: Logger
  readonly media: MediaConfig
  readonly timing?: Partial<MediaTiming> | undefined
  readonly speech?: AnimationsOptions['speech']
  /** Of our own requests to submit. */
  readonly submitMs?: number | undefined
  /** Where webhooks come in; nowhere unless told. */
  readonly publicUrl?: string | undefined
  /** WEBHOOK_ALLOW_HOSTS. */
  readonly webhookAllowHosts?: readonly string[] | undefined
  /** Instead of ffmpeg. */
  readonly video?: VideoTools | undefined
}

export type AnimationParts = Awaited<ReturnType<typeof openAnimationParts>>

/** Jobs are not begun until `jobs.start`. */
export async function openAnimationParts(options: PartsOptions) {
  const { dataDir, logger, media, speech, submitMs } = options
  const [metrics, clock] = [createMetrics(), createClock()]
  const database = await openDatabase(logger, { dataDir })
  const jobs = new SqlJobQueue(
    { database, clock, logger, metrics },
    { pollEvery: ms(20), backOff: { firstMs: 20, maxMs: 50 } },
  )
  const announcements = createAnnouncements(clock, (error) => {
    throw error
  })
  const mediaStore = await openMediaStore({ dataDir, s3: undefined, logger, metrics })
  const audit = await openAuditLog(database, clock)
  const parts = { logger, metrics, clock, database, jobs, announcements, audit, mediaStore }
  // What is not among them is asked for by nobody here.
  const platform = parts as unknown as Platform
  const mediaTiming = { ...FAST, ...options.timing }
  const { webhookAllowHosts } = options
  const shape = { dataDir, media, mediaTiming, webhookAllowHosts, rehearsal: true }
  const config = shape as ControlApiConfig
  const workFolder = workFolderOf(config)
  const video = options.video ?? openVideoTools({ workFolder })
  const library = await openMediaLibrary(platform, { config, video })
  const timing = submitMs === undefined ? undefined : { submitMs }
  const providers = await openAnimationProviders(platform, {
    config: media,
    publicUrl: () => options.publicUrl,
    timing,
  })
  const speechVoiceId = speech && 'spoken_1'
  const shared = { config, providers, library, video, speech, speechVoiceId }
  const animations = await openAnimations(platform, shared)
  let closing: Promise<void> | undefined
  const close = async (): Promise<void> => {
    await jobs.close()
    await animations.close()
    await providers.close()
    await library.close()
    await video.close()
    await database.close()
  }
  return {
    ...parts,
    library,
    providers,
    animations,
    workFolder,
    close: () => (closing ??= close()),
  }
}
