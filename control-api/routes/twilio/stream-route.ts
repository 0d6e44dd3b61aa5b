// GET /twilio/stream: the audio of a call of Twilio, both ways. Open, for the upgrade is signed, and the first message has
// the token of its call.
import type { WebSocket } from '@fastify/websocket'
import type { FastifyRequest } from 'fastify'
import { ms } from '#core/contracts'
import { AppError } from '#core/errors'
import { waitFor } from '#core/lifecycle'
import type { Metrics } from '#core/telemetry'
import type { SocketRoute } from '../../plugins/web-sockets.ts'
import {
  MediaStream,
  STREAM_TIMING,
  type MediaStreamDeps,
  type StreamTiming,
} from '../../twilio/media-stream.ts'
import type { WebhookGuard } from '../../twilio/webhook-guard.ts'
import { problem } from '../problem.ts'
import { notConfigured } from './twilio-routes.ts'
import { STREAM_PATH } from '../../twilio/webhook-urls.ts'

export interface StreamRouteDeps {
  readonly metrics: Pick<Metrics, 'onScrape' | 'set'>
  /** Undefined: there is no account, and whoever calls is told so. */
  readonly door:
    | {
        readonly streams: MediaStreamDeps
        readonly guard: WebhookGuard
        readonly timing?: StreamTiming | undefined
      }
    | undefined
}

/** More than there may be calls (MAX_CONCURRENT_CALLS): whoever has no token goes within seconds. */
const MAX_STREAMS = 10_000
const GOODBYE_TIMEOUT = ms(2000)

const schema = {
  operationId: 'openTwilioStream',
  tags: ['vendor'],
  summary:
    'Twilio Media Streams, as TwiML of ours tells Twilio to open it: connect with an upgrade',
  description:
    'The upgrade is signed for the wss:// address of PUBLIC_URL; the token in the customParameters of `start` is good ' +
    'once, for the call it was made for. Anything else is closed with 1008',
  security: [],
  response: {
    101: { description: 'The connection is a WebSocket now', type: 'null' },
    403: problem,
    426: problem,
    501: problem,
    503: problem,
  },
}

export function createStreamRoute(deps: StreamRouteDeps): SocketRoute {
  const { door, metrics } = deps
  const open = new Map<WebSocket, MediaStream>()
  let isClosing = false
  const requireRoom = (request: FastifyRequest): void => {
    if (!door) throw notConfigured()
    door.guard.requireSignedUpgrade(request)
    if (isClosing) throw new AppError('DRAINING', 'The server is closing.')
    if (open.size >= MAX_STREAMS)
      throw new AppError('CAPACITY_EXHAUSTED', 'Too many streams are open.')
  }
  metrics.onScrape('Twilio streams', () => metrics.set('twilio_streams_active', open.size))
  return {
    failed: (socket) => open.get(socket)?.failed(),
    async goodbye() {
      isClosing = true
      const all = [...open.values()].map((stream) => stream.close('this process ends'))
      try {
        const closed = Promise.allSettled(all)
        await waitFor(closed, { name: 'the streams of Twilio', timeout: GOODBYE_TIMEOUT })
      } catch {
        // The deadline: whatever is left is cut.
        for (const socket of open.keys()) socket.terminate()
      }
    },
    add(scope, handshakes) {
      scope.route({
        method: 'GET',
        url: STREAM_PATH,
        schema,
        config: { access: 'open' },
        preHandler: (request, _reply, done) => {
          if (request.ws) requireRoom(request)
          done()
        },
        handler: (_request, reply) => {
          if (!door) throw notConfigured()
          void reply.header('upgrade', 'websocket').header('connection', 'upgrade')
          throw new AppError('UPGRADE_REQUIRED', 'Audio comes over WebSocket alone.')
        },
        wsHandler: (socket, request) => {
          handshakes.made(request.raw.socket)
          if (!door) return
          const stream = new MediaStream(door.streams, socket, door.timing ?? STREAM_TIMING)
          open.set(socket, stream)
          socket.once('close', () => open.delete(socket))
        },
      })
    },
  }
}
