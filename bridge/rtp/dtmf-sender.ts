// Keys pressed towards the caller: telephone events (RFC 4733 §2.5.1), one packet each 20 ms in the place of audio.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |     event     |E|R| volume    |          duration             |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { decodeDtmfDigit, DTMF_DIGITS, FRAME_MS, TELEPHONE_RATE } from '#core/contracts'
import type { Packetizer } from './packetizer.ts'
import { RTP_HEADER_BYTES } from './rtp-packet.ts'

const SAMPLES_PER_MS = TELEPHONE_RATE / 1000
/** What exchanges take for certain (ITU-T Q.24 asks for 40 ms), and people find short. */
const TONE_MS = 120
const GAP_MS = 80
/** §2.5.1.4: the end is told three times, at the interval of the updates, in case a packet is lost. */
const END_PACKETS = 3
const END_BIT = 0x80
/** −10 dBm0, in the middle of what §2.3.3 allows. */
const VOLUME = 10
/** A card number and its date; more is a fault. */
const MAX_DIGITS = 64

interface Tone {
  readonly event: number
  readonly startedAtMs: number
  endsSent: number
}

export class DtmfSender {
  readonly #packetizer: Packetizer
  #events: number[] = []
  #tone: Tone | null = null

  constructor(packetizer: Packetizer) {
    this.#packetizer = packetizer
  }

  /** A key is being pressed, or the pause after it runs, or another one waits. */
  get isBusy(): boolean {
    return this.#tone !== null || this.#events.length > 0
  }

  /** Queues keys; what is none is passed over. False when there is no key in it, or too many wait. */
  press(digits: string): boolean {
    const keys = Array.from(digits).flatMap((letter) => decodeDtmfDigit(letter) ?? [])
    if (keys.length === 0 || this.#events.length + keys.length > MAX_DIGITS) return false
    this.#events.push(...keys.map((key) => DTMF_DIGITS.indexOf(key)))
    return true
  }

  /** Nobody listens any more. */
  forget(): void {
    this.#events = []
    this.#tone = null
  }

  /** Whether the frame of this tick is taken from the audio. */
  takesFrame(tickMs: number): boolean {
    const tone = this.#tone
    if (
      tone !== null &&
      tickMs - tone.startedAtMs >= TONE_MS + GAP_MS &&
      tone.endsSent >= END_PACKETS
    )
      this.#tone = null
    return this.isBusy
  }

  /** The packet of a frame it takes; null in the pause between two keys, where nothing is sent. */
  next(tickMs: number, payloadType: number): Uint8Array | null {
    const begins = this.#tone === null
    const tone = this.#tone ?? this.#begin(tickMs)
    if (tone === null || tone.endsSent >= END_PACKETS) return null
    const lastedMs = Math.min(TONE_MS, tickMs - tone.startedAtMs + FRAME_MS)
    const durationSamples = lastedMs * SAMPLES_PER_MS
    const isOver = lastedMs === TONE_MS
    if (isOver) tone.endsSent += 1
    const packet = this.#packetizer.nextEvent(tickMs, payloadType, begins, durationSamples)
    packet[RTP_HEADER_BYTES] = tone.event
    packet[RTP_HEADER_BYTES + 1] = (isOver ? END_BIT : 0) | VOLUME
    packet.writeUInt16BE(durationSamples, RTP_HEADER_BYTES + 2)
    return packet
  }

  #begin(tickMs: number): Tone | null {
    const event = this.#events.shift()
    if (event === undefined) return null
    this.#tone = { event, startedAtMs: tickMs, endsSent: 0 }
    return this.#tone
  }
}
