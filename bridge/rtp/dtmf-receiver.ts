// Keys in RTP: telephone events of RFC 4733 §2.3, one report a key press. An event is told by several packets with one
// timestamp, the end by three; any of them may be lost.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |     event     |E|R| volume    |          duration             |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
import { DTMF_DIGITS, decodeDtmfDigit, TELEPHONE_RATE, type DtmfDigit } from '#core/contracts'

const EVENT_BYTES = 4
const END_BIT = 0x80
const VOLUME_BITS = 0x3f
/** §2.5.2.1 after Q.24: a tone below −55 dBm0 is none. */
const MAX_MINUS_DBM0 = 55
const SAMPLES_PER_MS = TELEPHONE_RATE / 1000
/** Updates come each 20 to 50 ms: after so long the end was lost, with all its repetitions. */
const END_LOST_AFTER_MS = 400
/** §2.5.1.3: an event longer than 0xffff samples goes on in a new segment, that long after the last. */
const SEGMENT_SAMPLES = 0xffff
/** Senders cut a little before it, at a whole packet. */
const SEGMENT_SLACK = 2000
/** Some gateways count the timestamp on in each packet of an event, and in each repetition of its end. */
const REPEATED_SAMPLES = 60 * SAMPLES_PER_MS
/** A timestamp further off than this (10 s of samples) is of a new origin, not older. */
const MAX_AGE_SAMPLES = 80_000
/** Autodialling reaches 12 keys a second, and a network that stood still lets a few seconds of them go at once. */
const MAX_KEYS_AT_ONCE = 32
const MAX_KEYS_A_SECOND = 16

export type OnDigit = (digit: DtmfDigit, durationMs: number) => void

interface ActiveEvent {
  event: number
  /** Of its current segment. */
  timestamp: number
  /** Of the segments before. */
  formerSamples: number
  samples: number
  heardAtMs: number
}

export class DtmfReceiver {
  readonly #onDigit: OnDigit
  #active: ActiveEvent | null = null
  #lastEvent = -1
  #lastTimestamp = 0
  #lastSamples = 0
  #keys = MAX_KEYS_AT_ONCE
  #keysAtMs = Number.NaN

  constructor(onDigit: OnDigit) {
    this.#onDigit = onDigit
  }

  /** A key is down. */
  get isPressed(): boolean {
    return this.#active !== null
  }

  /** False when the packet is no key press, or one too many. */
  receive(payload: Uint8Array, timestamp: number, nowMs: number): boolean {
    if (payload.length < EVENT_BYTES) return false
    const [event = 0, flags = 0, high = 0, low = 0] = payload
    if (event >= DTMF_DIGITS.length || (flags & VOLUME_BITS) > MAX_MINUS_DBM0) return false
    const isEnd = (flags & END_BIT) !== 0
    const samples = (high << 8) | low
    if (!this.#update(event, timestamp, samples)) {
      if (this.#isOld(event, timestamp)) return true
      if (isEnd && this.#isLastEndAgain(event, timestamp, samples)) return true
      this.#finish()
      if (!this.#mayPress(nowMs)) return false
      this.#active = { event, timestamp, formerSamples: 0, samples, heardAtMs: nowMs }
    }
    if (this.#active !== null) this.#active.heardAtMs = nowMs
    if (isEnd) this.#finish()
    return true
  }

  /** Called each frame: an event of which nothing is heard any more has ended. */
  tick(nowMs: number): void {
    if (this.#active !== null && nowMs - this.#active.heardAtMs >= END_LOST_AFTER_MS) this.#finish()
  }

  /** Another stream: its timestamps are its own. */
  restart(): void {
    this.#finish()
    this.#lastEvent = -1
  }

  /** True when the packet belongs to the key that is down. */
  #update(event: number, timestamp: number, samples: number): boolean {
    const active = this.#active
    if (active?.event !== event) return false
    const step = (timestamp - active.timestamp) | 0
    // A press of its own would be a short one again.
    const countsOn = step > 0 && step <= samples && samples > active.samples
    if (step !== 0 && !countsOn) {
      const isNextSegment =
        step >= SEGMENT_SAMPLES - SEGMENT_SLACK &&
        step <= SEGMENT_SAMPLES + SEGMENT_SLACK &&
        active.samples >= SEGMENT_SAMPLES - 2 * SEGMENT_SLACK
      if (!isNextSegment) return false
      active.formerSamples += step
      active.timestamp = timestamp
      active.samples = 0
    }
    active.samples = Math.max(active.samples, samples)
    return true
  }

  /** A repeated end, or one that was overtaken. */
  #isOld(event: number, timestamp: number): boolean {
    const former = this.#active
    if (former !== null) {
      const step = (timestamp - former.timestamp) | 0
      if (step < 0 && step > -MAX_AGE_SAMPLES) return true
    }
    if (this.#lastEvent < 0) return false
    const step = (timestamp - this.#lastTimestamp) | 0
    return step === 0 ? event === this.#lastEvent : step < 0 && step > -MAX_AGE_SAMPLES
  }

  #isLastEndAgain(event: number, timestamp: number, samples: number): boolean {
    const step = (timestamp - this.#lastTimestamp) | 0
    const isBehindIt = step > 0 && step <= this.#lastSamples + REPEATED_SAMPLES
    return (
      this.#active === null &&
      event === this.#lastEvent &&
      isBehindIt &&
      samples === this.#lastSamples
    )
  }

  #finish(): void {
    const active = this.#active
    if (active === null) return
    this.#active = null
    this.#lastEvent = active.event
    this.#lastTimestamp = active.timestamp
    this.#lastSamples = active.samples
    const digit = decodeDtmfDigit(DTMF_DIGITS.charAt(active.event))
    if (digit === undefined) return
    this.#onDigit(digit, Math.round((active.formerSamples + active.samples) / SAMPLES_PER_MS))
  }

  /** A bucket of keys that fills with time: a flood of events must not become a flood of reports. */
  #mayPress(nowMs: number): boolean {
    if (!Number.isNaN(this.#keysAtMs)) {
      const grown = (Math.max(0, nowMs - this.#keysAtMs) * MAX_KEYS_A_SECOND) / 1000
      this.#keys = Math.min(MAX_KEYS_AT_ONCE, this.#keys + grown)
    }
    this.#keysAtMs = nowMs
    if (this.#keys < 1) return false
    this.#keys -= 1
    return true
  }
}
