// The vendor's signed URLs, some time late: calls ring for that long before they are answered.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

export interface SlowSignedUrls {
  readonly restUrl: string
  /** Where the conversations really are. */
  lead(wsUrl: string): void
}

export async function startSlowSignedUrls(t: Test, delayMs: number): Promise<SlowSignedUrls> {
  let wsUrl = ''
  const server = createServer((request, response) => {
    const { search } = new URL(request.url ?? '', 'http://vendor')
    const signed_url = `${wsUrl}/v1/convai/conversation${search}`
    setTimeout(() => response.end(JSON.stringify({ signed_url })), delayMs)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { restUrl: `http://127.0.0.1:${port}`, lead: (url) => (wsUrl = url) }
}
