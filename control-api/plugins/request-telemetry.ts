// One log line and one observation a request, by route pattern: paths and queries may hold personal data.
import type { Logger, Metrics } from '#core/telemetry'
import type { HttpServer } from '../http-server.ts'

/** Asked every few seconds by machines; at `info` they would drown the rest. */
const QUIET = new Set(['/health', '/api/health', '/ready', '/metrics'])
/** They change nothing (RFC 9110 §9.2.1). */
const READING = new Set(['GET', 'HEAD'])

export function installRequestTelemetry(app: HttpServer, logger: Logger, metrics: Metrics): void {
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? '(unmatched)'
    const { method } = request
    const status = reply.statusCode
    const seconds = reply.elapsedTime / 1000
    metrics.observe('http_request_seconds', seconds, { route, method, status: String(status) })
    const line = { method, route, status, elapsed_ms: Math.round(reply.elapsedTime) }
    if (QUIET.has(route) || READING.has(method)) logger.debug(line, 'request')
    else logger.info(line, 'request')
    done()
  })
}
