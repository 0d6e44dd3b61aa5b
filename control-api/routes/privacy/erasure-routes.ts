// /api/erasures: everything about a number is erased, and a receipt of it kept.
import { Type } from '@fastify/type-provider-typebox'
import { decodePhoneNumber, whyNoPhoneNumber } from '#core/phone-numbers'
import { AppError } from '#core/errors'
import type { HttpServer } from '../../http-server.ts'
import { erasureSchema, viewErasure } from '../../privacy/erasure-receipt.ts'
import type { Erasures } from '../../privacy/erasures.ts'
import { problem } from '../problem.ts'

const tags = ['privacy']
const config = { access: 'admin' } as const
const strict = { additionalProperties: false }
const id = Type.String({ pattern: '^erasure_[0-9a-f]{32}$' })
const DEFAULT_LIMIT = 50

export function erasureRoutes(app: HttpServer, erasures: Erasures): void {
  askRoute(app, erasures)
  listRoute(app, erasures)
  app.get(
    '/api/erasures/:erasure_id',
    {
      config,
      schema: {
        tags,
        summary: 'What an erasure has done so far: its receipt',
        params: Type.Object({ erasure_id: Type.String({ maxLength: 64 }) }),
        response: { 200: erasureSchema, 404: problem },
      },
    },
    async (request) => {
      const row = await erasures.find(request.params.erasure_id)
      if (!row) throw new AppError('NOT_FOUND', 'There is no erasure with this id.')
      return viewErasure(row)
    },
  )
}

function askRoute(app: HttpServer, erasures: Erasures): void {
  const schema = {
    tags,
    summary:
      'Erase everything about a number: calls keep their figures without it; live ones are waited for',
    body: Type.Object(
      {
        number: Type.String({ maxLength: 64, description: 'E.164' }),
        reason: Type.Optional(
          Type.String({ maxLength: 200, description: 'For the receipt; numbers in it are masked' }),
        ),
      },
      strict,
    ),
    response: {
      202: {
        ...erasureSchema,
        description: 'It runs, or has been running for this number already',
      },
      '4xx': problem,
      '5xx': problem,
    },
  }
  app.post('/api/erasures', { config, schema }, async (request, reply) => {
    const { number: text, reason = null } = request.body
    const number = decodePhoneNumber(text)
    if (number === undefined)
      throw new AppError('NUMBER_INVALID', `number ${whyNoPhoneNumber(text)}.`, {
        details: { field: 'number' },
      })
    const row = await erasures.ask({ number, reason, by: request.principal })
    return reply
      .status(202)
      .header('location', `/api/erasures/${row.erasure_id}`)
      .send(viewErasure(row))
  })
}

function listRoute(app: HttpServer, erasures: Erasures): void {
  const schema = {
    tags,
    summary: 'Erasures, newest first',
    querystring: Type.Object(
      {
        limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200, default: DEFAULT_LIMIT })),
        cursor: Type.Optional(id),
      },
      strict,
    ),
    response: {
      200: Type.Object(
        { items: Type.Array(erasureSchema), next_cursor: Type.Union([Type.String(), Type.Null()]) },
        strict,
      ),
      400: problem,
    },
  }
  app.get('/api/erasures', { config, schema }, async (request) => {
    const { limit = DEFAULT_LIMIT, cursor } = request.query
    // One more than asked for tells whether there is a next page.
    const rows = await erasures.page(cursor, limit + 1)
    const shown = rows.slice(0, limit)
    const next = rows.length > limit ? shown.at(-1)?.erasure_id : undefined
    return { items: shown.map(viewErasure), next_cursor: next ?? null }
  })
}
