// GET /api/events: what happens, as it happens, over WebSocket; resumable behind the last event one has.
import { Type } from '@fastify/type-provider-typebox'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ms } from '#core/contracts'
import { AppError } from '#core/errors'
import type { EventClients } from '../../events/event-clients.ts'
import type { EventStart, EventStarts } from '../../events/event-start.ts'
import { feedMessageSchema } from '../../feed/feed-view.ts'
import { mayUse, type Principal } from '../../http-server.ts'
import { createOriginCheck } from '../../plugins/own-origin.ts'
import type { SocketRoute } from '../../plugins/web-sockets.ts'

const EVENTS_PATH = '/api/events'

/** Of what a client says: nothing of it is used. */
const MAX_MESSAGE_BYTES = 1024
/** RFC 6455 §7.4.1. */
const MESSAGE_TOO_BIG = 1009
const GOODBYE_TIMEOUT = ms(1000)

const eventsQuerySchema = Type.Object(
  {
    last_event_id: Type.Optional(
      Type.String({
        pattern: '^[0-9]{1,16}$',
        description:
          'The id of the last event you have: what came behind it is sent first. 0: everything that is kept. Without ' +
          'it only what happens from now on.',
      }),
    ),
    types: Type.Optional(
      Type.String({
        maxLength: 1000,
        pattern: '^[a-z_.]+(,[a-z_.]+)*$',
        description: 'These types alone, such as call.answered,call.ended',
      }),
    ),
    call_id: Type.Optional(Type.String({ maxLength: 64, description: 'Of this call alone' })),
    detail: Type.Optional(
      Type.Enum(['timeline', 'node'], {
        description:
          'timeline, with call_id: the whole timeline of that call, each item as it is recorded, instead of the ' +
          'events. node: the events and, in between, what is announced of this node (trunk.changed and others), which ' +
          'is not kept and has the id of the last event that was sent',
      }),
    ),
  },
  { additionalProperties: false },
)

export interface EventsRouteDeps {
  readonly clients: EventClients
  readonly starts: EventStarts
}

const problem = (description: string) => ({
  description,
  content: { 'application/problem+json': { schema: Type.Ref('Problem') } },
})

const schema = {
  tags: ['events'],
  summary: 'Live events over WebSocket: connect with an upgrade; each message is JSON of this form',
  querystring: eventsQuerySchema,
  response: {
    101: { description: 'The connection is a WebSocket now', ...asJson(feedMessageSchema) },
    426: problem('This was no WebSocket upgrade'),
    '4xx': problem('What went wrong (RFC 9457)'),
    '5xx': problem('What went wrong (RFC 9457)'),
  },
}

function asJson(one: typeof feedMessageSchema) {
  return { content: { 'application/json': { schema: one } } }
}

export function eventsRoute(
  { clients, starts }: EventsRouteDeps,
  publicUrl: string | undefined,
): SocketRoute {
  const originOf = createOriginCheck(publicUrl === undefined ? undefined : new URL(publicUrl))
  const prepared = new WeakMap<FastifyRequest, EventStart>()
  return {
    failed: (socket) => clients.failed(socket),
    goodbye: () => clients.drain(GOODBYE_TIMEOUT),
    add(scope, handshakes) {
      scope.route({
        method: 'GET',
        url: EVENTS_PATH,
        schema,
        preHandler: async (request) => {
          if (!request.ws) return
          // Scripts of any page may open a WebSocket to anywhere (RFC 6455 §10.2).
          if (originOf(request) === 'foreign')
            throw new AppError('ORIGIN_NOT_ALLOWED', 'A page of another origin may not listen.')
          clients.requireRoom(request.principal.keyId)
          prepared.set(request, await starts.prepare(request.query))
        },
        handler: upgradeRequired,
        wsHandler: (socket, request) => {
          handshakes.made(request.raw.socket)
          socket.on('message', (message: Buffer) => {
            if (message.length > MAX_MESSAGE_BYTES) socket.close(MESSAGE_TOO_BIG)
          })
          const start = prepared.get(request)
          const { principal } = request
          const mayListen = () => isViewer(principal)
          if (start) clients.add(socket, { keyId: principal.keyId, mayListen, ...start })
          else socket.close(1011)
        },
      })
    },
  }
}

const isViewer = async ({ role, roleNow }: Principal): Promise<boolean> => {
  const now = roleNow ? await roleNow() : role
  return now !== undefined && mayUse(now, 'viewer')
}

/** RFC 9110 §15.5.22. */
function upgradeRequired(_request: FastifyRequest, reply: FastifyReply): never {
  void reply.header('upgrade', 'websocket').header('connection', 'upgrade')
  throw new AppError('UPGRADE_REQUIRED', 'Events come over WebSocket alone.')
}
