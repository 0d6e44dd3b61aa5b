// The caller's end of one line: sends marked RTP by its own clock, and judges what comes back by the clock it carries.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { FRAME_BYTES } from '../../core/contracts/index.ts'
import { RTP_HEADER_BYTES, writeRtpHeader } from '../../bridge/rtp/rtp-packet.ts'
import { GapCounter } from './gap-counter.ts'
import type { ProbeClock } from './probe-clock.ts'
import { readMark, writeMark } from './probe-mark.ts'
import { SPEECH } from './speech.ts'

const HOST = '127.0.0.1'
/** A datagram the kernel could not take at once is still being read. */
const BUFFERS = 4
const SAMPLES_PER_MS = 8
/** The load's own wheel turns each millisecond; when it stood still for longer, an arrival is that uncertain. */
const CERTAIN_WITHIN_MS = 3
/** The goal's own words: a packet more than 5 ms after its own clock. */
export const LATE_AFTER_MS = 5
const SEQUENCE_OFFSET = 2
const TIMESTAMP_OFFSET = 4

export interface CallerSideOptions {
  readonly probes: ProbeClock
  /** How long a datagram read now may have waited for the load itself. */
  readonly readDelayMs: (nowMs: number) => number
  /** A marked frame of the agent was heard. */
  readonly onHeard: (mark: number, atMs: number) => void
}

/** What one line received in a window. */
export interface CallerCounts {
  readonly received: number
  readonly lost: number
  readonly late: number
  /** Late or not: the load itself stood still. */
  readonly unsure: number
  /** Milliseconds behind the best packet's transit, each packet. */
  readonly behindMs: readonly number[]
  readonly sent: number
  readonly sentLate: number
}

export class CallerSide {
  readonly port: number
  readonly #socket: Socket
  readonly #options: CallerSideOptions
  readonly #packets = Array.from({ length: BUFFERS }, () =>
    Buffer.alloc(RTP_HEADER_BYTES + FRAME_BYTES),
  )
  readonly #ssrc: number
  #connected = false
  #count = 0
  #sent = 0
  #sentLate = 0
  #gaps = new GapCounter(16)
  #firstTimestamp = -1
  #transits: number[] = []
  /** Of each transit, how much of it may be the load's own. */
  #delays: number[] = []

  constructor(socket: Socket, index: number, options: CallerSideOptions) {
    this.#socket = socket
    this.port = socket.address().port
    this.#ssrc = 0x5000_0000 + index
    this.#options = options
    for (const packet of this.#packets) packet.set(SPEECH, RTP_HEADER_BYTES)
    socket.on('message', (datagram) => this.#receive(datagram))
    // A measured process that ends closes its ports; the next send then fails here, which is nobody's loss.
    socket.on('error', () => undefined)
  }

  /** Connected sockets are the cheapest to send on, and hear nobody else. */
  async connect(port: number): Promise<void> {
    this.#socket.connect(port, HOST)
    await once(this.#socket, 'connect')
    this.#connected = true
  }

  disconnect(): void {
    if (this.#connected) this.#socket.disconnect()
    this.#connected = false
  }

  get isConnected(): boolean {
    return this.#connected
  }

  /** One packet, due then. */
  speak(dueMs: number): void {
    if (!this.#connected) return
    const count = (this.#count = (this.#count + 1) & 0xffffff)
    const packet = this.#packets[count % BUFFERS] ?? Buffer.alloc(0)
    writeRtpHeader(packet, {
      marker: false,
      payloadType: 0,
      sequence: count & 0xffff,
      timestamp: (count * FRAME_BYTES) >>> 0,
      ssrc: this.#ssrc,
    })
    writeMark(packet, RTP_HEADER_BYTES, count)
    const nowMs = performance.now()
    this.#sent += 1
    if (nowMs - dueMs > LATE_AFTER_MS) this.#sentLate += 1
    this.#options.probes.sent(count, nowMs)
    this.#socket.send(packet)
  }

  begin(): void {
    this.#sent = 0
    this.#sentLate = 0
    this.#gaps = new GapCounter(16)
    this.#firstTimestamp = -1
    this.#transits = []
    this.#delays = []
  }

  end(): CallerCounts {
    // The best transit of the window is on time; a stream that only ever got later would show as drift.
    const best = this.#transits.reduce((least, each) => Math.min(least, each), Infinity)
    const behindMs = this.#transits.map((transit) => transit - best)
    const delayOf = (index: number): number => this.#delays[index] ?? 0
    const isLate = (behind: number, index: number): boolean =>
      behind - delayOf(index) > LATE_AFTER_MS
    const behind = behindMs.filter((each) => each > LATE_AFTER_MS).length
    const late = behindMs.filter(isLate).length
    return {
      received: this.#gaps.received,
      lost: this.#gaps.lost,
      late,
      unsure: behind - late,
      behindMs,
      sent: this.#sent,
      sentLate: this.#sentLate,
    }
  }

  close(): void {
    this.#socket.close()
  }

  #receive(datagram: Buffer): void {
    const nowMs = performance.now()
    if (datagram.length < RTP_HEADER_BYTES + FRAME_BYTES) return
    this.#gaps.see(datagram.readUInt16BE(SEQUENCE_OFFSET))
    const timestamp = datagram.readUInt32BE(TIMESTAMP_OFFSET)
    if (this.#firstTimestamp < 0) this.#firstTimestamp = timestamp
    const delay = this.#options.readDelayMs(nowMs)
    this.#delays.push(delay > CERTAIN_WITHIN_MS ? delay : 0)
    this.#transits.push(nowMs - ((timestamp - this.#firstTimestamp) | 0) / SAMPLES_PER_MS)
    const mark = readMark(datagram, RTP_HEADER_BYTES)
    if (mark >= 0) this.#options.onHeard(mark, nowMs)
  }
}

export async function openCallerSide(
  index: number,
  options: CallerSideOptions,
): Promise<CallerSide> {
  // Linux takes a port it chose itself away at a disconnect, and a line is connected more than once: so it is asked for.
  const chosen = await bound(0)
  const { port } = chosen.address()
  chosen.close()
  return new CallerSide(await bound(port), index, options)
}

async function bound(port: number): Promise<Socket> {
  const socket = createSocket('udp4')
  socket.bind(port, HOST)
  await once(socket, 'listening')
  return socket
}
