// What a process that died would have counted at the end of its calls: counted by the one that ends their records.
import type { CallEvent, EpochMs, Termination } from '#core/contracts'
import type { Metrics } from '#core/telemetry'
import type { CallRow } from '../../db/schema.ts'
import { countEnd } from '../call-metrics.ts'

type Counting = Pick<Metrics, 'add'>

/** Not how long it was: that nobody knows. */
export function countCrashedCall(
  metrics: Counting,
  {
    direction,
    trunk,
    answered_at: answeredAt,
    machine_verdict: verdict,
  }: Pick<CallRow, 'direction' | 'trunk' | 'answered_at' | 'machine_verdict'>,
  termination: Termination,
): void {
  countEnd(metrics, { direction, trunk, answered: answeredAt !== null, verdict }, termination)
}

/** An agent’s session that was under way when the process ended. */
export interface CutAgent {
  /** Up to the last sign of life: the least it can have cost. */
  readonly seconds: number
  /** Otherwise it was only asked for, which costs nothing. */
  readonly hasOpened: boolean
}

/** @param at the last sign of life; undefined: none was under way */
export function cutAgentOf(events: readonly CallEvent[], at: EpochMs): CutAgent | undefined {
  let cut: { readonly since: EpochMs; readonly hasOpened: boolean } | undefined
  for (const { type, at: since, data } of events) {
    if (type === 'agent.attempted') cut = { since, hasOpened: false }
    if (type === 'agent.opened') cut = { since: data.upgradeSentAt, hasOpened: true }
    // Its seconds were told with it.
    if (type === 'agent.attempt_failed' || type === 'agent.closed') cut = undefined
  }
  return cut && { seconds: Math.max(0, at - cut.since) / 1000, hasOpened: cut.hasOpened }
}

/** Once what it closes is durable: whoever starts after another crash finds it closed, and counts nothing. */
export function countCutAgent(metrics: Counting, { seconds, hasOpened }: CutAgent): void {
  metrics.add('agent_sessions_total', 1, { result: 'gateway-crashed' })
  if (hasOpened) metrics.add('agent_seconds_total', seconds)
}
