// The record of every call, what follows from it, and what a crash left of it.
import type { CallId, CallProvider } from '#core/contracts'
import type { Tracing } from '#core/telemetry'
import { SqlJobQueue } from './jobs/sql-job-queue.ts'
import { adoptOpenCalls } from './calls/after-crash/adopt-open-calls.ts'
import { adoptRecordings } from './calls/after-crash/adopt-recordings.ts'
import { conversationFollowUp } from './elevenlabs/conversation-follow-up.ts'
import { createCallRepository } from './calls/repository.ts'
import { openMediaStore } from './storage/open-store.ts'
import { openFeed } from './feed/feed.ts'
import { recoverOpenCalls } from './calls/after-crash/recovery.ts'
import { redials } from './dialling/redials.ts'
import { watchCallMetrics } from './calls/call-metrics.ts'
import { traceCalls } from './calls/trace/call-spans.ts'
import { LedgerAuditor } from './calls/auditor.ts'
import { createConsequences, type Consequence } from './calls/consequences.ts'
import { CallRecorder } from './calls/recorder.ts'
import type { ControlApiConfig, ControlApiDeps } from './control-api.ts'
import type { Database } from './db/database.ts'
import type { PacedAnnouncements } from './events/paced-announcements.ts'

/** What else follows from the events of a call, beside the feed. */
const CONSEQUENCES: readonly Consequence[] = []

export async function openHistory(
  database: Database,
  deps: ControlApiDeps & { readonly changes: PacedAnnouncements; readonly tracing: Tracing },
  config: ControlApiConfig,
) {
  const { logger, metrics, clock, events, changes, tracing } = deps
  const calls = createCallRepository(database)
  const auditor = new LedgerAuditor({ calls, metrics, logger })
  const feed = await openFeed(database, clock)
  const onChange = (): void => changes.announce('job.changed', {})
  const jobs = new SqlJobQueue({ database, clock, logger, metrics, tracing, onChange })
  const consequences = createConsequences({ feed, jobs }, [
    ...CONSEQUENCES,
    redials(database.query),
    conversationFollowUp(database.query),
  ])
  // Vendors go on with their calls, whatever becomes of us.
  const goOn: readonly CallProvider[] = [
    ...(config.twilio === undefined ? [] : (['twilio'] as const)),
    ...(config.voximplant === undefined ? [] : (['voximplant'] as const)),
  ]
  const recovered = await recoverOpenCalls(
    { database, consequences, logger, metrics },
    clock.now(),
    goOn,
  )
  for (const callId of recovered) await auditor.audit(callId, true)
  const { dataDir, s3 } = config
  const mediaStore = await openMediaStore({ dataDir, s3, logger, metrics })
  await adoptRecordings({ database, consequences, mediaStore, clock, logger })
  const recorder = new CallRecorder(
    { database, consequences, events, clock, logger, mediaStore },
    { agentPricePerMinute: config.pricePerMinute },
  )
  recorder.onRecorded(auditor.onRecorded)
  await adoptOpenCalls({ database, events, recorder, metrics }, goOn)
  const find = (callId: CallId) => recorder.find(callId)
  const stopTraces = traceCalls({ events, tracing, find })
  const stopMetrics = watchCallMetrics({
    events,
    metrics,
    find,
    open: () => recorder.open(),
    trunks: () => config.trunks?.().trunks.map(({ name }) => name) ?? [],
  })
  return { calls, auditor, feed, jobs, consequences, mediaStore, recorder, stopMetrics, stopTraces }
}
