// Can this address be had? Bound for a moment and let go; nothing is read from it.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { systemCodeOf } from '#core/errors'

/** Undefined, or the system's code: EADDRINUSE, EACCES, EADDRNOTAVAIL. */
export async function listenOnce(
  transport: 'udp' | 'tcp',
  host: string,
  port: number,
): Promise<string | undefined> {
  try {
    await (transport === 'udp' ? bindUdp(host, port) : listenTcp(host, port))
    return undefined
  } catch (error) {
    return systemCodeOf(error) ?? 'no reason given'
  }
}

async function bindUdp(address: string, port: number): Promise<void> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  try {
    socket.bind({ address, port, exclusive: true })
    await once(socket, 'listening')
  } finally {
    socket.close()
  }
}

async function listenTcp(host: string, port: number): Promise<void> {
  const server = createServer().listen({ host, port, exclusive: true })
  await once(server, 'listening')
  server.close()
  await once(server, 'close')
}
