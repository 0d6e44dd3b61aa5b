// Where in the recording the agent's frames belong: by the tick on which each left, so that skipped and unsent ones are
// silence. Two frames never overlap: like the packets, a frame that left before its turn follows on from the last.
import { FRAME_MS, TELEPHONE_RATE } from '#core/contracts'
import type { StereoWindow } from './stereo-window.ts'

const SAMPLES_PER_MS = TELEPHONE_RATE / 1000
/** Rounding of ticks to whole milliseconds must not tear a hole of a few samples into speech. */
const SAME_SAMPLES = SAMPLES_PER_MS
/** A spurt starts at most a frame before its turn, and gives the time back; more is a clock that went wrong. */
const MAX_AHEAD_SAMPLES = 100 * SAMPLES_PER_MS

export class AgentTrack {
  readonly #window: StereoWindow
  readonly #startedAtMs: number
  /** The clock's value at tick 0, as the first frame showed it. */
  #tickZeroMs = Number.POSITIVE_INFINITY
  #end = 0

  constructor(window: StereoWindow, startedAtMs: number) {
    this.#window = window
    this.#startedAtMs = startedAtMs
  }

  /** Just after the last sample that left. */
  get end(): number {
    return this.#end
  }

  /** Called each frame, also of one that went nowhere. */
  tick(tickMs: number, nowMs: number): void {
    const tickZeroMs = nowMs - tickMs
    // A frame ahead of its turn stands for a time to come; earlier than that none is, so the first was served late.
    if (tickZeroMs < this.#tickZeroMs - FRAME_MS) this.#tickZeroMs = tickZeroMs
  }

  write(line: Uint8Array, offset: number, decode: Int16Array | null, tickMs: number): void {
    const due = Math.round((tickMs + this.#tickZeroMs - this.#startedAtMs) * SAMPLES_PER_MS)
    const isNext = due - this.#end <= SAME_SAMPLES
    if (this.#end - due > MAX_AHEAD_SAMPLES) return
    const at = isNext ? this.#end : due
    if (decode !== null) this.#window.write('agent', at, line, offset, decode)
    this.#end = at + line.length - offset
  }
}
