// POST /api/calls and /api/calls/start: place a call.
import { Type } from '@fastify/type-provider-typebox'
import { newCallId } from '#core/contracts'
import { decodeTraceparent } from '#core/telemetry'
import { callSchema } from '../../calls/call-view.ts'
import type { HttpServer } from '../../http-server.ts'
import type { RunOnce } from '../../plugins/idempotency.ts'
import { problem } from '../problem.ts'
import { placeCall, placeCallOnce, type PlaceCallDeps } from './place-call.ts'
import { startCallSchema } from './start-call-body.ts'

/** A body of either address is the same request. */
const ROUTE = '/api/calls'

export const idempotencyHeaders = Type.Object({
  'idempotency-key': Type.Optional(
    Type.String({
      description:
        'The same key and body act once, and are answered the same; kept 24 hours. 1 to 255 characters, plain or in double quotes',
    }),
  ),
})

export function startRoutes(app: HttpServer, deps: PlaceCallDeps, runOnce: RunOnce): void {
  const schema = (operationId: string) => ({
    operationId,
    tags: ['calls'],
    summary: 'Place a call; it is recorded and about to be dialled when this answers',
    headers: idempotencyHeaders,
    body: startCallSchema,
    response: { 202: callSchema, '4xx': problem, 501: problem, 503: problem, '5xx': problem },
  })
  const addresses = { [`${ROUTE}/start`]: 'startCall', [ROUTE]: 'placeCall' }
  for (const [url, operationId] of Object.entries(addresses)) {
    app.post(url, { schema: schema(operationId) }, (request, reply) => {
      const { body, principal: by } = request
      const callId = newCallId()
      const asker = decodeTraceparent(String(request.headers['traceparent'] ?? ''))
      return runOnce(request, reply, {
        status: 202,
        route: ROUTE,
        callId,
        run: () => {
          request.startedCall = callId
          return placeCall(deps, { callId, body, by, asker })
        },
        resume: (first) => {
          request.startedCall = first ?? callId
          return placeCallOnce(deps, { callId: request.startedCall, body, by, asker })
        },
      })
    })
  }
}
