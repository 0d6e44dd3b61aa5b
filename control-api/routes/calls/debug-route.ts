// GET /api/calls/{id}/debug: the bundle for support, or the capture of its signalling alone, as a file to save.
import { Type } from '@fastify/type-provider-typebox'
import type { SipTrace } from '#core/contracts'
import { AppError } from '#core/errors'
import type { CallLogs } from '#core/telemetry'
import { readPapers } from '../../calls/debug/call-papers.ts'
import {
  debugBundleSchema,
  viewDebugBundle,
  whyNoMessages,
} from '../../calls/debug/debug-bundle.ts'
import { PCAP_NOTE, PCAP_TYPE, renderPcap } from '../../calls/debug/pcap.ts'
import type { CallRepository } from '../../calls/repository.ts'
import { callIdsOf } from '../../calls/sip-summary.ts'
import type { Database } from '../../db/database.ts'
import type { HttpServer } from '../../http-server.ts'
import { findCall } from './find-call.ts'

export interface DebugRouteDeps {
  readonly calls: CallRepository
  readonly database: Pick<Database, 'query'>
  readonly sipTrace: SipTrace
  /** Absent where nobody keeps log lines. */
  readonly callLogs?: CallLogs | undefined
}

export function debugRoute(app: HttpServer, deps: DebugRouteDeps, version: string): void {
  const { calls, database, sipTrace, callLogs } = deps
  const schema = {
    tags: ['calls'],
    summary: 'Everything about a call for support, in one file: numbers are in it, secrets are not',
    params: Type.Object({ call_id: Type.String({ maxLength: 64 }) }),
    querystring: Type.Object(
      {
        format: Type.Optional(
          Type.Enum(['json', 'pcap'], {
            description: `\`pcap\`: the signalling alone, for Wireshark. ${PCAP_NOTE}`,
          }),
        ),
      },
      { additionalProperties: false },
    ),
    response: {
      200: {
        description: 'The bundle, or the capture',
        content: {
          'application/json': { schema: debugBundleSchema },
          [PCAP_TYPE]: { schema: Type.String({ format: 'binary' }) },
        },
      },
      404: {
        description: 'No such call, or no messages of it for a capture: the detail says why',
        content: { 'application/problem+json': { schema: Type.Ref('Problem') } },
      },
    },
  }
  const url = '/api/calls/:call_id/debug'
  app.get(url, { schema, config: { access: 'admin' } }, async (request, reply) => {
    const row = await findCall(calls, request.params.call_id)
    const events = await calls.events(row.call_id)
    const invites = callIdsOf(events)
    const trace = await sipTrace.ofCall(invites)
    // The id is ours: nothing in it needs quoting.
    const asFile = (ending: string): string => `attachment; filename="${row.call_id}.${ending}"`
    if (request.query.format === 'pcap') {
      const none = whyNoMessages(invites.length, trace)
      if (none !== undefined) throw new AppError('NOT_FOUND', none)
      void reply.header('content-disposition', asFile('pcap')).type(PCAP_TYPE)
      return reply.send(renderPcap(trace.kind === 'kept' ? trace.messages : []))
    }
    const papers = await readPapers(database.query, row.call_id)
    const logs = callLogs?.of(row.call_id)
    void reply.header('content-disposition', asFile('json'))
    return reply.send(viewDebugBundle({ row, events, trace, logs, papers, version }))
  })
}
