// Keys, sessions and the audit log.
import type { AccessControl } from '../../access/open-access.ts'
import type { HttpServer } from '../../http-server.ts'
import { auditRoute, type AuditRouteDeps } from './audit-route.ts'
import { keyRoutes, type KeyRoutesDeps } from './key-routes.ts'
import { sessionRoutes } from './session-routes.ts'

type AccessRoutesDeps = AccessControl & AuditRouteDeps & Pick<KeyRoutesDeps, 'clock' | 'cursors'>

export function accessRoutes(app: HttpServer, deps: AccessRoutesDeps): void {
  keyRoutes(app, deps)
  sessionRoutes(app, deps)
  auditRoute(app, deps)
}
