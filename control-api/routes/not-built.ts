// What the contract names and this version does not have yet: refused with a clear message, never ignored.
import { AppError } from '#core/errors'
import type { Access, HttpServer } from '../http-server.ts'

type Method = 'GET' | 'POST'
type NotBuilt = readonly [method: Method, url: string, access: Access]

/** One line a route; a row leaves when its route arrives. Routes that verify themselves are open. */
export const NOT_BUILT: readonly NotBuilt[] = [
  ['GET', '/api/orders', 'key'],
  ['GET', '/api/orders/:order_id', 'key'],
  ['POST', '/api/orders/:order_id/status', 'key'],
  ['GET', '/api/events', 'key'],
  ['GET', '/api/statistics', 'key'],
  ['POST', '/webhook/voice', 'open'],
  ['POST', '/webhook/consent', 'open'],
  ['POST', '/webhook/order', 'open'],
  ['POST', '/webhook/order_confirm', 'open'],
  ['POST', '/webhook/help', 'open'],
  ['POST', '/webhook/status', 'open'],
  ['GET', '/twilio/stream', 'open'],
  ['POST', '/api/webhook/voximplant', 'open'],
  ['POST', '/webhooks/elevenlabs', 'open'],
  ['POST', '/webhooks/d-id/:token', 'open'],
  ['POST', '/webhooks/heygen', 'open'],
  ['GET', '/api/voximplant/accounts', 'key'],
  ['POST', '/api/voximplant/accounts', 'key'],
  ['GET', '/api/voximplant/accounts/:id', 'key'],
  ['POST', '/api/voximplant/accounts/:id/test', 'key'],
  ['GET', '/api/voximplant/applications', 'key'],
  ['POST', '/api/voximplant/applications', 'key'],
  ['GET', '/api/voximplant/applications/:id', 'key'],
  ['GET', '/api/voximplant/applications/:id/scenario', 'key'],
  ['POST', '/api/voximplant/applications/:id/push', 'key'],
  ['POST', '/api/voximplant/applications/:id/sync', 'key'],
  ['POST', '/api/voximplant/applications/:id/sync-pending', 'key'],
  ['POST', '/api/voximplant/calls/:call_id/sync-transcript', 'key'],
  ['POST', '/api/voximplant/calls/:call_id/sync-audio', 'key'],
  ['POST', '/api/voximplant/calls/:call_id/sync', 'key'],
  ['GET', '/api/voximplant/statistics', 'key'],
  ['POST', '/api/v1/ai/photo/animate', 'key'],
  ['POST', '/api/v1/ai/animation/status', 'key'],
  ['POST', '/api/v1/memorials/:id/media/upload', 'key'],
  ['GET', '/calls', 'open'],
  ['GET', '/calls/:call_id', 'open'],
  ['GET', '/orders', 'open'],
  ['GET', '/orders/:order_id', 'open'],
  ['GET', '/statistics', 'open'],
  ['GET', '/voximplant/setup', 'open'],
  ['GET', '/voximplant/applications', 'open'],
  ['GET', '/voximplant/call-history', 'open'],
  ['GET', '/voximplant/statistics', 'open'],
  ['GET', '/media', 'open'],
  ['GET', '/live', 'open'],
  ['GET', '/settings', 'open'],
]

export function notBuiltRoutes(app: HttpServer): void {
  for (const [method, url, access] of NOT_BUILT) {
    app.route({
      method,
      url,
      config: { access },
      schema: { hide: true },
      // Before the body is read: whatever its type, the answer is the same.
      onRequest: (_request, _reply, done) => {
        done(new AppError('ROUTE_NOT_BUILT', `${method} ${url} is not built yet.`))
      },
      handler: () => undefined,
    })
  }
}
