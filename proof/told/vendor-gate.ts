// Stands between the product and the vendor's REST address, and tells of each request before and after its answer.
import {
  createServer,
  request as ask,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Deed } from './moments.ts'

export class VendorGate {
  readonly url: string
  readonly #server: Server
  readonly #counts = new Map<string, number>()

  private constructor(server: Server) {
    this.#server = server
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  }

  static async open(restUrl: string, onDeed: (deed: Deed) => void): Promise<VendorGate> {
    const late: { gate?: VendorGate } = {}
    const server = createServer((request, response) => {
      const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
      const nth = late.gate?.count(path) ?? 1
      onDeed({ kind: 'vendor', path, nth, side: 'before' })
      const told = (): void => onDeed({ kind: 'vendor', path, nth, side: 'after' })
      forward(restUrl, request, response, told)
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    late.gate = new VendorGate(server)
    return late.gate
  }

  count(path: string): number {
    const nth = (this.#counts.get(path) ?? 0) + 1
    this.#counts.set(path, nth)
    return nth
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}

function forward(
  restUrl: string,
  request: IncomingMessage,
  response: ServerResponse,
  told: () => void,
): void {
  const { host } = new URL(restUrl)
  const onward = ask(restUrl + (request.url ?? '/'), {
    method: request.method,
    headers: { ...request.headers, host },
  })
  onward.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
    response.on('finish', told)
  })
  // The product is gone, or the vendor is: either way nobody waits for this answer.
  onward.on('error', () => response.destroy())
  response.on('error', () => onward.destroy())
  request.pipe(onward)
}
