// HTTP or HTTPS on loopback: whole requests, one answer each, and nothing left open at the end.
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import { messageOf } from '#core/errors'
import type { HttpRequest } from './platform-request.ts'

/** A script of 128 KB, urlencoded, and some more. */
const MOST_BYTES = 1024 * 1024

export interface HttpServerOptions {
  readonly host: string
  readonly port: number
  readonly tls: { readonly key: string | Buffer; readonly cert: string | Buffer } | undefined
  readonly answer: (request: HttpRequest, response: ServerResponse) => Promise<void>
}

export class HttpServer {
  readonly #options: HttpServerOptions
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor(options: HttpServerOptions) {
    this.#options = options
    const listener: RequestListener = (request, response) => void this.#take(request, response)
    this.#server =
      options.tls === undefined ? createServer(listener) : createTlsServer(options.tls, listener)
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('error', () => undefined) // 'close' follows.
      socket.once('close', () => this.#sockets.delete(socket))
    })
  }

  get baseUrl(): string {
    return `${this.#options.tls === undefined ? 'http' : 'https'}://${this.host}`
  }

  get host(): string {
    const { address, port } = this.#server.address() as AddressInfo
    return `${address}:${port}`
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
    try {
      const { method = 'GET', url = '/', headers } = request
      const body = await bodyOf(request)
      const asked = { method, url: new URL(url, this.baseUrl), headers, body }
      await this.#options.answer(asked, response)
    } catch (error) {
      // A defect of the simulator, or a request that ended half-way: then nobody reads this.
      if (!response.headersSent) response.writeHead(500)
      response.end(messageOf(error))
    }
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = []
  let bytes = 0
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length
    if (bytes > MOST_BYTES) throw new Error('the request is too large')
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}
