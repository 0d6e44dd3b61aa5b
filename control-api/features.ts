// What the control API is made of beside calls themselves: each feature brings its routes, its jobs and its end.
import type { CallControl, MediaStore, Milliseconds, SipTrace } from '#core/contracts'
import { runAll } from '#core/lifecycle'
import type { CallLogs, Logger, Metrics } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { AuditLog } from './access/audit-log.ts'
import type { KeyRing } from './access/key-ring.ts'
import { openRecords } from './calls/records.ts'
import type { CallRecorder } from './calls/recorder.ts'
import type { CallRepository } from './calls/repository.ts'
import type { ControlApiConfig } from './control-api.ts'
import type { Database } from './db/database.ts'
import { openDialling } from './dialling/dialling.ts'
import type { Announcements } from './events/announcements.ts'
import { openEvents } from './events/events-feature.ts'
import { openAgentVendor } from './elevenlabs/open-agent-vendor.ts'
import type { Feed } from './feed/feed.ts'
import type { HttpServer } from './http-server.ts'
import type { JobQueue } from './jobs/job-queue.ts'
import type { ReadinessSwitch } from './readiness.ts'
import type { RunOnce } from './plugins/idempotency.ts'
import { openRehearsals } from './rehearsals/rehearsals-feature.ts'
import { openPrivacy } from './privacy/privacy-feature.ts'
import { openWebhooks } from './webhooks/webhooks.ts'

/** What every feature may use. */
export interface Platform {
  readonly logger: Logger
  readonly metrics: Metrics
  readonly clock: Clock
  readonly database: Database
  readonly feed: Feed
  /** Live messages about the node, kept nowhere: `GET /api/events?detail=node`. */
  readonly announcements: Announcements
  readonly jobs: JobQueue
  readonly calls: CallRepository
  readonly recorder: CallRecorder
  readonly mediaStore: MediaStore
  readonly audit: AuditLog
  readonly keys: KeyRing
  readonly readiness: Pick<ReadinessSwitch, 'get'>
  /** Undefined before the gateway is up. */
  readonly callControl: () => CallControl | undefined
  readonly sipTrace: SipTrace
  /** Absent where nobody keeps log lines. */
  readonly callLogs?: CallLogs | undefined
}

export interface Feature {
  /** Adds its routes; `runOnce` for those that cost money. */
  routes?(app: HttpServer, runOnce: RunOnce): void
  drain?(deadline: Milliseconds): Promise<void>
  close?(): Promise<void>
}

/** In order of opening; closed in the reverse, also when a later one does not open. */
export async function openFeatures(
  platform: Platform,
  config: ControlApiConfig,
): Promise<readonly Feature[]> {
  const opened: Feature[] = []
  try {
    for (const open of FEATURES) opened.push(await open(platform, config))
    return opened
  } catch (error) {
    await closeFeatures(opened).catch((err: unknown) => {
      platform.logger.error({ err }, 'a feature did not close')
    })
    throw error
  }
}

/** @throws what failed, when all are closed. */
export const closeFeatures = (features: readonly Feature[]): Promise<void> =>
  runAll(features.toReversed().map((feature) => () => feature.close?.()))

type OpenFeature = (platform: Platform, config: ControlApiConfig) => Feature | Promise<Feature>

const FEATURES: readonly OpenFeature[] = [
  openAgentVendor,
  openDialling,
  openEvents,
  openPrivacy,
  openRecords,
  openRehearsals,
  openWebhooks,
]
