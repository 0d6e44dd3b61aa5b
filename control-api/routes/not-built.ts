// What the contract names and this version does not have yet: refused with a clear message, never ignored.
import { AppError } from '#core/errors'
import type { Access, HttpServer } from '../http-server.ts'

type Method = 'GET' | 'POST'
type NotBuilt = readonly [method: Method, url: string, access?: Access]

/** One line a route; a row leaves when its route arrives. Routes that verify themselves are open. */
export const NOT_BUILT: readonly NotBuilt[] = [
  ['POST', '/api/webhook/voximplant', 'open'],
  ['POST', '/webhooks/d-id/:token', 'open'],
  ['POST', '/webhooks/heygen', 'open'],
  ['GET', '/api/voximplant/accounts'],
  ['POST', '/api/voximplant/accounts'],
  ['GET', '/api/voximplant/accounts/:id'],
  ['POST', '/api/voximplant/accounts/:id/test'],
  ['GET', '/api/voximplant/applications'],
  ['POST', '/api/voximplant/applications'],
  ['GET', '/api/voximplant/applications/:id'],
  ['GET', '/api/voximplant/applications/:id/scenario'],
  ['POST', '/api/voximplant/applications/:id/push'],
  ['POST', '/api/voximplant/applications/:id/sync'],
  ['POST', '/api/voximplant/applications/:id/sync-pending'],
  ['POST', '/api/voximplant/calls/:call_id/sync-transcript'],
  ['POST', '/api/voximplant/calls/:call_id/sync-audio'],
  ['POST', '/api/voximplant/calls/:call_id/sync'],
  ['GET', '/api/voximplant/statistics'],
  ['POST', '/api/v1/ai/photo/animate'],
  ['POST', '/api/v1/ai/animation/status'],
  ['POST', '/api/v1/memorials/:id/media/upload'],
  ['GET', '/voximplant/setup', 'open'],
  ['GET', '/voximplant/applications', 'open'],
  ['GET', '/voximplant/call-history', 'open'],
  ['GET', '/voximplant/statistics', 'open'],
  ['GET', '/media', 'open'],
]

export function notBuiltRoutes(app: HttpServer): void {
  for (const [method, url, access] of NOT_BUILT) {
    app.route({
      method,
      url,
      config: access === undefined ? {} : { access },
      schema: { hide: true },
      // Before the body is read: whatever its type, the answer is the same.
      onRequest: (_request, _reply, done) => {
        done(new AppError('ROUTE_NOT_BUILT', `${method} ${url} is not built yet.`))
      },
      handler: () => undefined,
    })
  }
}
