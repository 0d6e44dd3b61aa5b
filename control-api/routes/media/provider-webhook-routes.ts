// What D-ID and HeyGen tell of their jobs. Open: D-ID knows an address that nobody guesses, HeyGen signs. Whatever they say,
// they are asked themselves.
import { Type } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '#core/errors'
import type { HttpServer } from '../../http-server.ts'
import type { WebhookDesk } from '../../media-jobs/providers/webhooks/webhook-desk.ts'
import { problem } from '../problem.ts'
import { rawBodies } from '../raw-bodies.ts'

const MOST_BYTES = 256 * 1024

const taken = { description: 'Taken, also when it was known', type: 'null' }
const config = { access: 'open' } as const

export function providerWebhookRoutes(app: HttpServer, desk: WebhookDesk): void {
  rawBodies(app, MOST_BYTES, (scope) => {
    dIdRoute(scope, desk)
    heyGenRoute(scope, desk)
    probeRoute(scope)
  })
}

function dIdRoute(app: HttpServer, desk: WebhookDesk): void {
  const schema = {
    operationId: 'receiveDIdWebhook',
    tags: ['vendor'],
    summary: 'D-ID tells that an animation may have changed; the address of each is its own',
    security: [],
    params: Type.Object({ token: Type.String({ maxLength: 128 }) }),
    response: { 204: taken, 404: problem, 413: problem, 429: problem },
  }
  type Told = FastifyRequest<{ Params: { token: string } }>
  const url = '/webhooks/d-id/:token'
  // Before the body is read: nobody else has anything to tell.
  const onRequest = (request: FastifyRequest, _reply: FastifyReply, done: Done): void => {
    const { token } = (request as Told).params
    done(desk.dIdTask(token) === undefined ? noSuchRoute() : undefined)
  }
  app.post(url, { schema, config, onRequest }, async (request, reply) => {
    const taskId = desk.dIdTask(request.params.token)
    if (taskId === undefined) throw noSuchRoute()
    const wake = await desk.takeDId(taskId, bodyOf(request))
    await reply.status(204).send()
    wake()
  })
}

function heyGenRoute(app: HttpServer, desk: WebhookDesk): void {
  const schema = {
    operationId: 'receiveHeyGenWebhook',
    tags: ['vendor'],
    summary:
      'HeyGen tells that an animation may have changed, signed with the secret of its endpoint',
    security: [],
    response: { 204: taken, 401: problem, 413: problem, 429: problem },
  }
  app.post('/webhooks/heygen', { schema, config }, async (request, reply) => {
    const { headers } = request
    const wake = await desk.takeHeyGen({ headers, body: bodyOf(request) })
    await reply.status(204).send()
    wake()
  })
}

/** HeyGen looks whether there is anybody before it takes an address. */
function probeRoute(app: HttpServer): void {
  const schema = { hide: true }
  app.route({
    method: ['GET', 'HEAD', 'OPTIONS'],
    url: '/webhooks/heygen',
    schema,
    config,
    handler: (_request, reply) => reply.status(204).send(),
  })
}

type Done = (error?: Error) => void

const noSuchRoute = (): AppError => new AppError('NOT_FOUND', 'There is no such route.')

const bodyOf = ({ body }: Pick<FastifyRequest, 'body'>): Buffer =>
  Buffer.isBuffer(body) ? body : Buffer.alloc(0)
