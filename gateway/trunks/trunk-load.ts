// How full each trunk is, in the metrics: as it is when somebody scrapes.
import type { Trunk } from '#core/contracts'
import type { Metrics } from '#core/telemetry'
import type { TrunkCapacity } from './trunk-capacity.ts'

/** @param trunks those there are then */
export function exposeTrunkLoad(
  metrics: Pick<Metrics, 'set' | 'remove' | 'onScrape'>,
  capacity: Pick<TrunkCapacity, 'calls' | 'busy'>,
  trunks: () => readonly Trunk[],
): void {
  let active: ReadonlySet<string> = new Set()
  let limited: ReadonlySet<string> = new Set()
  metrics.onScrape('calls of trunks', () => {
    const limits = new Map(
      trunks().map(({ name, limits = {} }) => [name, limits.maxConcurrentCalls]),
    )
    // A trunk that is no more keeps its calls until they end.
    const nowActive = new Set([...limits.keys(), ...capacity.busy])
    const nowLimited = new Set<string>()
    for (const trunk of nowActive)
      metrics.set('trunk_calls_active', capacity.calls(trunk), { trunk })
    for (const [trunk, limit] of limits) {
      if (limit === undefined) continue
      nowLimited.add(trunk)
      metrics.set('trunk_calls_limit', limit, { trunk })
    }
    for (const trunk of active.difference(nowActive))
      metrics.remove('trunk_calls_active', { trunk })
    for (const trunk of limited.difference(nowLimited))
      metrics.remove('trunk_calls_limit', { trunk })
    active = nowActive
    limited = nowLimited
  })
}
