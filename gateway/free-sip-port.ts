// A port number that is free for UDP and for TCP alike, so that both transports of a server can share it.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'

const ATTEMPTS = 20

/** Found, not kept: another program may take it in between, as anybody may any port. @throws when there is none. */
export async function freeSipPort(host: string): Promise<number> {
  for (let attempt = 1; ; attempt += 1) {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
    try {
      socket.bind(0, host)
      await once(socket, 'listening')
      const { port } = socket.address()
      await listenOnce(host, port)
      return port
    } catch (error) {
      if (attempt === ATTEMPTS) throw error
    } finally {
      socket.close()
    }
  }
}

async function listenOnce(host: string, port: number): Promise<void> {
  const server = createServer().listen(port, host)
  await once(server, 'listening')
  server.close()
  await once(server, 'close')
}
