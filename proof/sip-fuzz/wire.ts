// The way to the server: datagrams, or a stream that is cut anywhere.
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Random } from '../seeded-random.ts'

export interface Address {
  readonly host: string
  readonly port: number
}

export interface Wire {
  readonly transport: 'UDP' | 'TCP'
  /** `host:port` for Via and Contact. */
  readonly local: string
  send(bytes: Buffer): void
  /** What came before must not spoil what follows: a stream that lost its framing is given up. */
  refresh(): Promise<void>
  close(): Promise<void>
}

const HOST = '127.0.0.1'
/** Answers come by the thousand. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024

/** The address is asked for at each message: who is called must be there before the caller is. */
export async function openUdpWire(
  to: () => Address,
  onMessage: (bytes: Buffer) => void,
): Promise<Wire> {
  const socket = createSocket('udp4')
  socket.bind(0, HOST)
  await once(socket, 'listening')
  socket.setRecvBufferSize(RECEIVE_BUFFER_BYTES)
  socket.on('message', onMessage)
  return {
    transport: 'UDP',
    local: `${HOST}:${socket.address().port}`,
    send: (bytes) => {
      const { host, port } = to()
      socket.send(bytes, port, host)
    },
    refresh: () => Promise.resolve(),
    close: async () => {
      socket.close()
      await once(socket, 'close')
    },
  }
}

/** A stream ends at the first message that cannot be framed: few share one. */
const CONNECTIONS = 6
/** Answers to what was sent last are still to come. */
const RETIRED_MS = 150

/** Writes are cut by chance, and each piece leaves by itself. */
export async function openTcpWire(
  to: () => Address,
  random: Random,
  onMessage: (bytes: Buffer) => void,
): Promise<Wire> {
  let current: readonly Socket[] = []
  const all = new Set<Socket>()
  const open = async (): Promise<Socket> => {
    const socket = connect({ ...to(), noDelay: true })
    const reader = new StreamReader(onMessage)
    socket.on('data', (chunk) => reader.push(chunk))
    // The server may hang up on what it cannot frame.
    socket.on('error', () => socket.destroy())
    socket.on('close', () => all.delete(socket))
    all.add(socket)
    await once(socket, 'connect')
    return socket
  }
  const refresh = async (): Promise<void> => {
    const retired = current
    setTimeout(() => retired.forEach((socket) => socket.destroy()), RETIRED_MS)
    current = await Promise.all(Array.from({ length: CONNECTIONS }, open))
  }
  await refresh()
  return {
    transport: 'TCP',
    local: `${HOST}:${current[0]?.localPort ?? 9}`,
    send: (bytes) => {
      const socket = random.pick([current[0], ...current])
      const at = random.below(bytes.length + 1)
      for (const piece of [bytes.subarray(0, at), bytes.subarray(at)])
        if (piece.length > 0 && socket?.writable === true) socket.write(piece)
    },
    refresh,
    close: async () => {
      const closed = [...all].map((socket) => once(socket, 'close'))
      for (const socket of all) socket.destroy()
      await Promise.all(closed)
    },
  }
}

/** Cuts a stream into messages by Content-Length (RFC 3261 §18.3). */
class StreamReader {
  readonly #onMessage: (bytes: Buffer) => void
  #rest = Buffer.alloc(0)

  constructor(onMessage: (bytes: Buffer) => void) {
    this.#onMessage = onMessage
  }

  push(chunk: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, chunk])
    for (;;) {
      const start = this.#rest.findIndex((byte) => byte !== 13 && byte !== 10)
      const end = this.#rest.indexOf('\r\n\r\n', Math.max(start, 0))
      if (start < 0 || end < 0) return
      const head = this.#rest.toString('latin1', start, end)
      const length = Number(/^content-length:\s*(\d+)/im.exec(head)?.[1] ?? 0)
      if (this.#rest.length < end + 4 + length) return
      this.#onMessage(this.#rest.subarray(start, end + 4 + length))
      this.#rest = this.#rest.subarray(end + 4 + length)
    }
  }
}
