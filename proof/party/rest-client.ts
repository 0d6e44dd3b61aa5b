// The API's user: a few connections that are kept, and closed when somebody counts descriptors.
import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import type { IncomingMessage } from 'node:http'

export interface RestAnswer {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly contentType: string
  readonly body: Readonly<Record<string, unknown>>
}

const CONNECTIONS = 32
const TIMEOUT_MS = 20_000

export class RestClient {
  readonly #address: { readonly host: string; readonly port: number }
  #agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })

  constructor(address: { readonly host: string; readonly port: number }) {
    this.#address = address
  }

  /** POST with JSON, or with nothing. */
  async post(path: string, body?: unknown): Promise<RestAnswer> {
    const answer = Promise.withResolvers<IncomingMessage>()
    const headers = body === undefined ? {} : { 'content-type': 'application/json' }
    const sent = request(
      {
        ...{ ...this.#address, path, method: 'POST', agent: this.#agent, headers },
        timeout: TIMEOUT_MS,
      },
      (response) => answer.resolve(response),
    )
    sent.on('error', answer.reject)
    sent.on('timeout', () => sent.destroy(new Error(`POST ${path} had no answer`)))
    sent.end(body === undefined ? undefined : JSON.stringify(body))
    const response = await answer.promise
    const words = await text(response)
    return {
      status: response.statusCode ?? 0,
      retryAfter: response.headers['retry-after'],
      contentType: response.headers['content-type'] ?? '',
      body: words === '' ? {} : (JSON.parse(words) as Record<string, unknown>),
    }
  }

  /** Closes the kept connections; the next request opens others. */
  disconnect(): void {
    this.#agent.destroy()
    this.#agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS })
  }
}
