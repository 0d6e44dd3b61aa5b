// The phone's ear and mouth: one UDP port that sends G.711 at its rhythm and records what comes (RFC 3550, RFC 3551).
import { randomInt } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { ULAW_SILENCE } from '#core/contracts'
import type { Clock } from '#core/time'
import { createNetworkPath, type NetworkPath } from './bad-network.ts'
import type { PhoneHabits } from './phone-script.ts'
import type { RtpClock } from './rtp-clock.ts'
import { RtcpPhone } from './rtcp-phone.ts'
import { RtpRecorder } from './rtp-recorder.ts'
import type { HostPort } from './sip-address.ts'
import {
  COMFORT_NOISE_PAYLOAD_TYPE,
  fromUlaw,
  payloadTypeOf,
  type PhoneCodec,
} from './telephone-codec.ts'
import { KeySender, type KeyTiming } from './telephone-event.ts'

export interface RtpPhoneDeps {
  readonly clock: Clock
  readonly rtpClock: RtpClock
  /** True loses the packet. */
  readonly drop: (packet: { direction: 'sent' | 'received'; sequence: number }) => boolean
}
export interface RtpOutRecord {
  readonly packets: number
}

export interface RtpTarget extends HostPort {
  readonly rtcpPort: number
  readonly codec: PhoneCodec
  readonly comfortNoise: boolean
  readonly telephoneEvent: number | undefined
}

interface Playing {
  readonly bytes: Buffer
  readonly finished: () => void
  position: number
}

interface Packet {
  readonly payloadType: number
  readonly marker: boolean
  readonly timestamp: number
  readonly payload: Buffer
}

const HEADER_BYTES = 12
const SAMPLES_PER_MS = 8
/** RTP takes an even port, RTCP the one above (RFC 3550 §11). */
const PORT_TRIES = 50
/** −70 dBov and nothing about its colour (RFC 3389 §3). */
const COMFORT_NOISE = Buffer.from([70])

export class RtpPhone {
  readonly heard = new RtpRecorder()
  readonly sent = { packets: 0 }
  readonly rtcp: RtcpPhone
  readonly #deps: RtpPhoneDeps
  readonly #habits: PhoneHabits
  readonly #samples: number
  readonly #keys = new KeySender()
  readonly #sending: NetworkPath
  readonly #receiving: NetworkPath
  readonly #ssrc = randomInt(1, 0xffffffff)
  #socket: Socket | undefined
  #sequence = randomInt(0, 0x8000)
  #timestamp = randomInt(0, 0x7fffffff)
  #octets = 0
  #remote: RtpTarget | undefined
  #leaveClock: (() => void) | undefined
  #queue: Playing[] = []
  #source = ''
  /** False while the call is held both ways. */
  sends = true
  /** Silence is not sent (DTX): the next sound begins a talk spurt. */
  #isQuiet = false
  #closing: Promise<void> | undefined

  constructor(deps: RtpPhoneDeps, habits: PhoneHabits) {
    this.#deps = deps
    this.#habits = habits
    this.#samples = habits.packetMs * SAMPLES_PER_MS
    const { seed = 1, sent, received } = habits.network
    this.#sending = createNetworkPath(sent, seed, (packet) => this.#send(packet))
    this.#receiving = createNetworkPath(received, seed + 1, (packet) => this.#hear(packet))
    this.rtcp = new RtcpPhone({
      clock: deps.clock,
      heard: this.heard,
      sentSoFar: () => ({
        ssrc: this.#ssrc,
        timestamp: this.#timestamp,
        packets: this.sent.packets,
        octets: this.#octets,
      }),
    })
  }

  /** Takes a free pair of ports of that host. */
  async open(host: string): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      const socket = createSocket('udp4')
      try {
        socket.bind(0, host)
        await once(socket, 'listening')
        const { port } = socket.address()
        if (port % 2 !== 0) throw new Error('the port is odd')
        if (this.#habits.rtcp) await this.rtcp.open({ host, port: port + 1 })
        this.#use(socket)
        return
      } catch (error) {
        socket.close()
        if (attempt === PORT_TRIES) throw error
      }
    }
  }

  #use(socket: Socket): void {
    this.#socket = socket
    socket.on('message', (packet, source) => {
      const sequence = packet.length >= 4 ? packet.readUInt16BE(2) : 0
      if (this.#deps.drop({ direction: 'received', sequence })) return
      this.#source = `${source.address}:${source.port}`
      this.#receiving.pass(packet)
    })
    // ICMP of a peer that closed its port first; the call's signalling says how it ended.
    socket.on('error', () => undefined)
  }

  #hear(packet: Buffer): void {
    this.heard.receive(packet, this.#source, this.#deps.clock.now())
  }

  get address(): HostPort {
    const { address = '', port = 0 } = this.#socket?.address() ?? {}
    return { host: address, port }
  }

  /** Where to send, and what; may change with a re-INVITE. */
  sendTo(remote: RtpTarget): void {
    this.#remote = remote
    this.rtcp.sendTo({ host: remote.host, port: remote.rtcpPort })
  }

  /** From now on packets go out at their rhythm: what is played, else silence. */
  startSending(): void {
    if (this.#leaveClock || this.#closing) return
    // A clock that is fast by a thousandth makes its 8000 samples in 999 ms.
    const periodMs = this.#habits.packetMs / (1 + this.#habits.clockSkewPpm / 1e6)
    this.#leaveClock = this.#deps.rtpClock.join(() => this.#tick(), periodMs)
    this.rtcp.start()
  }

  stopSending(): void {
    this.#leaveClock?.()
    this.#leaveClock = undefined
    this.rtcp.stop()
    this.#keys.stop()
    for (const playing of this.#queue.splice(0)) playing.finished()
  }

  /** Resolves when the last byte has gone out, or the phone stopped. Sounds queue up. */
  play(bytes: Buffer): Promise<void> {
    if (!this.#leaveClock || bytes.length === 0) return Promise.resolve()
    return new Promise((finished) => this.#queue.push({ bytes, finished, position: 0 }))
  }

  /** Resolves when the last key has been let go, or the phone stopped. @throws when keys were not agreed on */
  async press(keys: string, timing: KeyTiming): Promise<void> {
    if (!this.#leaveClock) return
    if (this.#remote?.telephoneEvent === undefined)
      throw new Error('the other side takes no telephone events')
    await this.#keys.press(keys, timing)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    this.stopSending()
    this.#sending.close()
    this.#receiving.close()
    await this.rtcp.close()
    const socket = this.#socket
    if (!socket) return
    const closed = once(socket, 'close')
    socket.close()
    await closed
  }

  #tick(): void {
    const timestamp = this.#timestamp
    this.#timestamp = (timestamp + this.#samples) >>> 0
    if (!this.sends) return
    const events = this.#keys.next(timestamp, this.#samples)
    const payloadType = this.#remote?.telephoneEvent
    if (events && payloadType !== undefined) {
      for (const event of events) this.#pass({ ...event, payloadType })
      return
    }
    if (this.#habits.dtx && this.#queue.length === 0) this.#keepQuiet(timestamp)
    else this.#speak(timestamp)
  }

  #speak(timestamp: number): void {
    const marker = this.sent.packets === 0 || this.#isQuiet
    this.#isQuiet = false
    const codec = this.#remote?.codec ?? 'PCMU'
    const payload = fromUlaw(codec, this.#nextSound())
    this.#pass({ payloadType: payloadTypeOf(codec), marker, timestamp, payload })
  }

  /** One packet says that there is silence, and then there is none. */
  #keepQuiet(timestamp: number): void {
    if (this.#isQuiet) return
    this.#isQuiet = true
    if (this.#remote?.comfortNoise !== true) return
    const payloadType = COMFORT_NOISE_PAYLOAD_TYPE
    this.#pass({ payloadType, marker: false, timestamp, payload: COMFORT_NOISE })
  }

  /** One packet's worth of what is played; a sound that ends inside a packet is followed by silence. */
  #nextSound(): Buffer {
    const sound = Buffer.alloc(this.#samples, ULAW_SILENCE)
    const playing = this.#queue[0]
    if (!playing) return sound
    playing.bytes.copy(sound, 0, playing.position, playing.position + this.#samples)
    playing.position += this.#samples
    if (playing.position < playing.bytes.length) return sound
    this.#queue.shift()
    playing.finished()
    return sound
  }

  #pass({ payloadType, marker, timestamp, payload }: Packet): void {
    const sequence = this.#sequence
    const packet = Buffer.alloc(HEADER_BYTES + payload.length)
    packet.writeUInt8(0x80, 0)
    packet.writeUInt8(payloadType | (marker ? 0x80 : 0), 1)
    packet.writeUInt16BE(sequence, 2)
    packet.writeUInt32BE(timestamp, 4)
    packet.writeUInt32BE(this.#ssrc, 8)
    payload.copy(packet, HEADER_BYTES)
    this.#sequence = (sequence + 1) & 0xffff
    if (!this.#remote) return
    this.sent.packets += 1
    this.#octets += payload.length
    if (this.#deps.drop({ direction: 'sent', sequence })) return
    this.#sending.pass(packet)
  }

  #send(packet: Buffer): void {
    if (this.#remote) this.#socket?.send(packet, this.#remote.port, this.#remote.host)
  }
}
