// The telephones of all calls on one RTP socket: what comes back is told apart by the port it comes from.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { FRAME_BYTES, FRAME_MS } from '../../core/contracts/index.ts'
import { RTP_HEADER_BYTES, writeRtpHeader } from '../../bridge/rtp/rtp-packet.ts'

interface Phone {
  readonly port: number
  readonly ssrc: number
  sent: number
  heard: number
  readonly onHeard: () => void
}

const HOST = '127.0.0.1'
/** µ-law. Before the agent speaks, silence may come, to open a way through a NAT. */
const SILENCE = 0xff
const IN_THE_MIDDLE = RTP_HEADER_BYTES + FRAME_BYTES / 2
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024

export class SharedLine {
  readonly #socket: Socket
  readonly #phones = new Map<number, Phone>()
  readonly #ticker: NodeJS.Timeout
  #opened = 0
  #dueAtMs = performance.now()
  packetsSent = 0
  packetsHeard = 0

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('message', (datagram, { port }) => {
      const phone = this.#phones.get(port)
      this.packetsHeard += 1
      if (phone === undefined || (datagram[IN_THE_MIDDLE] ?? SILENCE) === SILENCE) return
      phone.heard += 1
      if (phone.heard === 1) phone.onHeard()
    })
    // A call that has just ended leaves a closed port, which answers by an error.
    socket.on('error', () => undefined)
    this.#ticker = setInterval(() => this.#tick(), FRAME_MS / 2)
  }

  static async open(): Promise<SharedLine> {
    const socket = createSocket({
      type: 'udp4',
      recvBufferSize: RECEIVE_BUFFER_BYTES,
      // Addresses only: nothing is to be looked up.
      lookup: (host, _options, done) => done(null, host, 4),
    })
    const listening = once(socket, 'listening')
    socket.bind(0, HOST)
    await listening
    return new SharedLine(socket)
  }

  get port(): number {
    return this.#socket.address().port
  }

  /** Talks to this port from now on; `onHeard`: somebody speaks. */
  lift(port: number, onHeard: () => void): void {
    this.#opened += 1
    this.#phones.set(port, { port, ssrc: this.#opened, sent: 0, heard: 0, onHeard })
  }

  /** Packets heard on that call. */
  hangUp(port: number): number {
    const heard = this.#phones.get(port)?.heard ?? 0
    this.#phones.delete(port)
    return heard
  }

  async close(): Promise<void> {
    clearInterval(this.#ticker)
    this.#socket.close()
    await once(this.#socket, 'close')
  }

  /** What is late is left out: a line is no place to catch up. */
  #tick(): void {
    const nowMs = performance.now()
    if (nowMs < this.#dueAtMs) return
    this.#dueAtMs = Math.max(this.#dueAtMs + FRAME_MS, nowMs - FRAME_MS)
    for (const phone of this.#phones.values()) this.#speak(phone)
  }

  #speak(phone: Phone): void {
    const packet = Buffer.alloc(RTP_HEADER_BYTES + FRAME_BYTES, 0xb0)
    writeRtpHeader(packet, {
      marker: phone.sent === 0,
      payloadType: 0,
      sequence: phone.sent & 0xffff,
      timestamp: (phone.sent * FRAME_BYTES) >>> 0,
      ssrc: phone.ssrc,
    })
    phone.sent += 1
    this.packetsSent += 1
    this.#socket.send(packet, phone.port, HOST)
  }
}
