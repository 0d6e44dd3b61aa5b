// Keeps what we send to drachtio-server within what it can take: it reads into a ring of 12,228 bytes for each
// application and checks nothing (client.cpp). A larger frame would never be answered, and frames sent one behind the
// other that overflow the ring break the connection, and with it every call.
import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import type { WireProtocol } from './drachtio-types.ts'

/** The ring, less the length prefix and some distance. */
export const LARGEST_FRAME_BYTES = 12_000

/** So much may be under way unanswered: however slowly it is read, it fits the ring. */
const WINDOW_BYTES = 12_000

/** Each frame is answered at once. One that never is must not hold up the others for long. */
const PATIENCE_MS = 1000

/** A server that reads nothing more is not worth more than this. */
const WAITING_BYTES = 4_000_000

/** Told in the words of drachtio's protocol: they are then treated as any refusal of the server. */
const TOO_LARGE = 'message too large for the SIP server'
const TOO_MANY = 'too many messages wait for the SIP server'

interface Frame {
  readonly id: string
  readonly bytes: Buffer
}

/** Replaces how drachtio-srf writes its frames. Called before anything is written. */
export function guardFrames(wire: WireProtocol): void {
  const lines = new Map<Socket, FrameLine>()
  wire.send = (socket, text) => {
    const id = randomUUID()
    const payload = `${id}|${text}`
    const size = Buffer.byteLength(payload)
    // Later: whoever sends registers for the answer to this id first.
    const refuse = (why: string): void =>
      void setImmediate(() => wire.emit('msg', socket, `${randomUUID()}|response|${id}|NOK|${why}`))
    if (size > LARGEST_FRAME_BYTES) {
      refuse(TOO_LARGE)
      return id
    }
    let line = lines.get(socket)
    if (line === undefined) {
      line = new FrameLine(socket)
      lines.set(socket, line)
      // drachtio-srf does so for its first connection only; else a frame waits for the ACK of the one before.
      socket.setNoDelay(true)
    }
    if (line.isFull) refuse(TOO_MANY)
    else line.push({ id, bytes: Buffer.from(`${size}#${payload}`) })
    return id
  }
  wire.on('msg', (socket, text) => {
    const [, kind, id] = text.slice(0, text.search(/\r|$/)).split('|', 3)
    if (kind === 'response' && id !== undefined) lines.get(socket)?.answered(id)
  })
  wire.on('close', (socket) => {
    lines.get(socket)?.close()
    lines.delete(socket)
  })
}

/** The frames of one connection: under way, and waiting until there is room. */
class FrameLine {
  readonly #socket: Socket
  readonly #underWay = new Map<string, { readonly size: number; readonly timer: NodeJS.Timeout }>()
  #waiting: Frame[] = []
  #waitingBytes = 0
  #bytes = 0

  constructor(socket: Socket) {
    this.#socket = socket
  }

  get isFull(): boolean {
    return this.#waitingBytes > WAITING_BYTES
  }

  push(frame: Frame): void {
    this.#waiting.push(frame)
    this.#waitingBytes += frame.bytes.length
    this.#write()
  }

  answered(id: string): void {
    const sent = this.#underWay.get(id)
    if (sent === undefined) return
    clearTimeout(sent.timer)
    this.#underWay.delete(id)
    this.#bytes -= sent.size
    this.#write()
  }

  close(): void {
    for (const { timer } of this.#underWay.values()) clearTimeout(timer)
    this.#underWay.clear()
    this.#waiting = []
    this.#waitingBytes = 0
    this.#bytes = 0
  }

  #write(): void {
    const room = (): boolean => {
      const [next] = this.#waiting
      if (next === undefined) return false
      return this.#bytes === 0 || this.#bytes + next.bytes.length <= WINDOW_BYTES
    }
    while (room()) {
      const frame = this.#waiting.shift()
      if (frame === undefined) return
      const { id, bytes } = frame
      this.#waitingBytes -= bytes.length
      const timer = setTimeout(() => this.answered(id), PATIENCE_MS)
      timer.unref()
      this.#underWay.set(id, { size: bytes.length, timer })
      this.#bytes += bytes.length
      this.#socket.write(bytes)
    }
  }
}
