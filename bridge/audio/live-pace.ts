// How long live audio waits between its arrival and the frame it leaves in, watched and kept: what is spoken a little
// faster or slower for a while is not heard. Two clocks that nobody can set drive the two ends.
import { FRAME_BYTES, FRAME_MS, SAMPLES_PER_MS } from '#core/contracts'

/**
 * The least wait of the last second or two may lie between these. Below the first a frame may come due before its audio is
 * there (20 ms, when both fall together); above the second it is only late.
 */
const LEAST_WAIT_MS = 22
const MOST_WAIT_MS = 34
/** Frames a look at the least wait goes over; two of them are remembered. */
const WINDOW_FRAMES = 50
/** Samples a frame is longer than it should be, by how far that is: 0.6 to 5 % of speed. */
const FASTER = [
  { fromMs: 60, samples: 8 },
  { fromMs: 20, samples: 4 },
  { fromMs: 4, samples: 2 },
  { fromMs: 0, samples: 1 },
] as const
const MOST_FASTER = 8
/** And shorter: 1.2 %. */
const SLOWER = -2

export const LONGEST_FRAME = FRAME_BYTES + MOST_FASTER
export const SHORTEST_FRAME = FRAME_BYTES + SLOWER

export class LivePace {
  /** The least wait of this window and of the one before; infinite where nothing arrived. */
  #leastMs = Number.POSITIVE_INFINITY
  #formerLeastMs = Number.POSITIVE_INFINITY
  #frames = 0
  #trimmedSamples = 0
  #stretchedSamples = 0

  /** Taken out, and put in, a few samples at a time. */
  get trimmedMs(): number {
    return this.#trimmedSamples / SAMPLES_PER_MS
  }

  get stretchedMs(): number {
    return this.#stretchedSamples / SAMPLES_PER_MS
  }

  /** So long will wait what arrives now. */
  arrived(waitMs: number): void {
    this.#leastMs = Math.min(this.#leastMs, waitMs)
  }

  /** What was seen says nothing of what comes. */
  forget(): void {
    this.#leastMs = Number.POSITIVE_INFINITY
    this.#formerLeastMs = Number.POSITIVE_INFINITY
  }

  /** How many samples the next frame is made of. `dropQuietFrame`: a whole one is taken out, if nobody speaks in it. */
  next(dropQuietFrame: () => boolean): number {
    this.#lookBack()
    const waitMs = Math.min(this.#leastMs, this.#formerLeastMs)
    if (!Number.isFinite(waitMs)) return FRAME_BYTES
    if (waitMs < LEAST_WAIT_MS) return FRAME_BYTES + this.#adjust(SLOWER)
    const excessMs = waitMs - MOST_WAIT_MS
    if (excessMs >= FRAME_MS && dropQuietFrame()) {
      this.#adjust(FRAME_BYTES)
      return FRAME_BYTES
    }
    const faster = FASTER.find(({ fromMs }) => excessMs > fromMs)
    return FRAME_BYTES + this.#adjust(faster?.samples ?? 0)
  }

  /** What was seen to arrive would have waited shorter by this. */
  #adjust(samples: number): number {
    if (samples > 0) this.#trimmedSamples += samples
    else this.#stretchedSamples -= samples
    this.#leastMs -= samples / SAMPLES_PER_MS
    this.#formerLeastMs -= samples / SAMPLES_PER_MS
    return samples
  }

  #lookBack(): void {
    this.#frames += 1
    if (this.#frames % WINDOW_FRAMES !== 0) return
    this.#formerLeastMs = this.#leastMs
    this.#leastMs = Number.POSITIVE_INFINITY
  }
}
