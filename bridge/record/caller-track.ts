// Where in the recording the caller's audio belongs. Its pieces follow on from each other: jitter must not tear holes
// into speech. How late they come on the average against the clock is corrected a sample at a time, which keeps up with
// skewed clocks and is not heard; a real hole becomes silence, and silence makes room for what comes in a burst.
import { TELEPHONE_RATE } from '#core/contracts'
import type { StereoWindow } from './stereo-window.ts'

const SAMPLES_PER_MS = TELEPHONE_RATE / 1000
/** Later than jitter makes a piece: nothing came for a while. */
const HOLE_SAMPLES = 300 * SAMPLES_PER_MS
/** For so long after a hole a burst may show that what follows it belongs further ahead. */
const UNSURE_SAMPLES = 400 * SAMPLES_PER_MS
const UNSURE_TOLERANCE_SAMPLES = 10 * SAMPLES_PER_MS
/** Earlier than jitter makes a piece: silence was made meanwhile for what was only late. */
const BURST_SAMPLES = 250 * SAMPLES_PER_MS
/** Silence shorter than this belongs to speech. */
const LEAST_SILENCE_SAMPLES = 20 * SAMPLES_PER_MS
/** More would leave the window. */
const MAX_AHEAD_SAMPLES = 440 * SAMPLES_PER_MS
/** The average lateness that is let be, and the one from which on correction hurries: 6 and 25 ms a second. */
const DRIFT_SAMPLES = 60 * SAMPLES_PER_MS
const FAR_SAMPLES = 100 * SAMPLES_PER_MS
const HURRY = 4
/** Pieces the average runs over, and those it needs to mean anything: 10 s and 1 s of 20 ms. */
const AVERAGED = 500
const MEANINGFUL = 50
/** When every piece of a second was later than FAR_SAMPLES, a hole was missed: no jitter is that constant. */
const WATCHED_SAMPLES = 1000 * SAMPLES_PER_MS

export class CallerTrack {
  readonly #window: StereoWindow
  #end = 0
  /** Where the audio after the last hole begins: before it there is silence to be given back. */
  #runAt = 0
  #holeAt = 0
  #unsureUntil = 0
  /** Average lateness of a piece, in samples; negative when early. */
  #lateness = 0
  #averaged = 0
  #leastLate = Number.POSITIVE_INFINITY
  #watchedUntil = 0

  constructor(window: StereoWindow) {
    this.#window = window
  }

  /** Just after the last sample that was heard. */
  get end(): number {
    return this.#end
  }

  /** `wall` is the position that is being said now: a piece has just ended then. Null decodes to silence. */
  write(line: Uint8Array, decode: Int16Array | null, wall: number): void {
    const late = this.#settle(line.length, wall)
    if (late < -MAX_AHEAD_SAMPLES) return
    if (decode !== null) this.#window.write('caller', this.#end, line, 0, decode)
    this.#end += line.length
    this.#averaged = Math.min(this.#averaged + 1, AVERAGED)
    this.#lateness += (late - this.#lateness) / this.#averaged
    if (this.#averaged >= MEANINGFUL) this.#correct(decode !== null)
  }

  /** Makes room for the next piece; returns how late it still is. */
  #settle(length: number, wall: number): number {
    const late = wall - this.#end - length
    const missed = this.#missedHole(late, wall)
    if (missed > 0 || late > HOLE_SAMPLES) {
      const hole = late > HOLE_SAMPLES ? late : missed
      this.#leaveHole(this.#end + hole, wall)
      return late - hole
    }
    const unsure = wall < this.#unsureUntil
    if (unsure && late < -UNSURE_TOLERANCE_SAMPLES) return late + this.#closeHole(-late)
    return late < -BURST_SAMPLES ? late + this.#closeSilence(-late) : late
  }

  #missedHole(late: number, wall: number): number {
    this.#leastLate = Math.min(this.#leastLate, late)
    if (wall < this.#watchedUntil) return 0
    const least = this.#leastLate
    this.#leastLate = late
    this.#watchedUntil = wall + WATCHED_SAMPLES
    return Number.isFinite(least) && least > FAR_SAMPLES ? least : 0
  }

  #leaveHole(at: number, wall: number): void {
    this.#holeAt = this.#end
    this.#runAt = at
    this.#end = at
    this.#unsureUntil = wall + UNSURE_SAMPLES
    this.#lateness = 0
    this.#averaged = 0
    this.#leastLate = Number.POSITIVE_INFINITY
    this.#watchedUntil = wall + WATCHED_SAMPLES
  }

  /** Gives back up to `wanted` samples of the last hole; returns how many. */
  #closeHole(wanted: number): number {
    const from = Math.max(this.#holeAt, this.#window.first)
    const count = Math.min(wanted, Math.max(0, this.#runAt - from))
    this.#cut(this.#runAt, count)
    this.#runAt -= count
    return count
  }

  #closeSilence(wanted: number): number {
    const silence = this.#window.silenceBefore('caller', this.#end, LEAST_SILENCE_SAMPLES)
    if (silence === null) return 0
    const count = Math.min(wanted, silence.to - silence.from)
    this.#cut(silence.to, count)
    return count
  }

  #cut(at: number, count: number): void {
    if (count === 0) return
    this.#window.cut('caller', at, this.#end, count)
    this.#end -= count
  }

  #correct(audible: boolean): void {
    const lateness = Math.abs(this.#lateness)
    if (lateness <= DRIFT_SAMPLES) return
    const count = lateness > FAR_SAMPLES ? HURRY : 1
    if (this.#lateness < 0) {
      // The next piece begins on the last samples of this one.
      this.#end -= count
      this.#lateness += count
      return
    }
    for (let added = 0; added < count; added += 1) {
      if (audible) this.#window.repeat('caller', this.#end)
      this.#end += 1
    }
    this.#lateness -= count
  }
}
