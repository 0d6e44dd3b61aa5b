// What a receiver knows of how a stream arrives: interarrival jitter (RFC 3550 appendix A.8) and the loss since the last
// report (A.3), for RTCP and for the record.
import { TELEPHONE_RATE } from '#core/contracts'
import type { SequenceTracker } from './sequence.ts'

const SAMPLES_PER_MS = TELEPHONE_RATE / 1000
/** Transit times that differ by more (10 s) are of different timestamp origins. */
const MAX_DIFFERENCE_SAMPLES = 80_000
const GAIN = 1 / 16

/** The caller's stream since the last report; what an RTCP report block says of it. */
export interface ReceptionReport {
  readonly ssrc: number
  /** Of 256. */
  readonly fractionLost: number
  readonly cumulativeLost: number
  readonly highestSequence: number
  /** In samples. */
  readonly jitter: number
}

export class Reception {
  #ssrc = -1
  #transit = Number.NaN
  #jitter = 0
  #worstJitter = 0
  #measured = false
  #expectedBefore = 0
  #receivedBefore = 0

  /** The stream that is heard; -1 before the first packet. */
  get ssrc(): number {
    return this.#ssrc
  }

  /** At its worst report; null when there was none. */
  get worstJitterMs(): number | null {
    return this.#measured ? this.#worstJitter / SAMPLES_PER_MS : null
  }

  get jitterMs(): number {
    return this.#jitter / SAMPLES_PER_MS
  }

  /** A stream begins: its sequence numbers and timestamps are its own. */
  start(ssrc: number): void {
    this.#ssrc = ssrc
    this.#transit = Number.NaN
    this.#expectedBefore = 0
    this.#receivedBefore = 0
  }

  /** A packet of audio. Telephone events are not asked: they repeat their timestamp. */
  arrived(timestamp: number, nowMs: number): void {
    // Only differences matter, and they are taken modulo 2³² as timestamps wrap.
    const transit = (Math.round(nowMs * SAMPLES_PER_MS) - timestamp) >>> 0
    const difference = Math.abs((transit - this.#transit) | 0)
    const isFirst = Number.isNaN(this.#transit)
    this.#transit = transit
    if (isFirst || difference > MAX_DIFFERENCE_SAMPLES) return
    this.#jitter += (difference - this.#jitter) * GAIN
  }

  /** The worst is kept of what reports would say. */
  sample(): void {
    if (Number.isNaN(this.#transit)) return
    this.#measured = true
    this.#worstJitter = Math.max(this.#worstJitter, this.#jitter)
  }

  /** What is to be reported, and the next report counts from here; null when nothing is heard. */
  report(sequence: SequenceTracker): ReceptionReport | null {
    if (this.#ssrc < 0 || sequence.expected === 0) return null
    const expected = sequence.expected - this.#expectedBefore
    const lost = expected - (sequence.received - this.#receivedBefore)
    this.#expectedBefore = sequence.expected
    this.#receivedBefore = sequence.received
    return {
      ssrc: this.#ssrc,
      fractionLost: expected <= 0 || lost <= 0 ? 0 : Math.floor((lost * 256) / expected),
      cumulativeLost: sequence.lostNow,
      highestSequence: sequence.highest >>> 0,
      jitter: Math.round(this.#jitter),
    }
  }
}
