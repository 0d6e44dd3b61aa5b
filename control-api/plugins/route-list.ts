// Every route of the application and who may call it, as the application itself was told.
import { accessOf, type Access, type HttpServer } from '../http-server.ts'

export interface ListedRoute {
  readonly method: string
  readonly url: string
  readonly access: Access
}

/** Grows with every route; the hook that opens a route must be there before. */
export function listRoutes(app: HttpServer): readonly ListedRoute[] {
  const routes: ListedRoute[] = []
  app.addHook('onRoute', ({ method, url, config }) => {
    for (const one of [method].flat())
      routes.push({ method: one, url, access: accessOf(one, config ?? {}) })
  })
  return routes
}
