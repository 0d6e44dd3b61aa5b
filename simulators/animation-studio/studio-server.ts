// HTTP on loopback: whole requests of a bounded size, one answer each, and nothing left open at the end.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { messageOf } from '#core/errors'
import type { StudioRequest } from './studio-request.ts'

export interface StudioServerOptions {
  readonly host: string
  readonly port: number
  /** Of a request's body: what is more is read and thrown away. */
  readonly mostBytes: number
  readonly answer: (request: StudioRequest, response: ServerResponse) => Promise<void>
}

/** Far too large: the connection is broken. */
const MOST_TIMES = 8

export class StudioServer {
  readonly #options: StudioServerOptions
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor(options: StudioServerOptions) {
    this.#options = options
    this.#server = createServer((request, response) => void this.#take(request, response))
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => undefined) // 'close' follows.
      socket.once('close', () => this.#sockets.delete(socket))
    })
  }

  get baseUrl(): string {
    const { address, port } = this.#server.address() as AddressInfo
    return `http://${address}:${port}`
  }

  listen(): Promise<void> {
    const { host, port } = this.#options
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve())
      for (const socket of this.#sockets) socket.destroy()
    })
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on('error', () => undefined) // Whoever asked has gone.
    try {
      const { method = 'GET', url = '/', headers } = request
      const body = await bodyOf(request, this.#options.mostBytes)
      const isTooLarge = body === undefined
      await this.#options.answer(
        {
          method,
          url: new URL(url, this.baseUrl),
          headers,
          body: body ?? Buffer.alloc(0),
          isTooLarge,
        },
        response,
      )
    } catch (error) {
      // A defect of the simulator, or a request that ended half-way: then nobody reads this.
      if (!response.headersSent) response.writeHead(500)
      response.end(messageOf(error))
    }
  }
}

/** Undefined: too large. */
async function bodyOf(request: IncomingMessage, mostBytes: number): Promise<Buffer | undefined> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length
    if (bytes > mostBytes * MOST_TIMES) throw new Error('the request is far too large')
    if (bytes > mostBytes) pieces.length = 0
    else pieces.push(piece)
  }
  return bytes > mostBytes ? undefined : Buffer.concat(pieces)
}
