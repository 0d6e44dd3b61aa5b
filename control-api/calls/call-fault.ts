// Whose fault the end of a call was, when it was somebody’s and not the caller’s or callee’s: as the boards count it
// (dashboards/source/trunk-figures.ts), whether anybody had answered or not.
import { sql, type RawBuilder, type SqlBool } from 'kysely'
import { AGENT_FAILURES } from '#core/contracts'

/** `agent`: it or its vendor; `carrier`: it or the network; `unknown`: nobody knows, as after a crash; `any` of them. */
export const CALL_FAULTS = ['any', 'carrier', 'gateway', 'agent', 'unknown'] as const
export type CallFault = (typeof CALL_FAULTS)[number]

const reason = sql.ref('calls.termination_reason')
const result = sql.ref('calls.termination_result')
const byAgent = sql`${reason} in (${sql.join(AGENT_FAILURES.map((one) => sql.lit(one)))})`

const OF: Readonly<Record<CallFault, RawBuilder<unknown>>> = {
  any: sql`true`,
  carrier: sql`${result} = 'upstream_error' and not ${byAgent}`,
  gateway: sql`${result} = 'server_error'`,
  agent: byAgent,
  unknown: sql`${result} = 'indeterminate'`,
}

/** In the words of the index `calls_faults`, and then on the few rows that it leads to. */
export const atFault = (fault: CallFault): RawBuilder<SqlBool> =>
  sql<SqlBool>`(${result} in ('server_error', 'upstream_error', 'indeterminate') and ${OF[fault]})`
