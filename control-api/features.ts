// What the control API is made of beside calls themselves: each feature brings its routes, its jobs and its end.
import type {
  AgentDirectory,
  CallControl,
  CallEvents,
  CallJournal,
  MediaBridge,
  MediaStore,
  Milliseconds,
  MintAnswerEvidence,
  SipTrace,
} from '#core/contracts'
import { runAll } from '#core/lifecycle'
import type { CallLogs, Logger, Metrics, Tracing } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { AuditLog } from './access/audit-log.ts'
import type { KeyRing } from './access/key-ring.ts'
import type { Providers } from './calls/providers.ts'
import { openRecords } from './calls/records.ts'
import type { CallRecorder } from './calls/recorder.ts'
import type { CallRepository } from './calls/repository.ts'
import type { ControlApiConfig } from './control-api.ts'
import type { Database } from './db/database.ts'
import { openDialling } from './dialling/dialling.ts'
import type { Announcements } from './events/announcements.ts'
import { openEvents } from './events/events-feature.ts'
import type { AgentKeys } from './elevenlabs/agent-keys.ts'
import type { AgentVendors } from './elevenlabs/agent-vendors.ts'
import type { ConversationStore } from './elevenlabs/conversation-store.ts'
import { openAgentVendor } from './elevenlabs/open-agent-vendor.ts'
import type { Feed } from './feed/feed.ts'
import type { FlowDesk } from './ivr/flow-desk.ts'
import type { HttpServer } from './http-server.ts'
import type { JobQueue } from './jobs/job-queue.ts'
import type { ReadinessSwitch } from './readiness.ts'
import type { SocketRoute } from './plugins/web-sockets.ts'
import type { RunOnce } from './plugins/idempotency.ts'
import { openRehearsals } from './rehearsals/rehearsals-feature.ts'
import { openOrders } from './orders/orders-feature.ts'
import { openMediaJobs } from './media-jobs/media-feature.ts'
import { openPrivacy } from './privacy/privacy-feature.ts'
import type { TelephonyCopiesRegistry } from './privacy/telephony-copies.ts'
import { openTwilio } from './twilio/twilio-feature.ts'
import type { Vault } from './secrets/vault.ts'
import { openVoximplant } from './voximplant/voximplant-feature.ts'
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
  readonly events: CallEvents
  /** For calls that are not the gateway’s. */
  readonly journal: CallJournal
  readonly directory: AgentDirectory
  /** The menu; undefined where none is configured. */
  readonly flows: FlowDesk | undefined
  /** Whose calls are not the gateway’s says so here. */
  readonly providers: Pick<Providers, 'register'>
  readonly bridge?: (() => MediaBridge | undefined) | undefined
  readonly mint?: MintAnswerEvidence | undefined
  readonly mediaStore: MediaStore
  readonly audit: AuditLog
  /** Whose key asks about a call’s conversation. */
  readonly agentKeys: AgentKeys
  readonly agentVendors: AgentVendors
  /** Who deletes what a telephony vendor keeps. */
  readonly telephonyCopies: TelephonyCopiesRegistry
  readonly conversations: ConversationStore
  /** Secrets of others. */
  readonly vault: Vault
  readonly keys: KeyRing
  readonly readiness: Pick<ReadinessSwitch, 'get'>
  /** Undefined before the gateway is up. */
  readonly callControl: () => CallControl | undefined
  readonly sipTrace: SipTrace
  readonly tracing: Tracing
  /** Absent where nobody keeps log lines. */
  readonly callLogs?: CallLogs | undefined
}

export interface Feature {
  /** Adds its routes; `runOnce` for those that cost money. */
  routes?(app: HttpServer, runOnce: RunOnce): void
  /** Its WebSockets. */
  readonly sockets?: SocketRoute
  /** Refuses calls of its own and waits for those that there are: before `drain`, while HTTP still answers. */
  drainCalls?(deadline: Milliseconds): Promise<void>
  /** Ends those that are left, their agents first: while the media still runs. */
  endCalls?(): Promise<void>
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
  openMediaJobs,
  openOrders,
  openPrivacy,
  openRecords,
  openRehearsals,
  openTwilio,
  openVoximplant,
  openWebhooks,
]
