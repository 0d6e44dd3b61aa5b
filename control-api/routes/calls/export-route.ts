// GET and POST /api/calls/export: all the calls that a filter finds, as a file.
import type { Readable } from 'node:stream'
import { Type, type Static } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import { ms } from '#core/contracts'
import { AppError } from '#core/errors'
import type { Logger } from '#core/telemetry'
import type { AuditLog } from '../../access/audit-log.ts'
import { openExport, type ExportRequest } from '../../calls/export/call-export.ts'
import { patientStream } from '../../calls/export/patient-stream.ts'
import type { CallRepository } from '../../calls/repository.ts'
import type { Database } from '../../db/database.ts'
import type { HttpServer, Principal } from '../../http-server.ts'
import { problem } from '../problem.ts'
import { callFilterSchema, decodeFilter } from './call-filter-body.ts'
import { invalid } from './start-call-body.ts'

/** Each reads as fast as it is taken: more of them would only share the database. */
const MOST_AT_ONCE = 4
/** Of a reader that takes nothing. */
const PATIENCE = ms(60_000)

const askedSchema = Type.Object(
  {
    ...Type.Omit(callFilterSchema, ['limit', 'cursor']).properties,
    format: Type.Optional(
      Type.Enum(['csv', 'ndjson'], {
        description:
          '`csv` unless told: RFC 4180 in UTF-8, names of the columns first. Texts that a spreadsheet would run (they ' +
          'begin with = + - or @, as every number does) have an apostrophe before them. `ndjson`: a call a line, as ' +
          'GET /api/calls/{call_id} shows it.',
      }),
    ),
    include: Type.Optional(
      Type.Enum(['transcript'], {
        description: 'With `transcript` in each line of NDJSON, or null',
      }),
    ),
  },
  { additionalProperties: false },
)

const CONTENT_TYPES = {
  csv: 'text/csv; charset=utf-8; header=present',
  ndjson: 'application/x-ndjson; charset=utf-8',
} as const

export interface ExportRouteDeps {
  readonly calls: CallRepository
  readonly database: Pick<Database, 'write'>
  readonly audit: AuditLog
  readonly logger: Logger
}

const file = { schema: Type.String({ format: 'binary' }) }
const answers = {
  tags: ['calls'],
  response: {
    200: {
      description:
        'The file; when it breaks off, the connection does, so that a part is never taken for the whole',
      content: { 'text/csv': file, 'application/x-ndjson': file },
    },
    '4xx': problem,
    503: problem,
  },
}

/** Of all who ask, by either route. */
interface Running {
  now: number
}

export function exportRoute(app: HttpServer, deps: ExportRouteDeps): void {
  const running: Running = { now: 0 }
  const options = { exposeHeadRoute: false, config: { access: 'viewer' } } as const
  const get = {
    ...answers,
    operationId: 'exportCalls',
    summary: 'All calls that the filters find, newest first, as a file of any length',
    querystring: askedSchema,
  }
  app.get('/api/calls/export', { ...options, schema: get }, (request, reply) =>
    sendFile(deps, running, { asked: request.query, by: request.principal, reply }),
  )
  const post = {
    ...answers,
    operationId: 'exportFoundCalls',
    summary: 'The same file, by filters that belong in no address: numbers, words',
    body: askedSchema,
  }
  app.post('/api/calls/export', { ...options, schema: post }, (request, reply) =>
    sendFile(deps, running, { asked: request.body, by: request.principal, reply }),
  )
}

interface Asker {
  readonly asked: Static<typeof askedSchema>
  readonly by: Principal
  readonly reply: FastifyReply
}

async function sendFile(
  deps: ExportRouteDeps,
  running: Running,
  { asked: { format: askedFormat, include, ...filter }, by, reply }: Asker,
): Promise<unknown> {
  const format = askedFormat === 'ndjson' ? 'ndjson' : 'csv'
  const withTranscripts = include === 'transcript'
  if (withTranscripts && format === 'csv') throw invalid('include', 'needs format=ndjson')
  const asked = { filter: decodeFilter(filter), format, withTranscripts } as const
  if (running.now >= MOST_AT_ONCE)
    throw new AppError('TOO_MANY_REQUESTS', `${MOST_AT_ONCE} exports are running already.`)
  running.now += 1
  const stream = await begin(deps, asked, by).catch((error: unknown) => {
    running.now -= 1
    throw error
  })
  stream.once('close', () => (running.now -= 1))
  return reply
    .header('content-type', CONTENT_TYPES[format])
    .header('content-disposition', `attachment; filename="calls.${format}"`)
    .send(stream)
}

async function begin(
  { calls, database, audit, logger }: ExportRouteDeps,
  asked: ExportRequest,
  by: Principal,
): Promise<Readable> {
  const pieces = await openExport(calls, asked)
  const { format, withTranscripts } = asked
  // Whoever takes a copy of so many people's calls is noted, as whoever changes one is.
  const detail = { format, transcripts: withTranscripts }
  await database.write([audit.noted(by, 'calls.exported', null, detail)])
  const stream = patientStream(pieces, PATIENCE)
  stream.once('error', (error) => {
    logger.warn({ err: error, format }, 'an export broke off')
  })
  return stream
}
