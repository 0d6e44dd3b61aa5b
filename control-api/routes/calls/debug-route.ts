// GET /api/calls/{id}/debug: the bundle for support, as a file to save.
import { Type } from '@fastify/type-provider-typebox'
import type { SipTrace } from '#core/contracts'
import { debugBundleSchema, viewDebugBundle } from '../../calls/debug-bundle.ts'
import type { CallRepository } from '../../calls/repository.ts'
import { callIdsOf } from '../../calls/sip-summary.ts'
import type { HttpServer } from '../../http-server.ts'
import { findCall } from './find-call.ts'

export interface DebugRouteDeps {
  readonly calls: CallRepository
  readonly sipTrace: SipTrace
}

export function debugRoute(
  app: HttpServer,
  { calls, sipTrace }: DebugRouteDeps,
  version: string,
): void {
  const schema = {
    tags: ['calls'],
    summary: 'Everything about a call for support, in one file: numbers are in it, secrets are not',
    params: Type.Object({ call_id: Type.String({ maxLength: 64 }) }),
    response: {
      200: debugBundleSchema,
      404: {
        description: 'What went wrong (RFC 9457)',
        content: { 'application/problem+json': { schema: Type.Ref('Problem') } },
      },
    },
  }
  app.get('/api/calls/:call_id/debug', { schema }, async (request, reply) => {
    const row = await findCall(calls, request.params.call_id)
    const events = await calls.events(row.call_id)
    const trace = await sipTrace.ofCall(callIdsOf(events))
    // The id is ours: nothing in it needs quoting.
    void reply.header('content-disposition', `attachment; filename="${row.call_id}.json"`)
    return viewDebugBundle({ row, events, trace, version })
  })
}
