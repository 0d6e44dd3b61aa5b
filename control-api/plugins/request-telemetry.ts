// One log line and one observation a request, by route pattern: paths and queries may hold personal data. Its id goes back
// with the answer, so that whoever asked can name the line.
import { randomUUID } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { decodeCallId } from '#core/contracts'
import type { Logger, Metrics } from '#core/telemetry'
import type { HttpServer } from '../http-server.ts'

/** Asked every few seconds by machines; at `info` they would drown the rest. */
const QUIET = new Set(['/health', '/api/health', '/ready', '/metrics'])
/** They change nothing (RFC 9110 §9.2.1). */
const READING = new Set(['GET', 'HEAD'])
/** HTTP knows three dozen, which anybody may send: each would be a histogram of its own. */
const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** Never one that the asker made: it would be text of theirs in our log. */
export const newRequestId = (): string => `req_${randomUUID().replaceAll('-', '')}`

/** What a line of the log calls a request by, and the call where it is about one. */
export function namedRequest(request: FastifyRequest) {
  const callId = request.startedCall ?? callIdIn(request.params)
  return { requestId: request.id, ...(callId === undefined ? {} : { callId }) }
}

const callIdIn = (params: unknown) =>
  typeof params === 'object' && params !== null && 'call_id' in params
    ? decodeCallId(String(params.call_id))
    : undefined

export function installRequestTelemetry(app: HttpServer, logger: Logger, metrics: Metrics): void {
  app.decorateRequest('startedCall')
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id)
    done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? '(unmatched)'
    const { method } = request
    const status = reply.statusCode
    const seconds = reply.elapsedTime / 1000
    metrics.observe('http_request_seconds', seconds, {
      route,
      method: METHODS.has(method) ? method : 'other',
      status: String(status),
    })
    const took = { method, route, status, elapsed_ms: Math.round(reply.elapsedTime) }
    // Looking at a call is no part of its story: a console that is open would fill what is kept of its lines.
    if (QUIET.has(route) || READING.has(method))
      logger.debug({ ...took, requestId: request.id }, 'request')
    else logger.info({ ...took, ...namedRequest(request) }, 'request')
    done()
  })
}
