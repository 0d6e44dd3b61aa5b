// Keeps the caller's audio continuous for the agent, which hears time only in samples: lost packets and pauses of the
// sender become silence, and when nothing arrives at all silence is made in real time.
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

export class CallerTimeline {
  readonly #deliver: (audio: Uint8Array) => void
  /** Wall time up to which the agent has been given audio. */
  #fedUntilMs: number
  #silentFromMs: number
  /** Silence made since the last packet: part of the hole its timestamp will show. */
  #madeSamples = 0
  #filledSamples = 0

  constructor(nowMs: number, deliver: (audio: Uint8Array) => void) {
    this.#deliver = deliver
    this.#fedUntilMs = nowMs
    this.#silentFromMs = nowMs + FRAME_MS + SILENCE_AFTER_MS
  }

  /** Samples of silence put in, for whatever reason. */
  get filledSamples(): number {
    return this.#filledSamples
  }

  /** Audio in order; `holeSamples` is what is missing before it by its timestamp (0 when unknown). */
  write(audio: Uint8Array, holeSamples: number, nowMs: number): void {
    const missing = Math.min(Math.max(0, holeSamples - this.#madeSamples), MAX_FILL_SAMPLES)
    this.#madeSamples = 0
    if (missing > 0) this.#fill(missing)
    this.#deliver(audio)
    const lengthMs = audio.length / SAMPLES_PER_MS
    this.#advance(lengthMs, nowMs)
    this.#silentFromMs = nowMs + lengthMs + SILENCE_AFTER_MS
  }

  /** Called each frame. */
  tick(nowMs: number): void {
    if (nowMs < this.#silentFromMs) return
    while (this.#fedUntilMs <= nowMs - FRAME_MS) {
      this.#madeSamples += SILENT_FRAME.length
      this.#fill(SILENT_FRAME.length)
    }
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
