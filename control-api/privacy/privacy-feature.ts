// Privacy: what is kept no longer than it should be, and what is erased on request.
import type { ControlApiConfig } from '../control-api.ts'
import type { Feature, Platform } from '../features.ts'
import { erasureRoutes } from '../routes/privacy/erasure-routes.ts'
import { deleteRecordingRoute } from '../routes/privacy/delete-recording-route.ts'
import { settingsRoute } from '../routes/settings.ts'
import { createConversationKeys } from './conversation-keys.ts'
import { ERASURE_JOB, openErasureJob, type ErasureJobOptions } from './erasure-job.ts'
import { openErasures } from './erasures.ts'
import { openRetention } from './retention-job.ts'
import { RETENTION_DAYS, type RetentionDays } from './retention.ts'
import { createElevenLabsCopies, type ElevenLabsAccess } from './vendor-copies.ts'

export interface PrivacyConfig {
  readonly retentionDays?: RetentionDays
  /** Where the agent's vendor is told to forget; nowhere when absent. */
  readonly agentVendor?: ElevenLabsAccess
  readonly erasureJob?: Partial<ErasureJobOptions>
}

export async function openPrivacy(platform: Platform, config: ControlApiConfig): Promise<Feature> {
  const vendor = createElevenLabsCopies(
    config.agentVendor,
    platform.metrics,
    createConversationKeys(platform),
  )
  const retention = await openRetention(platform, config.retentionDays ?? RETENTION_DAYS)
  const erasures = await openErasures(platform)
  await openErasureJob({ ...platform, vendor }, { ...ERASURE_JOB, ...config.erasureJob })
  return {
    routes(app) {
      erasureRoutes(app, erasures)
      deleteRecordingRoute(app, platform)
      settingsRoute(app, { ...platform, retention }, config)
    },
  }
}
