// A TCP proxy that keeps what the client said: the requests of a program, as they were on the wire.
import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { Test } from 'tap'

export interface RecordingProxy {
  readonly port: number
  /** Request lines and headers; what else was sent (bodies, frames) is left out. */
  heads(): readonly string[]
}

const HEAD = /(?:GET|POST|PUT|PATCH|DELETE|HEAD) \S+ HTTP\/1\.1\r\n[^]*?\r\n\r\n/g

export async function openRecordingProxy(t: Test, targetPort: number): Promise<RecordingProxy> {
  const said: Buffer[][] = []
  const sockets = new Set<Socket>()
  const server = createServer((client) => {
    const chunks: Buffer[] = []
    said.push(chunks)
    const target = connect(targetPort, '127.0.0.1')
    for (const socket of [client, target]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      // One end went away: so does the other.
      socket.on('error', () => undefined)
    }
    client.on('data', (chunk) => chunks.push(chunk))
    client.on('close', () => target.destroy())
    target.on('close', () => client.destroy())
    client.pipe(target)
    target.pipe(client)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return {
    port: (server.address() as AddressInfo).port,
    heads: () =>
      said.flatMap((chunks) => Buffer.concat(chunks).toString('latin1').match(HEAD) ?? []),
  }
}
