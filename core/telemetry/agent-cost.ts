// Agent seconds as money. Whoever counts seconds counts their cost with them, here and nowhere else: they cannot differ.
import type { CounterName } from './metric-registry.ts'
import type { Metrics } from './metrics.ts'

const COST_OF: ReadonlyMap<CounterName, 'agent_cost_usd_total' | 'agent_cost_avoided_usd_total'> =
  new Map([
    ['agent_seconds_total', 'agent_cost_usd_total'],
    ['agent_seconds_avoided_total', 'agent_cost_avoided_usd_total'],
  ] as const)

/** The same metrics, with the seconds of agents priced as they are counted. @param pricePerMinute in US dollars */
export function withAgentCost(metrics: Metrics, pricePerMinute: number): Metrics {
  return {
    ...metrics,
    add(name, value, ...labels) {
      metrics.add(name, value, ...labels)
      const cost = COST_OF.get(name as CounterName)
      if (cost !== undefined) metrics.add(cost, (value / 60) * pricePerMinute)
    },
  }
}
