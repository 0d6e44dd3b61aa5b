// What is read of Voximplant behind its calls: their history, transcripts, audio, and the statistics of it all; opened and
// closed as one.
import { join } from 'node:path'
import type { CallId, Milliseconds } from '#core/contracts'
import { inBackground } from '#core/telemetry'
import { openPageCursors } from '../calls/page-cursor.ts'
import type { ControlApiConfig } from '../control-api.ts'
import { paceAnnouncements } from '../events/paced-announcements.ts'
import type { Platform } from '../features.ts'
import type { HttpServer } from '../http-server.ts'
import { RETENTION_DAYS } from '../privacy/retention.ts'
import { callDataRoutes } from '../routes/voximplant/call-data-routes.ts'
import { voximplantStatisticsRoute } from '../routes/voximplant/statistics-route.ts'
import { syncRoutes } from '../routes/voximplant/sync-routes.ts'
import type { AccountStore } from './accounts/account-store.ts'
import type { ApplicationStore } from './applications/application-store.ts'
import type { VendorCallStore } from './calls/call-store.ts'
import type { VoximplantClients } from './vendor/clients.ts'
import { openAudioFetch } from './media/audio-fetch.ts'
import { AUDIO_OPTIONS, AUDIO_TIMING, createAudioJob, type AudioTiming } from './media/audio-job.ts'
import { audioJob } from './media/media-jobs.ts'
import { createPendingMark } from './media/pending-mark.ts'
import { runPending } from './media/pending-run.ts'
import { fetchTranscript } from './media/transcript-fetch.ts'
import { fetched, type Fetched } from './media/fetched.ts'
import { createVoximplantStatistics } from './statistics/statistics.ts'
import { createContextOf } from './sync/history-context.ts'
import { runHistory } from './sync/history-run.ts'
import { createHistoryWriter, type LiveCallsOfHistory } from './sync/history-writer.ts'
import { openSweep } from './sync/sweep-job.ts'
import { SyncDesk } from './sync/sync-desk.ts'
import { createSyncJob, SYNC_OPTIONS, type RunningSync } from './sync/sync-job.ts'
import { createSyncStore } from './sync/sync-store.ts'

/** Other than what is right outside tests. */
export interface CallDataTiming {
  readonly sweepEvery?: Milliseconds | undefined
  readonly audio?: AudioTiming | undefined
  /** Between two readings of a stretch of the history that changed under way. */
  readonly pauseMs?: number | undefined
}

export interface CallDataParts {
  readonly accounts: AccountStore
  readonly applications: ApplicationStore
  readonly vendorCalls: VendorCallStore
  readonly clients: VoximplantClients
  /** False: there is nobody to ask, and nothing is swept. */
  readonly isConfigured: boolean
  readonly settle: LiveCallsOfHistory['settle']
  readonly timing?: CallDataTiming | undefined
}

export interface CallData {
  routes(app: HttpServer): void
  /** For `openCallDesk`: the record of a live call is closed. */
  onEnded(callId: CallId): void
  close(): Promise<void>
}

export async function openCallData(
  platform: Platform,
  config: ControlApiConfig,
  parts: CallDataParts,
): Promise<CallData> {
  const { database, clock, jobs, calls, logger } = platform
  const { applications, clients, timing = {}, settle } = parts
  const store = createSyncStore(database)
  const announcements = paceAnnouncements(platform.announcements)
  const shared = { ...platform, ...parts, store, announcements }
  const desk = new SyncDesk(shared)
  const writer = createHistoryWriter({ ...shared, live: { settle } })
  const { pricePerMinute: agentPricePerMinute, retentionDays = RETENTION_DAYS } = config
  const contextOf = createContextOf({ applications, clock, agentPricePerMinute, retentionDays })
  const pending = createPendingMark(database, clock)
  const audio = await openAudioFetch(shared, join(config.dataDir, 'incoming-voximplant'))
  const transcript = async (callId: CallId, signal: AbortSignal): Promise<Fetched> => {
    const call = await calls.find(callId)
    return call ? fetchTranscript(shared, call, signal) : fetched('none', 'No such call.')
  }
  const history = async (sync: RunningSync): Promise<void> => {
    const { row, application, signal, extend } = sync
    const { rest, account } = await clients.ofApplication(application)
    const onProgress = (): void => desk.told(row)
    const run = { database, store, writer, clock, rest, onProgress, pauseMs: timing.pauseMs }
    const context = contextOf(application, account)
    const applicationId = application.vendor_application_id ?? ''
    await runHistory(run, row, { context, applicationId, signal, extend })
  }
  const run = (sync: RunningSync): Promise<void> => {
    const { row } = sync
    if (row.kind === 'history') return history(sync)
    const onProgress = (): void => desk.told(row)
    return runPending({ ...shared, audio, transcript, pending, onProgress }, sync)
  }
  jobs.work('voximplant.sync', SYNC_OPTIONS, createSyncJob({ ...shared, desk, run }))
  const audioHandler = createAudioJob({ ...shared, audio, pending }, timing.audio ?? AUDIO_TIMING)
  jobs.work('voximplant.audio', AUDIO_OPTIONS, audioHandler)
  await desk.takeOver()
  if (parts.isConfigured) await openSweep({ ...shared, pending, run: history }, timing.sweepEvery)
  const cursors = await openPageCursors(database, clock)
  const statistics = createVoximplantStatistics({ database, applications })
  return {
    routes(app) {
      syncRoutes(app, { ...shared, desk, cursors })
      callDataRoutes(app, { ...shared, writer, contextOf, audio, pending })
      voximplantStatisticsRoute(app, { statistics, clock })
    },
    onEnded(callId) {
      const asked = jobs.enqueue(audioJob(callId))
      inBackground(asked, logger, 'asking for the audio of a call', { callId })
    },
    close() {
      announcements.close()
      return Promise.resolve()
    },
  }
}
