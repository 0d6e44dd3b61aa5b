// A customer's webhook receiver: keeps what it is told, and tells of each delivery before and after it answers.
import { createServer, type Server } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import type { Deed } from './moments.ts'

export interface Told {
  readonly id: string
  readonly type: string
  readonly callId: string | null
  /** How often it came. */
  times: number
}

export class Receiver {
  readonly url: string
  readonly #server: Server
  readonly #told = new Map<string, Told>()

  private constructor(server: Server) {
    this.#server = server
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  }

  static async open(onDeed: (deed: Deed) => void): Promise<Receiver> {
    const late: { receiver?: Receiver } = {}
    const server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const type = late.receiver?.keep(Buffer.concat(chunks).toString()) ?? 'unreadable'
        onDeed({ kind: 'delivery', type, side: 'before' })
        response.writeHead(204).end(() => onDeed({ kind: 'delivery', type, side: 'after' }))
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    late.receiver = new Receiver(server)
    return late.receiver
  }

  /** What it was told of a call, each event once. */
  of(callId: string): readonly Told[] {
    return [...this.#told.values()].filter((one) => one.callId === callId)
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }

  keep(body: string): string {
    const { id, type, call_id: callId } = JSON.parse(body) as Record<string, string | null>
    const known = this.#told.get(String(id))
    if (known) known.times += 1
    else
      this.#told.set(String(id), {
        id: String(id),
        type: String(type),
        callId: callId ?? null,
        times: 1,
      })
    return String(type)
  }
}
