// The phone's ear and mouth: one UDP port that sends PCMU every 20 ms and records what comes (RFC 3550, RFC 3551).
import { randomInt } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { FRAME_BYTES, ULAW_SILENCE } from '#core/contracts'
import type { Clock } from '#core/time'
import type { RtpClock } from './rtp-clock.ts'
import { RtpRecorder } from './rtp-recorder.ts'
import { PCMU_PAYLOAD_TYPE } from './sdp.ts'
import type { HostPort } from './sip-address.ts'

export interface RtpPhoneDeps {
  readonly clock: Clock
  readonly rtpClock: RtpClock
  /** True loses the packet. */
  readonly drop: (packet: { direction: 'sent' | 'received'; sequence: number }) => boolean
}
export interface RtpOutRecord {
  readonly packets: number
}

interface Playing {
  readonly bytes: Buffer
  readonly finished: () => void
  position: number
}

const HEADER_BYTES = 12

export class RtpPhone {
  readonly heard = new RtpRecorder()
  readonly sent = { packets: 0 }
  readonly #socket: Socket
  readonly #deps: RtpPhoneDeps
  readonly #ssrc = randomInt(1, 0xffffffff)
  #sequence = randomInt(0, 0x8000)
  #timestamp = randomInt(0, 0x7fffffff)
  #remote: HostPort | undefined
  #leaveClock: (() => void) | undefined
  #queue: Playing[] = []
  #closing: Promise<void> | undefined

  constructor(deps: RtpPhoneDeps) {
    const socket = createSocket('udp4')
    this.#socket = socket
    this.#deps = deps
    socket.on('message', (packet, source) => {
      const sequence = packet.length >= 4 ? packet.readUInt16BE(2) : 0
      if (deps.drop({ direction: 'received', sequence })) return
      this.heard.receive(packet, `${source.address}:${source.port}`, deps.clock.now())
    })
    // ICMP of a peer that closed its port first; the call's signalling says how it ended.
    socket.on('error', () => undefined)
  }

  /** Takes a free port of that host. */
  async open(host: string): Promise<void> {
    this.#socket.bind(0, host)
    await once(this.#socket, 'listening')
  }

  get address(): HostPort {
    const { address, port } = this.#socket.address()
    return { host: address, port }
  }

  /** Where to send; may change with a re-INVITE. */
  sendTo(remote: HostPort): void {
    this.#remote = remote
  }

  /** From now on a packet goes out every 20 ms: what is played, else silence. */
  startSending(): void {
    this.#leaveClock ??= this.#closing ? undefined : this.#deps.rtpClock.join(() => this.#tick())
  }

  stopSending(): void {
    this.#leaveClock?.()
    this.#leaveClock = undefined
    for (const playing of this.#queue.splice(0)) playing.finished()
  }

  /** Resolves when the last byte has gone out, or the phone stopped. Sounds queue up. */
  play(bytes: Buffer): Promise<void> {
    if (!this.#leaveClock || bytes.length === 0) return Promise.resolve()
    return new Promise((finished) => this.#queue.push({ bytes, finished, position: 0 }))
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.stopSending()
    const closed = once(this.#socket, 'close')
    this.#socket.close()
    await closed
  }

  #tick(): void {
    const sequence = this.#sequence
    const packet = Buffer.alloc(HEADER_BYTES + FRAME_BYTES, ULAW_SILENCE)
    packet.writeUInt8(0x80, 0)
    packet.writeUInt8(PCMU_PAYLOAD_TYPE | (this.sent.packets === 0 ? 0x80 : 0), 1)
    packet.writeUInt16BE(sequence, 2)
    packet.writeUInt32BE(this.#timestamp, 4)
    packet.writeUInt32BE(this.#ssrc, 8)
    this.#fill(packet)
    this.#sequence = (sequence + 1) & 0xffff
    this.#timestamp = (this.#timestamp + FRAME_BYTES) >>> 0
    if (!this.#remote) return
    this.sent.packets += 1
    if (this.#deps.drop({ direction: 'sent', sequence })) return
    this.#socket.send(packet, this.#remote.port, this.#remote.host)
  }

  /** One frame of what is played; a sound that ends inside a frame is followed by silence. */
  #fill(packet: Buffer): void {
    const playing = this.#queue[0]
    if (!playing) return
    playing.bytes.copy(packet, HEADER_BYTES, playing.position, playing.position + FRAME_BYTES)
    playing.position += FRAME_BYTES
    if (playing.position < playing.bytes.length) return
    this.#queue.shift()
    playing.finished()
  }
}
