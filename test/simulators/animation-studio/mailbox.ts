// Where webhooks arrive: keeps what came, and answers as told.
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

/** What is answered at /long. */
const LONG = 'x'.repeat(1_000_000)

export interface Letter {
  readonly method: string
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Mailbox {
  readonly url: string
  readonly letters: readonly Letter[]
  /** The next ones; then 200. */
  readonly answerWith: (...statuses: readonly number[]) => void
}

export async function openMailbox(t: Pick<Test, 'teardown'>): Promise<Mailbox> {
  const letters: Letter[] = []
  const statuses: number[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.on('end', () => {
      const { method = '', url = '', headers } = request
      letters.push({ method, path: url, headers, body })
      response.writeHead(statuses.shift() ?? 200).end(url === '/long' ? LONG : '')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    letters,
    answerWith: (...next) => void statuses.push(...next),
  }
}
