// A wire to PostgreSQL that breaks in the midst of a commit, or goes silent.
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

/** `before`: the server never hears of it. `after`: it commits, and its answer is lost. */
export type Break = 'before' | 'after'

export class PostgresRelay {
  readonly port: number
  readonly #sockets: Set<Socket>
  readonly #state: { next: Break | undefined; silent: boolean }

  constructor(
    port: number,
    sockets: Set<Socket>,
    state: { next: Break | undefined; silent: boolean },
  ) {
    this.port = port
    this.#sockets = sockets
    this.#state = state
  }

  /** The next COMMIT breaks the wire. */
  breakNextCommit(how: Break): void {
    this.#state.next = how
  }

  /** Nothing comes through any more, and nobody is told. */
  goSilent(silent: boolean): void {
    this.#state.silent = silent
  }

  cutAll(): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}

export async function openPostgresRelay(t: Test, serverPort: number): Promise<PostgresRelay> {
  const sockets = new Set<Socket>()
  const state: { next: Break | undefined; silent: boolean } = { next: undefined, silent: false }
  const server = createServer((client) => {
    const upstream = connect(serverPort, '127.0.0.1')
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => undefined) // Broken on purpose.
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        // What was sent still arrives.
        upstream.end()
      })
    }
    let broken = false
    client.on('data', (chunk) => {
      if (state.silent) return
      const how = chunk.includes('COMMIT\0') ? state.next : undefined
      if (how !== undefined) {
        state.next = undefined
        broken = true
        if (how === 'before') {
          client.destroy()
          return
        }
      }
      upstream.write(chunk)
    })
    upstream.on('data', (chunk) => {
      if (broken) client.destroy()
      else if (!state.silent) client.write(chunk)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  return new PostgresRelay(typeof address === 'object' ? (address?.port ?? 0) : 0, sockets, state)
}
