// GET /api/calls and POST /api/calls/search: the calls, newest first, narrowed by the same filters.
import { Type } from '@fastify/type-provider-typebox'
import { callSchema, viewCall } from '../../calls/call-view.ts'
import type { PageCursors } from '../../calls/page-cursor.ts'
import type { CallRepository } from '../../calls/repository.ts'
import type { HttpServer } from '../../http-server.ts'
import { problem } from '../problem.ts'
import {
  callFilterSchema,
  decodeAskedCalls,
  encodeCursor,
  type AskedCalls,
} from './call-filter-body.ts'

export interface ListRoutesDeps {
  readonly calls: CallRepository
  readonly cursors: PageCursors
}

const response = {
  200: Type.Object({
    items: Type.Array(callSchema),
    next_cursor: Type.Union([Type.String(), Type.Null()], {
      description: 'For the next page, with the same filters; null on the last',
    }),
  }),
  '4xx': problem,
}

export function listRoutes(app: HttpServer, { calls, cursors }: ListRoutesDeps): void {
  const page = async (asked: AskedCalls) => {
    const { rows, next } = await calls.page(asked)
    return {
      items: rows.map(viewCall),
      next_cursor: next === null ? null : encodeCursor(next, asked.filter, cursors),
    }
  }
  app.get(
    '/api/calls',
    {
      schema: {
        operationId: 'listCalls',
        tags: ['calls'],
        summary: 'Calls, newest first',
        querystring: callFilterSchema,
        response,
      },
    },
    (request) => page(decodeAskedCalls(request.query, cursors)),
  )
  app.post(
    '/api/calls/search',
    {
      schema: {
        operationId: 'searchCalls',
        tags: ['calls'],
        summary: 'Calls, newest first, by filters that belong in no address: numbers, words',
        body: callFilterSchema,
        response,
      },
      config: { access: 'viewer' },
    },
    (request) => page(decodeAskedCalls(request.body, cursors)),
  )
}
