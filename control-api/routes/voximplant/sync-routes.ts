// /api/voximplant/applications/{id}/sync…: calls of a range, or everything that is not here yet; and how far it is.
import { Type } from '@fastify/type-provider-typebox'
import type { FastifyReply } from 'fastify'
import type { Clock } from '#core/time'
import type { PageCursors } from '../../calls/page-cursor.ts'
import type { HttpServer } from '../../http-server.ts'
import {
  noApplication,
  type ApplicationRow,
  type ApplicationStore,
} from '../../voximplant/applications/application-store.ts'
import type { Window } from '../../voximplant/sync/history-window.ts'
import { noSync, type SyncDesk } from '../../voximplant/sync/sync-desk.ts'
import type { SyncRow, SyncStore } from '../../voximplant/sync/sync-store.ts'
import { syncSchema, viewSync } from '../../voximplant/sync/sync-view.ts'
import { nextCursorSchema, pageFields, readPage } from '../access/asked-page.ts'
import { decodeDate } from '../calls/call-filter-body.ts'
import { invalid } from '../calls/start-call-body.ts'
import { failures, tags } from './route-words.ts'

export interface SyncRoutesDeps {
  readonly applications: Pick<ApplicationStore, 'find'>
  readonly desk: SyncDesk
  readonly store: Pick<SyncStore, 'page'>
  readonly cursors: PageCursors
  readonly clock: Pick<Clock, 'now'>
}

const strict = { additionalProperties: false }
const params = Type.Object({ id: Type.String({ maxLength: 64 }) })
const oneParams = Type.Object({
  id: Type.String({ maxLength: 64 }),
  sync_id: Type.String({ maxLength: 64 }),
})
const done = { 200: syncSchema, 202: syncSchema, ...failures }
/** A short range is there by then; our own page waits as long for an answer. */
const WAIT_MS = 20_000
const SECOND_MS = 1000
const DAY_MS = 86_400_000
const MOST_DAYS = 400

export function syncRoutes(app: HttpServer, deps: SyncRoutesDeps): void {
  historyRoute(app, deps)
  pendingRoute(app, deps)
  listRoute(app, deps)
  readRoute(app, deps)
  cancelRoute(app, deps)
}

function historyRoute(app: HttpServer, deps: SyncRoutesDeps): void {
  const date = (description: string) => Type.String({ maxLength: 40, description })
  const schema = {
    operationId: 'syncVoximplantCalls',
    tags,
    summary:
      'Read the calls of a range from the history of Voximplant: 200 when they are here, 202 while it runs. The same range joins what runs',
    params,
    body: Type.Object(
      {
        from_date: date('Calls that began at or after: a day (UTC) or RFC 3339'),
        to_date: date('Up to: a whole day (UTC) or RFC 3339; at most 400 days'),
      },
      strict,
    ),
    response: done,
  }
  app.post('/api/voximplant/applications/:id/sync', { schema }, async (request, reply) => {
    const application = await findApplication(deps, request.params.id)
    const range = decodeRange(request.body, deps.clock.now())
    const { keyId } = request.principal
    const row = await deps.desk.start({ application, kind: 'history', range, keyId })
    return answer(deps, row, reply)
  })
}

function pendingRoute(app: HttpServer, deps: SyncRoutesDeps): void {
  const schema = {
    operationId: 'syncVoximplantPending',
    tags,
    summary:
      'Fetch every transcript and recording of the application that is not here yet: 200 when it is done, 202 while it runs',
    params,
    response: done,
  }
  app.post('/api/voximplant/applications/:id/sync-pending', { schema }, async (request, reply) => {
    const application = await findApplication(deps, request.params.id)
    const { keyId } = request.principal
    const row = await deps.desk.start({ application, kind: 'pending', range: null, keyId })
    return answer(deps, row, reply)
  })
}

function listRoute(app: HttpServer, deps: SyncRoutesDeps): void {
  const schema = {
    operationId: 'listVoximplantSyncs',
    tags,
    summary: 'Synchronisations of an application, newest first; sweeps that found nothing left out',
    params,
    querystring: Type.Object(pageFields, strict),
    response: {
      200: Type.Object({ items: Type.Array(syncSchema), next_cursor: nextCursorSchema }, strict),
      ...failures,
    },
  }
  app.get('/api/voximplant/applications/:id/syncs', { schema }, async (request) => {
    const { application_id: id } = await findApplication(deps, request.params.id)
    const { rows, nextCursor } = await readPage(request.query, {
      cursors: deps.cursors,
      listed: { list: 'voximplant-syncs', filter: { id } },
      read: (after, limit) => deps.store.page(id, after, limit),
      positionOf: ({ created_at: at }) => at,
    })
    return { items: rows.map(viewSync), next_cursor: nextCursor }
  })
}

function readRoute(app: HttpServer, deps: SyncRoutesDeps): void {
  const schema = {
    operationId: 'getVoximplantSync',
    tags,
    summary: 'A synchronisation, and how far it is',
    params: oneParams,
    response: { 200: syncSchema, ...failures },
  }
  app.get('/api/voximplant/applications/:id/syncs/:sync_id', { schema }, async (request) =>
    viewSync(await findSync(deps, request.params)),
  )
}

function cancelRoute(app: HttpServer, deps: SyncRoutesDeps): void {
  const schema = {
    operationId: 'cancelVoximplantSync',
    tags,
    summary: 'Stop a synchronisation; what it has read stays',
    params: oneParams,
    response: { 200: syncSchema, ...failures },
  }
  const url = '/api/voximplant/applications/:id/syncs/:sync_id/cancel'
  app.post(url, { schema }, async (request) => {
    const row = await findSync(deps, request.params)
    return viewSync(await deps.desk.cancel(row, request.principal.keyId))
  })
}

async function findApplication(
  { applications }: SyncRoutesDeps,
  id: string,
): Promise<ApplicationRow> {
  const application = await applications.find(id)
  if (application === undefined) throw noApplication()
  return application
}

async function findSync(
  deps: SyncRoutesDeps,
  { id, sync_id: syncId }: { readonly id: string; readonly sync_id: string },
): Promise<SyncRow> {
  const row = await deps.desk.find(syncId)
  if (row.application_id !== id) throw noSync()
  return row
}

async function answer({ desk }: SyncRoutesDeps, row: SyncRow, reply: FastifyReply) {
  const now = await desk.wait(row.sync_id, WAIT_MS)
  void reply.status(now.state === 'running' ? 202 : 200)
  return viewSync(now)
}

/** In whole seconds, as the vendor counts. @throws AppError `REQUEST_INVALID`, naming the field */
export function decodeRange(
  body: { readonly from_date: string; readonly to_date: string },
  now: number,
): Window {
  const { start } = decodeDate('from_date', body.from_date)
  const asked = decodeDate('to_date', body.to_date)
  if (start > now) throw invalid('from_date', 'is in the future')
  if (asked.start > now) throw invalid('to_date', 'is in the future')
  if (asked.end <= start) throw invalid('to_date', 'is before from_date')
  const from = Math.floor(start / SECOND_MS) * SECOND_MS
  const before = Math.ceil(asked.end / SECOND_MS) * SECOND_MS
  if (before - from > MOST_DAYS * DAY_MS)
    throw invalid('from_date', `is more than ${MOST_DAYS} days before to_date: ask for less`)
  return { from, before }
}
