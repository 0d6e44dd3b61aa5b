// Webhooks to others, as a feature of the control API: endpoints, deliveries, their routes.
import type { ControlApiConfig } from '../control-api.ts'
import { openPageCursors } from '../calls/page-cursor.ts'
import { paceAnnouncements } from '../events/paced-announcements.ts'
import type { Feature, Platform } from '../features.ts'
import { secretRoutes } from '../routes/secrets/secret-routes.ts'
import { deliveryRoutes } from '../routes/webhooks/delivery-routes.ts'
import { endpointRoutes } from '../routes/webhooks/endpoint-routes.ts'
import { createDeliveries } from './deliveries.ts'
import { exposeDeliveries } from './delivery-figures.ts'
import { DELIVERY_SCHEDULE } from './delivery-schedule.ts'
import { Dispatcher, type DispatcherOptions } from './dispatcher.ts'
import { createEndpointPolicy } from './endpoint-policy.ts'
import { createEndpoints } from './endpoints.ts'

export async function openWebhooks(
  platform: Platform,
  config: ControlApiConfig,
  options: Partial<DispatcherOptions> = {},
): Promise<Feature> {
  const { database, vault } = platform
  const endpoints = createEndpoints(database, vault)
  const deliveries = createDeliveries(database)
  const policy = createEndpointPolicy({
    allowHosts: config.webhookAllowHosts ?? [],
    allowLoopback: config.rehearsal,
  })
  const cursors = await openPageCursors(database, platform.clock)
  const changes = paceAnnouncements(platform.announcements)
  const onChange = (endpointId: string): void => {
    changes.announce('webhook.delivery_changed', { endpoint_id: endpointId })
  }
  const dispatcher = new Dispatcher(
    { ...platform, endpoints, deliveries, policy, onChange },
    { userAgent: `voicegate/${config.version}`, ...options },
  )
  const { schedule = DELIVERY_SCHEDULE } = options
  exposeDeliveries({ ...platform, schedule })
  await dispatcher.start()
  const deps = { ...platform, endpoints, deliveries, policy, dispatcher, cursors }
  return {
    routes(app) {
      secretRoutes(app, platform)
      endpointRoutes(app, deps)
      deliveryRoutes(app, deps)
    },
    drain: (deadline) => dispatcher.drain(deadline),
    async close() {
      await dispatcher.close()
      changes.close()
    },
  }
}
