// What the control API is made of beside calls themselves: each feature brings its routes, its jobs and its end.
import type { CallControl, MediaStore, Milliseconds } from '#core/contracts'
import type { Logger, Metrics } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { AuditLog } from './access/audit-log.ts'
import type { CallRecorder } from './calls/recorder.ts'
import type { CallRepository } from './calls/repository.ts'
import type { ControlApiConfig } from './control-api.ts'
import type { Database } from './db/database.ts'
import type { Feed } from './feed/feed.ts'
import type { HttpServer } from './http-server.ts'
import type { JobQueue } from './jobs/job-queue.ts'
import type { RunOnce } from './plugins/idempotency.ts'

/** What every feature may use. */
export interface Platform {
  readonly logger: Logger
  readonly metrics: Metrics
  readonly clock: Clock
  readonly database: Database
  readonly feed: Feed
  readonly jobs: JobQueue
  readonly calls: CallRepository
  readonly recorder: CallRecorder
  readonly mediaStore: MediaStore
  readonly audit: AuditLog
  /** Undefined before the gateway is up. */
  readonly callControl: () => CallControl | undefined
}

export interface Feature {
  /** Adds its routes; `runOnce` for those that cost money. */
  routes?(app: HttpServer, runOnce: RunOnce): void
  drain?(deadline: Milliseconds): Promise<void>
  close?(): Promise<void>
}

/** In order of opening; closed in the reverse. */
export async function openFeatures(
  platform: Platform,
  config: ControlApiConfig,
): Promise<readonly Feature[]> {
  return Promise.all(FEATURES.map(async (open) => open(platform, config)))
}

type OpenFeature = (platform: Platform, config: ControlApiConfig) => Feature | Promise<Feature>

const FEATURES: readonly OpenFeature[] = []
