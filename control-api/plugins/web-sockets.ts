// The routes that speak WebSocket: one server for all of them, because each of the library's would answer every upgrade.
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import websocket, { type WebSocket } from '@fastify/websocket'
import type { Feature } from '../features.ts'
import type { HttpServer } from '../http-server.ts'

/** Where upgrades are taken; anything else that asks for one is answered as if it had not. */
const PATHS: ReadonlySet<string> = new Set(['/api/events', '/twilio/stream'])

/** The largest message of any of them; who expects less says so itself. */
const MAX_MESSAGE_BYTES = 64 * 1024

/** Which upgrades the server takes. */
export const isUpgrade = ({ method, url, headers }: IncomingMessage): boolean =>
  method === 'GET' &&
  PATHS.has(url?.split('?', 1)[0] ?? '') &&
  headers.upgrade?.toLowerCase() === 'websocket'

/** Part of a feature: its route, and the end of its connections. */
export interface SocketRoute {
  add(scope: HttpServer, handshakes: Handshakes): void
  /** The peer broke the protocol, or its connection broke; it may be none of ours. */
  failed(socket: WebSocket): void
  /** Says goodbye to all of them, in bounded time. */
  goodbye(): Promise<void>
}

export interface Handshakes {
  /** Its connection is a WebSocket now. */
  made(socket: Socket): void
}

export function installWebSockets(
  app: HttpServer,
  features: readonly Feature[],
  handshakeMs: number,
): void {
  const routes = features.flatMap(({ sockets }) => (sockets === undefined ? [] : [sockets]))
  const handshakes = boundHandshakes(app, handshakeMs)
  void app.register(async (scope: HttpServer) => {
    await scope.register(websocket, {
      options: { maxPayload: MAX_MESSAGE_BYTES, perMessageDeflate: false, autoPong: false },
      // An upgraded connection is nobody's request any more: without a goodbye the server would wait for it.
      preClose(done) {
        handshakes.cut()
        void Promise.allSettled(routes.map((route) => route.goodbye())).finally(() => done())
      },
      errorHandler: (_error, socket) => {
        for (const route of routes) route.failed(socket)
      },
    })
    // Node has let go of the connection of an upgrade. The plugin ends those that its own hooks have seen; whoever is
    // refused before (401) would keep theirs.
    scope.addHook('onResponse', (request, _reply, done) => {
      if (isUpgrade(request.raw)) request.raw.socket.destroySoon()
      done()
    })
    for (const route of routes) route.add(scope, handshakes)
  })
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
