// Live events for the console and for programs.
import type { Feature, Platform } from '../features.ts'
import { eventsRoute } from '../routes/events/events-route.ts'
import { CLIENT_LIMITS, EventClients, type ClientLimits } from './event-clients.ts'
import { createEventStarts } from './event-start.ts'

export function openEvents(
  platform: Platform,
  config: { readonly publicUrl?: string | undefined; readonly eventLimits?: ClientLimits },
): Feature {
  const { keys } = platform
  const limits = config.eventLimits ?? CLIENT_LIMITS
  const clients = new EventClients(platform, limits)
  const forgetKeys = keys.onEnded((keyId) => clients.endKey(keyId))
  const starts = createEventStarts(platform)
  return {
    routes(app) {
      eventsRoute(app, { clients, starts, handshakeMs: limits.handshakeMs }, config.publicUrl)
    },
    drain: (deadline) => clients.drain(deadline),
    close() {
      forgetKeys()
      return Promise.resolve()
    },
  }
}
