// Keeps the caller's audio continuous for the agent, which hears time only in samples: lost packets and pauses of the
// sender become silence, and when nothing arrives at all silence is made in real time. More audio than time has passed
// for is not heard: nobody speaks faster than real time, so it was injected.
import { FRAME_MS, TELEPHONE_RATE } from '#core/contracts'
import { SILENT_FRAME } from './silence.ts'

const SAMPLES_PER_MS = TELEPHONE_RATE / 1000
/** How long after the last packet's own length nothing may come before silence is made: jitter of 40 ms and a tick. */
const SILENCE_AFTER_MS = 60
/** The longest hole filled at once; a longer one was filled in real time already, or its timestamps mean nothing. */
const MAX_FILL_SAMPLES = 1000 * SAMPLES_PER_MS
/** How far behind and ahead of the wall clock the agent's timeline may be thought to be: bounds clock skew. */
const MAX_BEHIND_MS = 60
const MAX_AHEAD_MS = 200
/** Audio that may come at once: what a network that stood still for a second lets go, and jitter. */
const MAX_BURST_MS = 1200
/** A sender's clock may run this much faster than ours. */
const MAX_CLOCK_RATIO = 1.01

export class CallerTimeline {
  readonly #deliver: (audio: Uint8Array) => void
  /** Wall time up to which the agent has been given audio. */
  #fedUntilMs: number
  #silentFromMs: number
  /** Silence made since the last packet: part of the hole its timestamp will show. */
  #madeSamples = 0
  #filledSamples = 0
  /** How much of the caller may be passed on now: it grows with time, and audio and filled holes use it up. */
  #roomMs = MAX_BURST_MS
  #roomAtMs: number
  #droppedMs = 0

  constructor(nowMs: number, deliver: (audio: Uint8Array) => void) {
    this.#deliver = deliver
    this.#fedUntilMs = nowMs
    this.#roomAtMs = nowMs
    this.#silentFromMs = nowMs + FRAME_MS + SILENCE_AFTER_MS
  }

  /** Samples of silence put in, for whatever reason. */
  get filledSamples(): number {
    return this.#filledSamples
  }

  /** Audio dropped because it came faster than time passes. */
  get droppedMs(): number {
    return this.#droppedMs
  }

  /**
   * Audio in order; `holeSamples` is what is missing before it by its timestamp (0 when unknown). False when it came
   * too fast, and was dropped.
   */
  write(audio: Uint8Array, holeSamples: number, nowMs: number): boolean {
    const lengthMs = audio.length / SAMPLES_PER_MS
    if (!this.#hasRoom(lengthMs, nowMs)) {
      this.#droppedMs += lengthMs
      return false
    }
    if (holeSamples > 0) this.#fillHole(holeSamples - this.#madeSamples)
    this.#madeSamples = 0
    this.#deliver(audio)
    this.#advance(lengthMs, nowMs)
    this.#silentFromMs = nowMs + lengthMs + SILENCE_AFTER_MS
    return true
  }

  /** Called each frame. */
  tick(nowMs: number): void {
    if (nowMs < this.#silentFromMs) return
    while (this.#fedUntilMs <= nowMs - FRAME_MS) {
      this.#madeSamples += SILENT_FRAME.length
      this.#fill(SILENT_FRAME.length)
    }
  }

  #hasRoom(lengthMs: number, nowMs: number): boolean {
    const grownMs = Math.max(0, nowMs - this.#roomAtMs) * MAX_CLOCK_RATIO
    this.#roomAtMs = Math.max(nowMs, this.#roomAtMs)
    this.#roomMs = Math.min(MAX_BURST_MS, this.#roomMs + grownMs)
    if (lengthMs > this.#roomMs) return false
    this.#roomMs -= lengthMs
    return true
  }

  /** Timestamps are the sender's word: they too make no more silence than there is room for. */
  #fillHole(missingSamples: number): void {
    const roomSamples = Math.floor(this.#roomMs * SAMPLES_PER_MS)
    const samples = Math.min(missingSamples, MAX_FILL_SAMPLES, roomSamples)
    if (samples <= 0) return
    this.#roomMs -= samples / SAMPLES_PER_MS
    this.#fill(samples)
  }

  #fill(samples: number): void {
    this.#filledSamples += samples
    for (let left = samples; left > 0; left -= SILENT_FRAME.length) {
      this.#deliver(left >= SILENT_FRAME.length ? SILENT_FRAME : SILENT_FRAME.subarray(0, left))
    }
    this.#fedUntilMs += samples / SAMPLES_PER_MS
  }

  #advance(lengthMs: number, nowMs: number): void {
    const fed = this.#fedUntilMs + lengthMs
    this.#fedUntilMs = Math.min(Math.max(fed, nowMs - MAX_BEHIND_MS), nowMs + MAX_AHEAD_MS)
  }
}
