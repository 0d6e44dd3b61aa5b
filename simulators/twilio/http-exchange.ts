// One HTTP request over a connection of its own, as Twilio's proxy sends it: the whole answer, or why there is none.
import { request as httpRequest, type ClientRequest, type IncomingHttpHeaders } from 'node:http'
import { request as httpsRequest } from 'node:https'

export interface Exchange {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly timeoutMs: number
}

export type ExchangeResult =
  | {
      readonly kind: 'answered'
      readonly status: number
      readonly headers: IncomingHttpHeaders
      readonly body: Buffer
    }
  | { readonly kind: 'failed'; readonly why: 'connect' | 'timeout' }

const MOST_BYTES = 16 * 1024 * 1024

export class HttpExchanges {
  readonly #open = new Set<ClientRequest>()
  readonly #reach: (origin: string) => string

  /** @param reach where an origin is found in truth */
  constructor(reach: (origin: string) => string) {
    this.#reach = reach
  }

  send(exchange: Exchange): Promise<ExchangeResult> {
    const given = new URL(exchange.url)
    const url = new URL(given.pathname + given.search, this.#reach(given.origin))
    const isTls = url.protocol === 'https:'
    return new Promise((resolve) => {
      const failed = (why: 'connect' | 'timeout'): void => resolve({ kind: 'failed', why })
      const options = {
        method: exchange.method,
        headers: {
          ...exchange.headers,
          host: given.host,
          ...(exchange.method === 'POST'
            ? { 'content-length': String(Buffer.byteLength(exchange.body)) }
            : {}),
        },
        agent: false,
        signal: AbortSignal.timeout(exchange.timeoutMs),
      }
      const request = (isTls ? httpsRequest : httpRequest)(url, options, (response) => {
        const pieces: Buffer[] = []
        let bytes = 0
        response.on('data', (piece: Buffer) => {
          bytes += piece.length
          if (bytes > MOST_BYTES) response.destroy(new Error('the answer is too large'))
          else pieces.push(piece)
        })
        response.on('error', () => failed('timeout'))
        response.on('end', () => {
          const { statusCode: status = 0, headers } = response
          resolve({ kind: 'answered', status, headers, body: Buffer.concat(pieces) })
        })
      })
      this.#open.add(request)
      request.once('close', () => this.#open.delete(request))
      request.on('error', (error) => failed(isOfConnecting(error) ? 'connect' : 'timeout'))
      request.end(exchange.body)
    })
  }

  close(): void {
    for (const request of this.#open) request.destroy()
  }
}

const isOfConnecting = (error: NodeJS.ErrnoException): boolean =>
  error.syscall === 'connect' || error.syscall === 'getaddrinfo'
