// Calls of a telephony vendor outlive us: their records are gone on with. An agent of ours that was open when we ended is
// closed in them, for its socket is gone; one that the vendor has itself goes on.
import {
  epochMs,
  type CallEvent,
  type CallEvents,
  type CallId,
  type CallProvider,
  type EpochMs,
} from '#core/contracts'
import type { Database } from '../../db/database.ts'
import type { CallRecorder } from '../recorder.ts'
import { createCallRepository, decodeCallEvent } from '../repository.ts'

export interface AdoptDeps {
  readonly database: Database
  readonly events: CallEvents
  readonly recorder: Pick<CallRecorder, 'adopt'>
}

/** They join caller and agent by themselves. */
const AGENTS_THERE: ReadonlySet<string> = new Set<CallProvider>(['voximplant'])

export async function adoptOpenCalls(
  { database, events, recorder }: AdoptDeps,
  providers: readonly CallProvider[],
): Promise<void> {
  if (providers.length === 0) return
  const calls = createCallRepository(database)
  const rows = await database.query
    .selectFrom('calls')
    .selectAll()
    .where('ended_at', 'is', null)
    .where('provider', 'in', providers)
    .orderBy('position')
    .execute()
  for (const row of rows) {
    const callId = row.call_id as CallId
    const told = (await calls.events(callId)).map((one) => ({
      seq: one.seq,
      event: decodeCallEvent(one),
    }))
    recorder.adopt(row, told)
    if (AGENTS_THERE.has(row.provider)) continue
    const closed = closeOf(
      callId,
      told.map(({ event }) => event),
    )
    if (closed) events.publish(closed)
  }
}

/** At its last sign of life: the least it can have cost. */
function closeOf(callId: CallId, events: readonly CallEvent[]): CallEvent | undefined {
  let openedAt: EpochMs | null = null
  for (const event of events) {
    if (event.type === 'agent.opened') openedAt = event.data.upgradeSentAt
    if (event.type === 'agent.attempted') openedAt = event.at
    if (event.type === 'agent.attempt_failed' || event.type === 'agent.closed') openedAt = null
  }
  if (openedAt === null) return undefined
  const at = epochMs(events.reduce<number>((latest, event) => Math.max(latest, event.at), openedAt))
  const seconds = (at - openedAt) / 1000
  const detail = 'found open by the next start'
  return {
    type: 'agent.closed',
    callId,
    at,
    data: { reason: 'gateway-crashed', closeCode: null, detail, seconds },
  }
}
