// GET /api/events: what happens, as it happens, over WebSocket; resumable behind the last event one has.
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { Type } from '@fastify/type-provider-typebox'
import websocket from '@fastify/websocket'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { ms } from '#core/contracts'
import { AppError } from '#core/errors'
import type { EventClients } from '../../events/event-clients.ts'
import type { EventStart, EventStarts } from '../../events/event-start.ts'
import { feedMessageSchema } from '../../feed/feed-view.ts'
import { mayUse, type HttpServer, type Principal } from '../../http-server.ts'
import { createOriginCheck } from '../../plugins/own-origin.ts'

const EVENTS_PATH = '/api/events'

/** Which upgrades the server takes. */
export const isEventsUpgrade = ({ method, url, headers }: IncomingMessage): boolean =>
  method === 'GET' &&
  url?.split('?', 1)[0] === EVENTS_PATH &&
  headers.upgrade?.toLowerCase() === 'websocket'

/** Of what a client says: nothing of it is used. */
const MAX_MESSAGE_BYTES = 1024
const GOODBYE_TIMEOUT = ms(1000)

export const eventsQuerySchema = Type.Object(
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
  readonly handshakeMs: number
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
  app: HttpServer,
  { clients, starts, handshakeMs }: EventsRouteDeps,
  publicUrl: string | undefined,
): void {
  const originOf = createOriginCheck(publicUrl === undefined ? undefined : new URL(publicUrl))
  const prepared = new WeakMap<FastifyRequest, EventStart>()
  const handshakes = boundHandshakes(app, handshakeMs)
  void app.register(async (scope: HttpServer) => {
    await scope.register(websocket, {
      options: { maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false, autoPong: false },
      // An upgraded connection is nobody's request any more: without a goodbye the server would wait for it.
      preClose(done) {
        handshakes.cut()
        void clients.drain(GOODBYE_TIMEOUT).finally(() => done())
      },
      errorHandler: (_error, socket) => clients.failed(socket),
    })
    // Node has let go of the connection of an upgrade. The plugin ends those that its own hooks have seen; whoever is
    // refused before (401) would keep theirs.
    scope.addHook('onResponse', (request, _reply, done) => {
      if (isEventsUpgrade(request.raw)) request.raw.socket.destroySoon()
      done()
    })
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
        const start = prepared.get(request)
        const { principal } = request
        const mayListen = () => isViewer(principal)
        if (start) clients.add(socket, { keyId: principal.keyId, mayListen, ...start })
        else socket.close(1011)
      },
    })
  })
}

const isViewer = async ({ role, roleNow }: Principal): Promise<boolean> => {
  const now = roleNow ? await roleNow() : role
  return now !== undefined && mayUse(now, 'viewer')
}

/**
 * Node lets go of the connection of an upgrade, with its timeouts, and until there is a WebSocket nobody else has it: one
 * that was asked for behind a request not answered yet (pipelining) never becomes one, and would stay for good.
 */
function boundHandshakes({ server }: HttpServer, timeoutMs: number) {
  const waiting = new Set<Socket>()
  server.on('upgrade', ({ socket }: IncomingMessage) => {
    waiting.add(socket)
    const cut = setTimeout(() => waiting.has(socket) && socket.destroy(), timeoutMs).unref()
    socket.once('close', () => {
      clearTimeout(cut)
      waiting.delete(socket)
    })
  })
  return {
    made: (socket: Socket) => void waiting.delete(socket),
    cut() {
      for (const socket of waiting) socket.destroy()
    },
  }
}

/** RFC 9110 §15.5.22. */
function upgradeRequired(_request: FastifyRequest, reply: FastifyReply): never {
  void reply.header('upgrade', 'websocket').header('connection', 'upgrade')
  throw new AppError('UPGRADE_REQUIRED', 'Events come over WebSocket alone.')
}
