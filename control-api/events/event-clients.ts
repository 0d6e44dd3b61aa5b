// All connections of GET /api/events: how many there may be, whether they are alive, and their common end.
import type { WebSocket } from '@fastify/websocket'
import type { Milliseconds } from '#core/contracts'
import { AppError } from '#core/errors'
import { waitUntil } from '#core/lifecycle'
import { inBackground, type Logger, type Metrics } from '#core/telemetry'
import { EventReader, READER_LIMITS, type DropReason, type ReaderLimits } from './event-reader.ts'
import type { EventFilter } from './event-source.ts'
import type { EventStream } from './event-stream.ts'
import type { NodeNews } from './node-news.ts'

export interface ClientLimits {
  readonly total: number
  readonly perKey: number
  readonly pingEveryMs: number
  /** From the request to the WebSocket. */
  readonly handshakeMs: number
  readonly reader: ReaderLimits
}

/** Together 160 MiB at most wait to be read. */
export const CLIENT_LIMITS: ClientLimits = {
  total: 500,
  perKey: 250,
  pingEveryMs: 25_000,
  handshakeMs: 10_000,
  reader: READER_LIMITS,
}

/** Of the peer, between two of our pings: nothing it says is of any use to us. */
const MAX_MESSAGES = 100

const TOO_MANY = 'Too many connections for events are open.'
/** RFC 6455 §11.7, the registry: 1013. */
const TRY_AGAIN_LATER = 1013

export interface NewClient {
  readonly keyId: string
  readonly stream: EventStream
  readonly filter: EventFilter
  /** Everything up to here it has. */
  readonly position: number
  /** Said first. */
  readonly greeting: string | undefined
  /** Told in between. */
  readonly node?: NodeNews
  /** Asked now and then: keys expire and change their role, sessions end. */
  readonly mayListen: () => Promise<boolean>
}

export interface EventClientsDeps {
  readonly logger: Logger
  readonly metrics: Metrics
}

interface Client {
  readonly socket: WebSocket
  readonly reader: EventReader
  readonly keyId: string
  readonly mayListen: () => Promise<boolean>
  isAlive: boolean
  messages: number
}

export class EventClients {
  readonly #logger: Logger
  readonly #metrics: Metrics
  readonly #limits: ClientLimits
  readonly #clients = new Set<Client>()
  readonly #pings: NodeJS.Timeout
  #closing = false

  constructor({ logger, metrics }: EventClientsDeps, limits: ClientLimits = CLIENT_LIMITS) {
    this.#logger = logger
    this.#metrics = metrics
    this.#limits = limits
    this.#pings = setInterval(() => this.#ping(), limits.pingEveryMs).unref()
    metrics.onScrape('event clients', () => metrics.set('event_clients', this.#clients.size))
  }

  /** @throws AppError `DRAINING`, `TOO_MANY_REQUESTS` */
  requireRoom(keyId: string): void {
    if (this.#closing) throw new AppError('DRAINING', 'The server is closing.')
    if (this.#hasRoom(keyId)) return
    throw new AppError('TOO_MANY_REQUESTS', TOO_MANY, { details: { open: this.#clients.size } })
  }

  add(socket: WebSocket, wanted: NewClient): void {
    const { keyId, mayListen, stream, filter, position, greeting, node } = wanted
    // Others came while this one was prepared.
    if (!this.#hasRoom(keyId)) {
      socket.close(TRY_AGAIN_LATER, TOO_MANY)
      return
    }
    const options = { filter, position, limits: this.#limits.reader }
    const reader = new EventReader(socket, stream, options)
    const client: Client = { socket, reader, keyId, mayListen, isAlive: true, messages: 0 }
    this.#clients.add(client)
    socket.once('close', () => this.#clients.delete(client))
    socket.on('pong', () => (client.isAlive = true))
    socket.on('message', () => this.#count(client))
    socket.on('ping', (data: Buffer) => {
      // Answered by us, not by the library: one that pings and never reads must not fill our memory.
      if (this.#count(client) && socket.bufferedAmount === 0) socket.pong(data)
    })
    if (this.#closing) this.#drop(client, 'closing')
    if (greeting !== undefined) reader.say(greeting)
    if (node)
      socket.once(
        'close',
        node.join((message) => reader.announce(message)),
      )
    inBackground(this.#run(client), this.#logger, 'telling a client of events')
  }

  /** The peer broke the protocol, or its connection broke. */
  failed(socket: WebSocket): void {
    for (const client of this.#clients) if (client.socket === socket) this.#drop(client, 'failed')
  }

  /** Its key was revoked, or is another's now. */
  endKey(keyId: string): void {
    for (const client of this.#clients) if (client.keyId === keyId) this.#drop(client, 'revoked')
  }

  /** Says goodbye to everybody; they may answer for as long. */
  async drain(deadline: Milliseconds): Promise<void> {
    this.#closing = true
    clearInterval(this.#pings)
    for (const client of this.#clients) this.#drop(client, 'closing')
    await waitUntil(() => this.#clients.size === 0, deadline, 10)
    for (const { socket } of this.#clients) socket.terminate()
  }

  async #run(client: Client): Promise<void> {
    try {
      await client.reader.run()
    } catch (error) {
      this.#logger.warn({ err: error }, 'a client of the events is let go')
      this.#drop(client, 'failed')
    }
    const { dropped } = client.reader
    if (dropped === 'slow') {
      this.#metrics.add('event_clients_dropped_total', 1, { reason: dropped })
      this.#logger.info({ keyId: client.keyId }, 'a client of the events reads too slowly')
    }
  }

  #hasRoom(keyId: string): boolean {
    const ofKey = [...this.#clients].filter((client) => client.keyId === keyId).length
    return this.#clients.size < this.#limits.total && ofKey < this.#limits.perKey
  }

  #count(client: Client): boolean {
    client.messages += 1
    if (client.messages > MAX_MESSAGES) this.#drop(client, 'chatty')
    return client.messages <= MAX_MESSAGES
  }

  #ping(): void {
    for (const client of this.#clients) {
      client.messages = 0
      if (!client.isAlive) this.#drop(client, 'dead')
      else if (client.socket.readyState === client.socket.OPEN) {
        client.isAlive = false
        client.socket.ping()
        inBackground(this.#checkRight(client), this.#logger, 'asking who may hear of events')
      }
    }
  }

  async #checkRight(client: Client): Promise<void> {
    if (!(await client.mayListen())) this.#drop(client, 'revoked')
  }

  #drop(client: Client, reason: Exclude<DropReason, 'slow'>): void {
    if (client.reader.dropped !== undefined) return
    client.reader.drop(reason)
    if (reason !== 'closing') this.#metrics.add('event_clients_dropped_total', 1, { reason })
  }
}
