// Live events for the console and for programs.
import type { ControlApiConfig } from '../control-api.ts'
import type { Feature, Platform } from '../features.ts'
import { eventsRoute } from '../routes/events/events-route.ts'
import { NO_TRUNKS } from '../routes/trunks/trunk-view.ts'
import { CLIENT_LIMITS, EventClients } from './event-clients.ts'
import { createEventStarts } from './event-start.ts'
import { NodeNews } from './node-news.ts'

export function openEvents(
  platform: Platform,
  config: Pick<ControlApiConfig, 'publicUrl' | 'eventLimits' | 'trunks'>,
): Feature {
  const { keys } = platform
  const limits = config.eventLimits ?? CLIENT_LIMITS
  const clients = new EventClients(platform, limits)
  const forgetKeys = keys.onEnded((keyId) => clients.endKey(keyId))
  const node = new NodeNews({ ...platform, trunks: config.trunks ?? NO_TRUNKS })
  const starts = createEventStarts({ ...platform, node })
  return {
    sockets: eventsRoute({ clients, starts }, config.publicUrl),
    drain: (deadline) => clients.drain(deadline),
    close() {
      forgetKeys()
      node.close()
      return Promise.resolve()
    },
  }
}
