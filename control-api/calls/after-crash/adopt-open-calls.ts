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
import type { Metrics } from '#core/telemetry'
import type { Database } from '../../db/database.ts'
import type { CallRecorder } from '../recorder.ts'
import { createCallRepository, decodeCallEvent } from '../repository.ts'
import { countCutAgent, cutAgentOf, type CutAgent } from './crash-figures.ts'

export interface AdoptDeps {
  readonly database: Database
  readonly events: CallEvents
  readonly recorder: Pick<CallRecorder, 'adopt' | 'onRecorded'>
  readonly metrics: Pick<Metrics, 'add'>
}

/** They join caller and agent by themselves. */
const AGENTS_THERE: ReadonlySet<string> = new Set<CallProvider>(['voximplant'])

export async function adoptOpenCalls(
  { database, events, recorder, metrics }: AdoptDeps,
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
  const cut = new Map<CallId, CutAgent>()
  recorder.onRecorded(({ type, callId }) => {
    const agent = type === 'agent.closed' ? cut.get(callId) : undefined
    if (agent && cut.delete(callId)) countCutAgent(metrics, agent)
  })
  for (const row of rows) {
    const callId = row.call_id as CallId
    const told = (await calls.events(callId)).map((one) => ({
      seq: one.seq,
      event: decodeCallEvent(one),
    }))
    recorder.adopt(row, told)
    if (AGENTS_THERE.has(row.provider)) continue
    const ledger = told.map(({ event }) => event)
    const at = epochMs(ledger.reduce((latest, event) => Math.max(latest, event.at), 0))
    const agent = cutAgentOf(ledger, at)
    if (!agent) continue
    cut.set(callId, agent)
    events.publish(closing(callId, at, agent))
  }
}

/** At its last sign of life. */
const closing = (callId: CallId, at: EpochMs, { seconds }: CutAgent): CallEvent => ({
  type: 'agent.closed',
  callId,
  at,
  data: {
    ...{ reason: 'gateway-crashed', closeCode: null, detail: 'found open by the next start' },
    seconds,
  },
})
