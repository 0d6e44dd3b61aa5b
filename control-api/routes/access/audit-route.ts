// GET /api/audit: every change somebody made through the API.
import { Type, type Static } from '@fastify/type-provider-typebox'
import { epochMs, rfc3339 } from '#core/contracts'
import type { AuditFilter, AuditLog } from '../../access/audit-log.ts'
import type { PageCursors } from '../../calls/page-cursor.ts'
import type { AuditLogTable } from '../../db/schema.ts'
import type { HttpServer } from '../../http-server.ts'
import { decodeDate } from '../calls/call-filter-body.ts'
import { nextCursorSchema, pageFields, readPage } from './asked-page.ts'

export interface AuditRouteDeps {
  readonly audit: AuditLog
  readonly cursors: PageCursors
}

const querySchema = Type.Object(
  {
    action: Type.Optional(Type.String({ maxLength: 64, examples: ['key.revoked'] })),
    key_id: Type.Optional(Type.String({ maxLength: 64, description: 'Who did it' })),
    from_date: Type.Optional(
      Type.String({ maxLength: 40, description: 'At or after: a day (UTC) or RFC 3339' }),
    ),
    to_date: Type.Optional(
      Type.String({ maxLength: 40, description: 'Up to: a whole day (UTC) or RFC 3339' }),
    ),
    ...pageFields,
  },
  { additionalProperties: false },
)

const entrySchema = Type.Object({
  at: Type.String({ format: 'date-time' }),
  key_id: Type.String({
    description: 'Of the key; bootstrap: API_KEY, rehearsal: nobody had to have one',
  }),
  action: Type.String(),
  target: Type.Union([Type.String(), Type.Null()], { description: 'The id of what was changed' }),
  detail: Type.Record(Type.String(), Type.Unknown()),
})

export function auditRoute(app: HttpServer, { audit, cursors }: AuditRouteDeps): void {
  const options = {
    config: { access: 'admin' } as const,
    schema: {
      operationId: 'listAudit',
      tags: ['access'],
      summary: 'Changes made through the API, newest first: who, what, to what',
      querystring: querySchema,
      response: {
        200: Type.Object({ items: Type.Array(entrySchema), next_cursor: nextCursorSchema }),
      },
    },
  }
  app.get('/api/audit', options, async (request) => {
    const filter = decodeFilter(request.query)
    const { rows, nextCursor } = await readPage(request.query, {
      cursors,
      listed: { list: 'audit', filter },
      read: (after, limit) => audit.page(filter, after, limit),
      positionOf: ({ position }) => position,
    })
    return { items: rows.map(viewEntry), next_cursor: nextCursor }
  })
}

function decodeFilter(query: Static<typeof querySchema>): AuditFilter {
  const { action, key_id: keyId, from_date: from, to_date: to } = query
  return {
    ...(action === undefined ? {} : { action }),
    ...(keyId === undefined ? {} : { keyId }),
    ...(from === undefined ? {} : { from: decodeDate('from_date', from).start }),
    ...(to === undefined ? {} : { before: decodeDate('to_date', to).end }),
  }
}

const viewEntry = (row: AuditLogTable): Static<typeof entrySchema> => ({
  at: rfc3339(epochMs(row.at)),
  key_id: row.key_id,
  action: row.action,
  target: row.target,
  detail: JSON.parse(row.detail) as Record<string, unknown>,
})
