// A wire between a browser and a node that can be cut: what a browser meets when the server is away.
import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import type { Scope } from './scope.ts'

export interface Wire {
  readonly url: string
  /** Nobody is there any more: what is open ends, what comes is refused. */
  cut(): Promise<void>
  /** On the same port. */
  mend(): Promise<void>
}

/** @param to URL of the node */
export async function openWire(t: Scope, to: string): Promise<Wire> {
  const { hostname, port } = new URL(to)
  const open = new Set<Socket>()
  const server: Server = createServer((near) => {
    const far = connect(Number(port), hostname)
    for (const socket of [near, far]) {
      open.add(socket)
      socket.once('close', () => {
        open.delete(socket)
        near.destroy()
        far.destroy()
      })
      // Cut wires are what it is for.
      socket.on('error', () => undefined)
    }
    near.pipe(far).pipe(near)
  })
  const listen = async (at: number): Promise<number> => {
    server.listen(at, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    return typeof address === 'object' ? (address?.port ?? 0) : 0
  }
  const cut = async (): Promise<void> => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    for (const socket of open) socket.destroy()
    await closed
  }
  const own = await listen(0)
  t.teardown(cut)
  return {
    url: `http://127.0.0.1:${own}`,
    cut,
    async mend() {
      await listen(own)
    },
  }
}
