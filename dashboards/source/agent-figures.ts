// What finance and the one on call read of agents, once for all boards.
import { NoUnit } from '@grafana/grafana-foundation-sdk/units'
import { increaseOf, shareOf, WHOLE_RANGE, WINDOW } from './expressions.ts'
import { NONE, number, query, type NumberPanel } from './panels.ts'

export const spentOver = (over: string, by: readonly 'instance'[] = []): string =>
  increaseOf('agent_cost_usd_total', { over, by })
export const savedOver = (over: string): string =>
  increaseOf('agent_cost_avoided_usd_total', { over })

/** Sessions that the agent or its vendor ended against our will. */
export const failedSessions = (over = WINDOW): string =>
  shareOf(
    increaseOf('agent_sessions_total', {
      where: { result: ['refused', 'dropped', 'silent'] },
      over,
    }),
    increaseOf('agent_sessions_total', { over }),
  )

/** The promise of the product, as a number. It has no label, so it is there from the start: no figure is no scrape. */
export const beforeAnswer = (width: number): NumberPanel =>
  number({
    title: 'Agents before the answer',
    description:
      'Agent sessions opened without or before the 200 OK, as the auditor found them in the ledgers of calls that ended in the time range. 0 is the only good number: at 1 stop dialling and read the ledger of that call.',
    unit: NoUnit,
    width,
    decimals: 0,
    queries: [query(increaseOf('agent_sessions_before_answer_total', { over: WHOLE_RANGE }))],
    steps: NONE,
    background: true,
    noValue: 'not scraped',
  })
