// Everything of an application that is not here yet, four calls at a time: each is counted with its own end, so that a run
// that was cut off goes on behind those that it had.
import { sql } from 'kysely'
import { epochMs, type CallId } from '#core/contracts'
import { AppError } from '#core/errors'
import type { Clock } from '#core/time'
import type { CallRepository } from '../../calls/repository.ts'
import type { Database } from '../../db/database.ts'
import { decodeScenarioOptions } from '../applications/scenario-options.ts'
import type { VendorCallStore } from '../calls/call-store.ts'
import type { RunningSync } from '../sync/sync-job.ts'
import type { SyncStore } from '../sync/sync-store.ts'
import type { AudioFetch } from './audio-fetch.ts'
import { fetched, isSettled, type Fetched } from './fetched.ts'
import type { PendingMark } from './pending-mark.ts'

export interface PendingRunDeps {
  readonly database: Pick<Database, 'query' | 'write'>
  readonly store: SyncStore
  readonly calls: Pick<CallRepository, 'find'>
  readonly vendorCalls: Pick<VendorCallStore, 'changed'>
  readonly audio: AudioFetch
  readonly transcript: (callId: CallId, signal: AbortSignal) => Promise<Fetched>
  readonly pending: PendingMark
  readonly clock: Pick<Clock, 'now'>
  readonly onProgress: () => void
}

const AT_ONCE = 4
const BATCH = 100

export async function runPending(deps: PendingRunDeps, sync: RunningSync): Promise<void> {
  const { database, store, clock } = deps
  const { row, application } = sync
  const isRecording = decodeScenarioOptions(application.options).recording !== 'off'
  if (row.total === null) {
    const total = await countPending(deps, sync)
    await database.write([store.changed(row.sync_id, { total }, clock.now())])
  }
  for (;;) {
    const callIds = await nextPending(deps, sync)
    for (let at = 0; at < callIds.length; at += AT_ONCE) {
      sync.signal.throwIfAborted()
      await sync.extend()
      const some = callIds.slice(at, at + AT_ONCE)
      await Promise.all(some.map((callId) => takeOne(deps, sync, { callId, isRecording })))
      deps.onProgress()
    }
    if (callIds.length === 0) break
  }
  const now = clock.now()
  const done = { state: 'done' as const, finished_at: now }
  await database.write([store.changed(row.sync_id, done, now)])
}

/** Those that this run has looked at were changed since it began. */
const waiting = ({ database: { query } }: PendingRunDeps, { row, application }: RunningSync) =>
  query
    .selectFrom('voximplant_calls')
    .where(sql.ref('is_pending'), '=', sql.lit(1))
    .where('application_id', '=', application.application_id)
    .where('ended_at', 'is not', null)
    .where('updated_at', '<', row.created_at)

async function nextPending(deps: PendingRunDeps, sync: RunningSync): Promise<readonly CallId[]> {
  const rows = await waiting(deps, sync).select('call_id').orderBy('call_id').limit(BATCH).execute()
  return rows.map(({ call_id }) => call_id as CallId)
}

async function countPending(deps: PendingRunDeps, sync: RunningSync): Promise<number> {
  const { count } = await waiting(deps, sync)
    .select(({ fn }) => fn.countAll<number | string>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

interface One {
  readonly callId: CallId
  readonly isRecording: boolean
}

async function takeOne(
  deps: PendingRunDeps,
  { row, signal }: RunningSync,
  { callId, isRecording }: One,
): Promise<void> {
  const { database, store, vendorCalls, clock } = deps
  const words = await attempt(signal, () => deps.transcript(callId, signal))
  const call = await deps.calls.find(callId)
  const isWanted = isRecording && call?.consent_given !== 0
  const audio = isWanted ? await attempt(signal, () => deps.audio.fetch(callId, signal)) : null
  await deps.pending.mark(callId, audio !== null && !isSettled(audio))
  const now = clock.now()
  const isFailed = words.result === 'failed' || audio?.result === 'failed'
  const counts = {
    count: 1,
    transcripts_synced: words.result === 'stored' ? 1 : 0,
    audios_synced: audio?.result === 'stored' ? 1 : 0,
    failed: isFailed ? 1 : 0,
  }
  const [firstTrouble] = [words, audio].filter((one) => one?.result === 'failed')
  await database.write([
    vendorCalls.changed(callId, {}, epochMs(now)),
    store.counted(row.sync_id, counts, now),
    ...(firstTrouble?.detail == null
      ? []
      : [store.changed(row.sync_id, { error: firstTrouble.detail }, now)]),
  ])
}

/** One that fails does not keep the others from being fetched. */
async function attempt(signal: AbortSignal, fetch: () => Promise<Fetched>): Promise<Fetched> {
  try {
    return await fetch()
  } catch (error) {
    signal.throwIfAborted()
    // Only words that were written for others: those of the system tell of paths and addresses.
    return fetched('failed', error instanceof AppError ? error.message : 'It failed.')
  }
}
