// Sessions of agents that the vendor opens, in the metrics of those that we open ourselves.
import type { CallEvent } from '#core/contracts'
import type { Metrics } from '#core/telemetry'

/** Returns what to call with each event of one call. @param wasOpen when an earlier run saw it opened */
export function countAgent(
  metrics: Pick<Metrics, 'add'>,
  wasOpen: boolean,
): (event: CallEvent) => void {
  let isOpen = wasOpen
  if (wasOpen) metrics.add('agent_sessions_active', 1)
  return (event) => {
    if (event.type === 'agent.opened') {
      isOpen = true
      metrics.add('agent_sessions_active', 1)
    } else if (event.type === 'agent.closed') {
      metrics.add('agent_sessions_total', 1, { result: event.data.reason })
      // What never opened costs nothing.
      if (!isOpen) return
      isOpen = false
      metrics.add('agent_seconds_total', event.data.seconds)
      metrics.add('agent_sessions_active', -1)
    }
  }
}
