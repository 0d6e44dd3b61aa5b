// Somebody whom webhooks are sent to: keeps what came, answers as the test says.
import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { Test } from 'tap'
import { eventually } from './process.ts'

export interface Received {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly body: ReceivedBody
  readonly at: number
}

export interface ReceivedBody {
  readonly id: string
  readonly type: string
  readonly at: string
  readonly call_id: string | null
  readonly data: Readonly<Record<string, unknown>> & { readonly call?: Record<string, unknown> }
}

/** A status, or headers with it; `silent`: no answer at all. */
export type Answer =
  | number
  | 'silent'
  | { readonly status: number; readonly headers: Record<string, string> }

export class WebhookReceiver {
  readonly received: Received[] = []
  /** Asked for each request; told how many came before it. */
  answer: (request: Received, before: number) => Answer | Promise<Answer> = () => 200
  /** Requests answered by nobody yet. */
  open = 0
  readonly #server: Server

  private constructor(server: Server) {
    this.#server = server
  }

  static async listen(
    t: Pick<Test, 'teardown'>,
    tls?: { readonly cert: string; readonly key: string },
  ): Promise<WebhookReceiver> {
    const late: { receiver?: WebhookReceiver } = {}
    const listener: RequestListener = (request, reply) =>
      void late.receiver?.take(request).then((answer) => {
        if (answer === 'silent') return
        const { status, headers } =
          typeof answer === 'number' ? { status: answer, headers: {} } : answer
        reply.writeHead(status, headers).end()
      })
    const server = tls ? createTlsServer(tls, listener) : createServer(listener)
    const receiver = (late.receiver = new WebhookReceiver(server))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.teardown(() => {
      server.closeAllConnections()
      server.close()
    })
    return receiver
  }

  get port(): number {
    const address = this.#server.address()
    return typeof address === 'object' ? (address?.port ?? 0) : 0
  }

  url(path = '/hook'): string {
    return `http://127.0.0.1:${this.port}${path}`
  }

  types(): readonly string[] {
    return this.received.map(({ body }) => body.type)
  }

  ids(): readonly string[] {
    return this.received.map(({ body }) => body.id)
  }

  async until(count: number): Promise<readonly Received[]> {
    const what = `${count} webhooks; ${this.received.length} came`
    await eventually(what, 10_000, () => this.received.length >= count)
    return this.received
  }

  private async take(request: IncomingMessage): Promise<Answer> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString('utf8')
    const received: Received = {
      path: request.url ?? '',
      headers: request.headers as Record<string, string>,
      text,
      body: JSON.parse(text) as ReceivedBody,
      at: Date.now(),
    }
    this.received.push(received)
    this.open += 1
    const answer = await this.answer(received, this.received.length - 1)
    if (answer !== 'silent') this.open -= 1
    return answer
  }
}
