// A real RTP endpoint for tests: sends PCMU in real time and keeps what it receives. Knows nothing of our RTP code
// but the packet format.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { RTP_HEADER_BYTES, writeRtpHeader } from '../../bridge/rtp/rtp-packet.ts'
import { decodeRtp } from './decode-rtp.ts'

export interface ReceivedRtp {
  /** performance.now() at arrival. */
  readonly atMs: number
  readonly sequence: number
  readonly timestamp: number
  readonly marker: boolean
  readonly payloadType: number
  readonly payload: Uint8Array
}

export interface RtpPeer {
  readonly address: string
  readonly port: number
  readonly received: readonly ReceivedRtp[]
  /** All payloads received, one after the other. */
  audio(): Uint8Array
  /** Sends audio in real time to a port of this host, in packets of `packetMs`. */
  speak(port: number, audio: Uint8Array, options?: SpeakOptions): Promise<void>
  /** One packet, right now. */
  sendPacket(port: number, packet: PacketToSend): void
  send(port: number, datagram: Uint8Array): void
}

export interface PacketToSend {
  readonly sequence: number
  readonly timestamp: number
  readonly payload: Uint8Array
  readonly ssrc?: number
  readonly payloadType?: number
}

export interface SpeakOptions {
  readonly packetMs?: number
  /** Default 0, PCMU. */
  readonly payloadType?: number
  /** True for packets, counted from 0, that get lost on the way. */
  readonly loses?: (index: number) => boolean
}

export async function openRtpPeer(t: Test): Promise<RtpPeer> {
  const socket = createSocket('udp4')
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  t.teardown(() => socket.close())
  return new UdpPeer(socket)
}

class UdpPeer implements RtpPeer {
  readonly address = '127.0.0.1'
  readonly port: number
  readonly received: ReceivedRtp[] = []
  readonly #socket: Socket
  #sequence = 65_500
  #timestamp = 4_294_960_000

  constructor(socket: Socket) {
    this.#socket = socket
    this.port = socket.address().port
    socket.on('message', (datagram) => {
      const packet = decodeRtp(datagram)
      if (packet.kind === 'invalid') throw new Error(`not RTP: ${packet.fault}`)
      this.received.push({ ...packet, atMs: performance.now() })
    })
  }

  audio(): Uint8Array {
    return Buffer.concat(this.received.map((packet) => packet.payload))
  }

  async speak(port: number, audio: Uint8Array, options: SpeakOptions = {}): Promise<void> {
    const { packetMs = 20, loses = () => false, payloadType = 0 } = options
    const packetBytes = packetMs * 8
    const startedAt = performance.now()
    for (let at = 0, index = 0; at < audio.length; at += packetBytes, index += 1) {
      const payload = audio.subarray(at, at + packetBytes)
      const packet = {
        sequence: this.#sequence,
        timestamp: this.#timestamp,
        payload,
        payloadType,
      }
      if (!loses(index)) this.sendPacket(port, packet)
      this.#sequence = (this.#sequence + 1) & 0xffff
      this.#timestamp = (this.#timestamp + payload.length) >>> 0
      await sleep(Math.max(0, startedAt + (index + 1) * packetMs - performance.now()))
    }
  }

  sendPacket(port: number, packet: PacketToSend): void {
    const datagram = Buffer.alloc(RTP_HEADER_BYTES + packet.payload.length)
    const { sequence, timestamp, ssrc = 0x1234_5678, payloadType = 0 } = packet
    writeRtpHeader(datagram, { marker: false, payloadType, sequence, timestamp, ssrc })
    datagram.set(packet.payload, RTP_HEADER_BYTES)
    this.send(port, datagram)
  }

  send(port: number, datagram: Uint8Array): void {
    this.#socket.send(datagram, port, this.address)
  }
}
