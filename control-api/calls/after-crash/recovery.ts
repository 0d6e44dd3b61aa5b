// What a crash left open is closed by the next start, with a cause: no record stays open for ever.
import type { Compilable } from 'kysely'
import {
  epochMs,
  type CallEvent,
  type CallId,
  type CallProvider,
  type EpochMs,
  type Termination,
} from '#core/contracts'
import type { Logger, Metrics } from '#core/telemetry'
import type { Database } from '../../db/database.ts'
import type { CallEventRow, CallRow } from '../../db/schema.ts'
import { isWorthReleasing } from './abandoned-calls.ts'
import type { Consequences } from '../consequences.ts'
import { countCrashedCall, countCutAgent, cutAgentOf, type CutAgent } from './crash-figures.ts'
import { foldCall } from '../fold-call.ts'
import { transcriptWrites, writeEnds } from '../transcript/kept-transcript.ts'
import { createCallRepository, decodeCallEvent, type CallRepository } from '../repository.ts'

const CRASHED: Termination = {
  result: 'server_error',
  reason: 'gateway-crashed',
  by: 'gateway',
  sipStatus: null,
}

export interface RecoveryDeps {
  readonly database: Database
  readonly consequences: Consequences
  readonly logger: Logger
  readonly metrics: Pick<Metrics, 'add'>
}

/** Calls closed in one transaction. */
const CHUNK = 100

/**
 * Closes every call that has no end, at its last sign of life: when it really ended nobody knows, and counting the
 * time we were down would be wrong for certain.
 * @param goOn whose calls go on without us: those are left open
 */
export async function recoverOpenCalls(
  deps: RecoveryDeps,
  now: EpochMs,
  goOn: readonly CallProvider[] = [],
): Promise<CallId[]> {
  const { database, logger } = deps
  const calls = createCallRepository(database)
  const recovered: CallId[] = []
  let tooOld = 0
  for (;;) {
    const rows = await database.query
      .selectFrom('calls')
      .selectAll()
      .where('ended_at', 'is', null)
      // None is named so: an empty list is no list in every dialect.
      .where('provider', 'not in', ['', ...goOn])
      .orderBy('position')
      .limit(CHUNK)
      .execute()
    if (rows.length === 0) break
    const closings = await Promise.all(rows.map((row) => closeCrashed(deps, calls, row)))
    await writeEnds(
      { database, logger },
      // Nobody reads the feed yet: its places are free when they are written late.
      () => closings.flatMap(({ writes }) => writes),
      closings.flatMap(({ transcript }) => transcript),
    )
    rows.forEach((row, at) => {
      countCrashedCall(deps.metrics, row, CRASHED)
      const agent = closings[at]?.agent
      if (agent) countCutAgent(deps.metrics, agent)
    })
    recovered.push(...rows.map((row) => row.call_id as CallId))
    tooOld += rows.filter(
      ({ answered_at, created_at }) => answered_at !== null && !isWorthReleasing(created_at, now),
    ).length
  }
  if (recovered.length > 0) {
    const counts = { calls: recovered.length, tooOldToRelease: tooOld }
    logger.warn(counts, 'closed the calls that a crash had left open')
  }
  return recovered
}

interface Closing {
  readonly agent: CutAgent | undefined
  readonly writes: readonly Compilable[]
  readonly transcript: readonly Compilable[]
}

async function closeCrashed(
  { database, consequences }: RecoveryDeps,
  calls: CallRepository,
  row: CallRow,
): Promise<Closing> {
  const rows = await calls.events(row.call_id as CallId)
  const events = rows.map(decodeCallEvent)
  const at = lastSignOfLife(row, rows)
  const ended: CallEvent = {
    type: 'call.ended',
    callId: row.call_id as CallId,
    at,
    data: { termination: CRASHED },
  }
  const agent = cutAgentOf(events, at)
  const update = { ended_at: at, ...foldCall(row, ended), ...closeAgent(row, at, agent) }
  const event = database.query.insertInto('call_events').values({
    call_id: row.call_id,
    seq: (rows.at(-1)?.seq ?? -1) + 1,
    at,
    type: ended.type,
    data: JSON.stringify(ended.data),
  })
  return {
    agent,
    writes: [
      event,
      database.query.updateTable('calls').set(update).where('call_id', '=', row.call_id),
      ...consequences.of({ row: { ...row, ...update }, event: ended }),
    ],
    transcript: transcriptWrites(database.query, row.call_id, [...events, ended]),
  }
}

const lastSignOfLife = (row: CallRow, events: readonly CallEventRow[]): EpochMs =>
  epochMs(events.reduce((latest, { at }) => Math.max(latest, at), row.created_at))

function closeAgent(row: CallRow, at: EpochMs, agent: CutAgent | undefined) {
  if (agent === undefined) return {}
  return {
    agent_closed_at: at,
    agent_close_reason: 'gateway-crashed' as const,
    agent_seconds: row.agent_seconds + agent.seconds,
  }
}
