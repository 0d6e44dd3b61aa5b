// /api/keys: who may come in. For administrators alone.
import { Type } from '@fastify/type-provider-typebox'
import type { Clock } from '#core/time'
import { positionOf, type KeyChanges } from '../../access/key-changes.ts'
import type { KeyRing } from '../../access/key-ring.ts'
import type { PageCursors } from '../../calls/page-cursor.ts'
import type { ApiKeysTable } from '../../db/schema.ts'
import type { HttpServer } from '../../http-server.ts'
import { problem } from '../problem.ts'
import { nextCursorSchema, pageFields, readPage } from './asked-page.ts'
import {
  decodeWish,
  keyChangeSchema,
  keySchema,
  madeKeySchema,
  newKeySchema,
  viewKey,
} from './key-body.ts'

export interface KeyRoutesDeps {
  readonly keys: KeyRing
  readonly keyChanges: KeyChanges
  readonly cursors: PageCursors
  readonly clock: Clock
}

const tags = ['access']
const config = { access: 'admin' } as const
const params = Type.Object({ key_id: Type.String({ maxLength: 64 }) })

export function keyRoutes(app: HttpServer, deps: KeyRoutesDeps): void {
  const { keys, keyChanges, cursors, clock } = deps
  const view = (row: ApiKeysTable) =>
    viewKey(row, { now: clock.now(), lastUse: keys.lastUse(row.id) })

  const listSchema = {
    operationId: 'listKeys',
    tags,
    summary: 'All keys, newest first, revoked ones too; never a secret',
    querystring: Type.Object(pageFields, { additionalProperties: false }),
    response: { 200: Type.Object({ items: Type.Array(keySchema), next_cursor: nextCursorSchema }) },
  }
  app.get('/api/keys', { config, schema: listSchema }, async (request) => {
    const { rows, nextCursor } = await readPage(request.query, {
      cursors,
      listed: { list: 'keys', filter: {} },
      read: (after, limit) => keyChanges.page(after, limit),
      positionOf,
    })
    return { items: rows.map(view), next_cursor: nextCursor }
  })

  const getSchema = { tags, summary: 'One key', params, response: { 200: keySchema } }
  app.get('/api/keys/:key_id', { config, schema: getSchema }, async (request) =>
    view(await keyChanges.find(request.params.key_id)),
  )
  makingRoutes(app, deps, view)
  changingRoutes(app, deps, view)
}

type View = (row: ApiKeysTable) => ReturnType<typeof viewKey>

function makingRoutes(app: HttpServer, { keyChanges, clock }: KeyRoutesDeps, view: View): void {
  const createSchema = {
    operationId: 'createKey',
    tags,
    summary: 'Make a key; it is shown in this answer alone',
    body: newKeySchema,
    response: { 201: madeKeySchema, '4xx': problem },
  }
  app.post('/api/keys', { config, schema: createSchema }, async (request, reply) => {
    const { role } = request.body
    const wish = {
      name: null,
      budget: null,
      expiresAt: null,
      ...decodeWish(request.body, clock.now()),
    }
    const { row, key } = await keyChanges.create(request.principal, { ...wish, role })
    return reply.status(201).send({ ...view(row), key })
  })

  const rotateSchema = {
    operationId: 'rotateKey',
    tags,
    summary:
      'Another secret for a key. The former one is worth nothing at once, and its sessions are over; to change over ' +
      'without a gap make a second key, use it everywhere, then revoke the first',
    params,
    response: { 200: madeKeySchema, '4xx': problem },
  }
  app.post('/api/keys/:key_id/rotate', { config, schema: rotateSchema }, async (request) => {
    const { row, key } = await keyChanges.rotate(request.principal, request.params.key_id)
    return { ...view(row), key }
  })
}

function changingRoutes(app: HttpServer, { keyChanges, clock }: KeyRoutesDeps, view: View): void {
  const changeSchema = {
    operationId: 'changeKey',
    tags,
    summary:
      'Change what a key may do; what is not named stays. 409 for the last way in of an administrator',
    params,
    body: keyChangeSchema,
    response: { 200: keySchema, '4xx': problem },
  }
  app.patch('/api/keys/:key_id', { config, schema: changeSchema }, async (request) => {
    const wish = decodeWish(request.body, clock.now())
    return view(await keyChanges.update(request.principal, request.params.key_id, wish))
  })

  const revokeSchema = {
    operationId: 'revokeKey',
    tags,
    summary:
      'Revoke a key, at once and for good, and end its sessions. 409 for the last way in of an administrator',
    params,
    response: { 204: Type.Null(), '4xx': problem },
  }
  app.delete('/api/keys/:key_id', { config, schema: revokeSchema }, async (request, reply) => {
    await keyChanges.revoke(request.principal, request.params.key_id)
    return reply.status(204).send(null)
  })
}
