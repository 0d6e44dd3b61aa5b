// What the contract names and this version does not have yet: refused with a clear message, never ignored.
import { AppError } from '#core/errors'
import type { Access, HttpServer } from '../http-server.ts'

type Method = 'GET' | 'POST'
type NotBuilt = readonly [method: Method, url: string, access?: Access]

/** One line a route; a row leaves when its route arrives. Routes that verify themselves are open. */
export const NOT_BUILT: readonly NotBuilt[] = [
  ['POST', '/webhooks/d-id/:token', 'open'],
  ['POST', '/webhooks/heygen', 'open'],
  ['POST', '/api/v1/ai/photo/animate'],
  ['POST', '/api/v1/ai/animation/status'],
  ['POST', '/api/v1/memorials/:id/media/upload'],
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
