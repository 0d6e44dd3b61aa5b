// /api/v1/ai: photos are made to speak; how far each is; cancel, retry, delete.
import { createHash } from 'node:crypto'
import { Type, type Static } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { AppError } from '#core/errors'
import type { PageCursors } from '../../calls/page-cursor.ts'
import type { HttpServer } from '../../http-server.ts'
import { isOver } from '../../media-jobs/animation/animation.ts'
import type { AnimationDesk } from '../../media-jobs/animation/animation-desk.ts'
import type { AnimationRow } from '../../media-jobs/animation/animation-row.ts'
import type { AnimationFilter, AnimationStore } from '../../media-jobs/animation/animation-store.ts'
import type { AskedAnimation } from '../../media-jobs/animation/ask-rules.ts'
import { newTaskId } from '../../media-jobs/media-keys.ts'
import type { RunOnce } from '../../plugins/idempotency.ts'
import { nextCursorSchema, pageFields, readPage } from '../access/asked-page.ts'
import { problem } from '../problem.ts'
import {
  animationDetailSchema,
  animationSchema,
  animationStatusSchema,
  providerSchema,
  speechSchema,
  statusSchema,
  viewAnimation,
  viewAnimationDetail,
  viewStatus,
} from './animation-view.ts'
import { memorialIdSchema } from './memorial-id.ts'

export interface AnimationRoutesDeps {
  readonly desk: AnimationDesk
  readonly store: Pick<AnimationStore, 'find' | 'page' | 'steps'>
  readonly cursors: PageCursors
  /** Without a slash at its end; empty: addresses are below this server. */
  readonly publicUrl: string
}

const strict = { additionalProperties: false }
const tags = ['media']
const failures = { '4xx': problem, 501: problem, 503: problem }
const params = Type.Object({ task_id: Type.String({ maxLength: 64 }) })
const MOST_PROMPT = 40_000

const askSchema = Type.Object(
  {
    media_id: Type.Optional(Type.String({ maxLength: 64, description: 'A photo that is here' })),
    image_url: Type.Optional(
      Type.String({
        maxLength: 2048,
        description: 'Or where one is: https, of the public internet',
      }),
    ),
    prompt: Type.String({ maxLength: MOST_PROMPT, description: 'The words that are spoken' }),
    voice_id: Type.Optional(
      Type.String({ minLength: 1, maxLength: 128, description: 'Of whoever speaks' }),
    ),
    provider: Type.Optional(providerSchema),
    speech: Type.Optional(speechSchema),
    memorial_id: Type.Optional(memorialIdSchema),
  },
  strict,
)

const askedSchema = Type.Object(
  {
    task_id: Type.String(),
    status: statusSchema,
    provider: providerSchema,
    message: Type.String(),
  },
  strict,
)

export function animationRoutes(
  app: HttpServer,
  deps: AnimationRoutesDeps,
  runOnce: RunOnce,
): void {
  askRoute(app, deps, runOnce)
  statusRoute(app, deps)
  listRoute(app, deps)
  readRoute(app, deps)
  cancelRoute(app, deps)
  retryRoute(app, deps)
  removeRoute(app, deps)
}

function askRoute(app: HttpServer, { desk, store }: AnimationRoutesDeps, runOnce: RunOnce): void {
  const schema = {
    operationId: 'animatePhoto',
    tags,
    summary:
      'Make a photo speak: 202 with its task. It may cost money at the provider; give an Idempotency-Key to be sure that it is asked for once',
    body: askSchema,
    response: { 202: askedSchema, ...failures, 502: problem },
  }
  app.post('/api/v1/ai/photo/animate', { schema }, (request, reply) => {
    const { keyId } = request.principal
    const wanted = taskIdOf(request)
    const answer = (row: AnimationRow): Static<typeof askedSchema> => {
      reply.header('location', `/api/v1/ai/animations/${row.task_id}`)
      return viewAsked(row)
    }
    const ask = async (): Promise<Static<typeof askedSchema>> => {
      // A key whose time is over may come again: another request by then.
      const isTaken = (await store.find(wanted)) !== undefined
      return answer(
        await desk.ask(decodeAsked(request.body), isTaken ? newTaskId() : wanted, keyId),
      )
    }
    return runOnce(request, reply, {
      status: 202,
      run: ask,
      async resume() {
        const begun = await store.find(wanted)
        return begun === undefined ? ask() : answer(begun)
      },
    })
  })
}

/** Follows from the Idempotency-Key, so that a request that broke off is recognised. */
function taskIdOf({ headers, principal }: FastifyRequest): string {
  const key = headers['idempotency-key']
  if (typeof key !== 'string') return newTaskId()
  const named = JSON.stringify([principal.keyId, 'animate', key])
  return `ani_${createHash('sha256').update(named).digest('hex').slice(0, 24)}`
}

const decodeAsked = (body: Static<typeof askSchema>): AskedAnimation => ({
  mediaId: body.media_id,
  imageUrl: body.image_url,
  prompt: body.prompt,
  voiceId: body.voice_id,
  provider: body.provider,
  speech: body.speech,
  memorialId: body.memorial_id,
})

const viewAsked = (row: AnimationRow): Static<typeof askedSchema> => {
  const { task_id, status, provider } = viewStatus(row, '')
  const message = `Animation task started with ${provider}. Check status later.`
  return { task_id, status, provider, message }
}

function statusRoute(app: HttpServer, { store, publicUrl }: AnimationRoutesDeps): void {
  const schema = {
    operationId: 'getAnimationStatus',
    tags,
    summary: 'How far an animation is',
    body: Type.Object(
      { task_id: Type.String({ maxLength: 64 }), provider: Type.Optional(providerSchema) },
      strict,
    ),
    response: { 200: animationStatusSchema, ...failures },
  }
  // A question, though it is a POST.
  app.post(
    '/api/v1/ai/animation/status',
    { schema, config: { access: 'viewer' } },
    async (request) => {
      const { task_id: taskId, provider } = request.body
      const row = await store.find(taskId)
      if (row === undefined || (provider !== undefined && provider !== row.provider))
        throw new AppError('NOT_FOUND', 'There is no animation with this id.')
      return viewStatus(row, publicUrl)
    },
  )
}

const querySchema = Type.Object(
  {
    status: Type.Optional(statusSchema),
    provider: Type.Optional(providerSchema),
    memorial_id: Type.Optional(memorialIdSchema),
    media_id: Type.Optional(
      Type.String({ maxLength: 64, description: 'Of the photo, or of the video' }),
    ),
    ...pageFields,
  },
  strict,
)

function listRoute(app: HttpServer, { store, cursors, publicUrl }: AnimationRoutesDeps): void {
  const schema = {
    operationId: 'listAnimations',
    tags,
    summary: 'Animations, newest first',
    querystring: querySchema,
    response: {
      200: Type.Object(
        { items: Type.Array(animationSchema), next_cursor: nextCursorSchema },
        strict,
      ),
      ...failures,
    },
  }
  app.get('/api/v1/ai/animations', { schema }, async (request) => {
    const filter = decodeFilter(request.query)
    const { rows, nextCursor } = await readPage(request.query, {
      cursors,
      listed: { list: 'animations', filter },
      read: (after, limit) => store.page(filter, after, limit),
      positionOf: ({ created_at: at }) => at,
    })
    return { items: rows.map((row) => viewAnimation(row, publicUrl)), next_cursor: nextCursor }
  })
}

function decodeFilter(query: Static<typeof querySchema>): AnimationFilter {
  const { status, provider, memorial_id: memorial, media_id: mediaId } = query
  return {
    ...(status === undefined ? {} : { status }),
    ...(provider === undefined ? {} : { provider }),
    ...(memorial === undefined ? {} : { memorialId: memorial }),
    ...(mediaId === undefined ? {} : { mediaId }),
  }
}

function readRoute(app: HttpServer, { desk, store, publicUrl }: AnimationRoutesDeps): void {
  const schema = {
    operationId: 'getAnimation',
    tags,
    summary: 'An animation, and what was done for it',
    params,
    response: { 200: animationDetailSchema, ...failures },
  }
  app.get('/api/v1/ai/animations/:task_id', { schema }, async (request) => {
    const row = await desk.find(request.params.task_id)
    return viewAnimationDetail(row, await store.steps(row.task_id), publicUrl)
  })
}

function cancelRoute(app: HttpServer, { desk, publicUrl }: AnimationRoutesDeps): void {
  const schema = {
    operationId: 'cancelAnimation',
    tags,
    summary:
      'Cancel an animation: 200 when it is canceled, 202 while it is removed at the provider, where it may still be billed',
    params,
    response: { 200: animationSchema, 202: animationSchema, ...failures },
  }
  app.post('/api/v1/ai/animations/:task_id/cancel', { schema }, async (request, reply) => {
    const row = await desk.cancel(request.params.task_id, request.principal.keyId)
    void reply.status(isOver(row.state) ? 200 : 202)
    return viewAnimation(row, publicUrl)
  })
}

function retryRoute(app: HttpServer, { desk, publicUrl }: AnimationRoutesDeps): void {
  const schema = {
    operationId: 'retryAnimation',
    tags,
    summary:
      'Try an animation again that failed or was canceled. What the provider has finished is fetched; else it is submitted again, and may cost again',
    params,
    response: { 202: animationSchema, ...failures },
  }
  app.post('/api/v1/ai/animations/:task_id/retry', { schema }, async (request, reply) => {
    const row = await desk.retry(request.params.task_id, request.principal.keyId)
    void reply.status(202)
    return viewAnimation(row, publicUrl)
  })
}

function removeRoute(app: HttpServer, { desk }: AnimationRoutesDeps): void {
  const schema = {
    operationId: 'deleteAnimation',
    tags,
    summary: 'Delete the record of an animation that is over; its video stays',
    params,
    response: { 204: Type.Null(), ...failures },
  }
  app.delete('/api/v1/ai/animations/:task_id', { schema }, async (request, reply) => {
    await desk.remove(request.params.task_id, request.principal.keyId)
    return reply.status(204).send(null)
  })
}
