// What one sender may take of the HTTP server: time, headers, connections; and what two readers could read in two ways
// (RFC 9112 §11.2). Refused before a route runs, and counted.
import type { IncomingMessage, Server } from 'node:http'
import { BlockList, isIPv6, type Socket } from 'node:net'
import type { FastifyServerOptions } from 'fastify'
import { AppError, ERROR_REGISTRY, type ErrorCode } from '#core/errors'
import type { Metrics } from '#core/telemetry'
import { addressGroup } from '../access/lock-out.ts'
import type { HttpServer } from '../http-server.ts'
import { renderProblem } from './problem-details.ts'

export interface HttpLimits {
  /** A request that trickles in holds a socket no longer than this; its headers, no longer than that. */
  readonly requestMs: number
  readonly headersMs: number
  /** How often it is looked for requests that take longer. */
  readonly checkEveryMs: number
  /** A connection on which nothing moves, in either direction: somebody who asks for much and reads nothing. */
  readonly idleMs: number
  /** At the same time, of all senders: each costs some 20 KB and a file descriptor. */
  readonly maxConnections: number
  /** Of them, of one address (IPv6: one network): the others must be able to hang up a call. */
  readonly maxOfOneAddress: number
}

export const HTTP_LIMITS: HttpLimits = {
  requestMs: 30_000,
  headersMs: 10_000,
  checkEveryMs: 1000,
  idleMs: 120_000,
  maxConnections: 2000,
  maxOfOneAddress: 500,
}

/** Together, in bytes, with the request line; Node answers 431 beyond. */
const MAX_HEADER_BYTES = 16 * 1024
/** Browsers behind two proxies send some thirty. Node would read 2,000 and leave the rest out without a word. */
const MAX_HEADERS = 100

type Refusal = 'size' | 'timeout' | 'header' | 'encoding' | 'malformed' | 'connections'

/** For `http.createServer`. */
export const parserLimits = (limits: HttpLimits) => ({
  headersTimeout: limits.headersMs,
  connectionsCheckingInterval: limits.checkEveryMs,
  maxHeaderSize: MAX_HEADER_BYTES,
  requireHostHeader: false, // We say it ourselves.
})

/** Connections whose request is read by a route that bounds it itself, such as an upload. */
export type OwnPace = Pick<WeakSet<Socket>, 'add' | 'delete' | 'has'>

/** For `fastify`: what the server holds senders to before there is a request. */
export const httpLimitOptions = (limits: HttpLimits, metrics: Metrics, ownPace: OwnPace) =>
  ({
    requestTimeout: limits.requestMs,
    connectionTimeout: limits.idleMs,
    clientErrorHandler: (error, socket) => {
      // Told once a request, and then no more.
      if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && ownPace.has(socket)) return
      refuseUnread(error, socket, metrics)
    },
  }) as const satisfies FastifyServerOptions

export interface OfThisServer {
  readonly ownPace: OwnPace
  readonly trustedProxies?: readonly string[] | undefined
}

export function installHttpLimits(
  app: HttpServer,
  limits: HttpLimits,
  metrics: Metrics,
  { ownPace, trustedProxies = [] }: OfThisServer,
): void {
  const refused = (reason: Refusal): void => {
    metrics.add('http_refused_total', 1, { reason })
  }
  const server: Server = app.server
  server.maxConnections = limits.maxConnections
  server.on('drop', () => {
    refused('connections')
  })
  const isProxy = createProxyCheck(trustedProxies)
  const open = new Map<string, number>()
  server.on('connection', (socket: Socket) => {
    const { remoteAddress: address } = socket
    // A proxy brings many; of whom, it says with each request alone.
    if (address === undefined || isProxy(address)) return
    const group = addressGroup(address)
    const count = (open.get(group) ?? 0) + 1
    open.set(group, count)
    socket.once('close', () => {
      const left = (open.get(group) ?? 0) - 1
      if (left > 0) open.set(group, left)
      else open.delete(group)
    })
    if (count <= limits.maxOfOneAddress) return
    refused('connections')
    socket.destroy()
  })
  app.addHook('onRequest', (request, reply, done) => {
    const ambiguity = ambiguityOf(request.raw)
    if (request.raw.rawHeaders.length / 2 > MAX_HEADERS) {
      refused('header')
      done(new AppError('HEADERS_TOO_LARGE', `More than ${MAX_HEADERS} headers.`))
    } else if (ambiguity !== undefined) {
      refused('malformed')
      reply.header('connection', 'close') // Where the next request begins is not sure.
      done(new AppError('REQUEST_INVALID', ambiguity))
    } else done()
  })
  app.addHook('onResponse', (_request, reply, done) => {
    if (reply.statusCode === ERROR_REGISTRY.PAYLOAD_TOO_LARGE.httpStatus) refused('size')
    done()
  })
  installOwnPace(app, limits, ownPace)
}

function installOwnPace(app: HttpServer, { idleMs }: HttpLimits, ownPace: OwnPace): void {
  app.addHook('onRequest', ({ routeOptions, raw: { socket } }, _reply, done) => {
    if (routeOptions.config.hasOwnPace === true) {
      ownPace.add(socket)
      socket.setTimeout(0)
    }
    done()
  })
  app.addHook('onResponse', ({ raw: { socket } }, _reply, done) => {
    if (ownPace.delete(socket)) socket.setTimeout(idleMs)
    done()
  })
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Its requests may take longer than others: the route bounds their time itself. */
    hasOwnPace?: boolean
  }
}

/** @param networks addresses, or networks such as 10.0.0.0/8 */
function createProxyCheck(networks: readonly string[]): (address: string) => boolean {
  const proxies = new BlockList()
  for (const one of networks) {
    const [address = '', prefix] = one.split('/')
    const family = familyOf(address)
    if (prefix === undefined) proxies.addAddress(address, family)
    else proxies.addSubnet(address, Number(prefix), family)
  }
  return (address) => proxies.check(address, familyOf(address))
}

const familyOf = (address: string) => (isIPv6(address) ? 'ipv6' : 'ipv4')

const VERSIONS = ['1.1', '1.0']

/** What Node's parser takes and somebody before us may have taken otherwise. */
function ambiguityOf({ httpVersion, headers, url = '' }: IncomingMessage): string | undefined {
  const { host, 'transfer-encoding': coding } = headers
  if (!VERSIONS.includes(httpVersion)) return 'HTTP/1.1 and HTTP/1.0 are spoken here.'
  if (host === undefined && httpVersion === '1.1') return 'The request has no Host header.'
  if (coding !== undefined && (coding.trim().toLowerCase() !== 'chunked' || httpVersion === '1.0'))
    return 'Of transfer codings only chunked is read, and in HTTP/1.1.'
  // The absolute form: it would stand above Host (RFC 9112 §3.2.2), which is what is checked.
  if (!/^[/*]/.test(url) && URL.parse(url)?.host !== host?.toLowerCase())
    return 'The address of the request and its Host header name different hosts.'
  return undefined
}

/**
 * Bodies are read as they come: one that is packed could be a thousand times as long. After authentication, so that
 * nobody without a key learns more than that.
 */
export function installPlainBodies(app: HttpServer, metrics: Metrics): void {
  app.addHook('onRequest', (request, reply, done) => {
    const encoding = request.headers['content-encoding']
    if (encoding === undefined || encoding.toLowerCase() === 'identity') {
      done()
      return
    }
    metrics.add('http_refused_total', 1, { reason: 'encoding' satisfies Refusal })
    reply.header('accept-encoding', 'identity') // RFC 9110 §15.5.16
    done(new AppError('UNSUPPORTED_MEDIA_TYPE', 'Bodies with a Content-Encoding are not read.'))
  })
}

const UNREAD: Readonly<
  Record<string, readonly [code: ErrorCode, reason: Refusal, detail: string]>
> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['REQUEST_TOO_SLOW', 'timeout', 'The request did not come in time.'],
  HPE_HEADER_OVERFLOW: [
    'HEADERS_TOO_LARGE',
    'header',
    `The headers are longer than ${MAX_HEADER_BYTES} bytes.`,
  ],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [
    'PAYLOAD_TOO_LARGE',
    'size',
    'The chunk extensions are too long.',
  ],
}
const MALFORMED = ['REQUEST_INVALID', 'malformed', 'The bytes are not HTTP/1.1.'] as const

/** There is no request to answer, only a socket. Nothing of what it sent is repeated. */
function refuseUnread(error: Error & { code?: string }, socket: Socket, metrics: Metrics): void {
  // Reset by its sender: nobody is left to answer.
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  const [code, reason, detail] = UNREAD[error.code ?? ''] ?? MALFORMED
  metrics.add('http_refused_total', 1, { reason })
  if (socket.writable) socket.write(rawProblem(code, detail))
  socket.destroySoon()
}

function rawProblem(code: ErrorCode, detail: string): string {
  const problem = renderProblem({ code, detail }, '/')
  const body = JSON.stringify(problem)
  return [
    `HTTP/1.1 ${problem.status} ${problem.title}`,
    'content-type: application/problem+json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'cache-control: no-store',
    'x-content-type-options: nosniff',
    'connection: close',
    '',
    body,
  ].join('\r\n')
}
