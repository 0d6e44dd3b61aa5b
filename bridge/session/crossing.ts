// Two callers joined: each one's uplink leads into the other's downlink, beside the queue of prompts. What both hear is
// live, so nothing of one direction is kept for the other. Either end of it, or the end of either session, ends both ways.
import type { DtmfDigit } from '#core/contracts'
import type { Logger } from '#core/telemetry'
import { LiveLine } from '../audio/live-line.ts'
import type { Downlink } from './downlink.ts'
import type { Uplink } from './uplink.ts'

/** One of the two; a pipeline is. */
export interface CrossingEnd {
  readonly uplink: Uplink
  readonly downlink: Downlink
  /** Whom it is joined with, while it is. */
  crossing: Crossing | null
}

/** Idempotent; whoever either was joined with before is left. Both have been answered. */
export function cross(one: CrossingEnd, other: CrossingEnd, logger: Logger): void {
  if (one.crossing !== null && one.crossing === other.crossing) return
  one.crossing?.end()
  other.crossing?.end()
  const crossing = new Crossing(one, other, logger)
  one.crossing = crossing
  other.crossing = crossing
}

export class Crossing {
  readonly #ends: readonly [CrossingEnd, CrossingEnd]
  readonly #lines: readonly [LiveLine, LiveLine]
  readonly #logger: Logger

  constructor(one: CrossingEnd, other: CrossingEnd, logger: Logger) {
    this.#ends = [one, other]
    this.#lines = [lead(one.uplink, other.downlink), lead(other.uplink, one.downlink)]
    this.#logger = logger
  }

  /** A key of one is pressed on the other's line; where keys were not agreed on it is lost, like any sound nobody sends. */
  pressed(by: CrossingEnd, digit: DtmfDigit): void {
    const [one, other] = this.#ends
    const heardBy = by === one ? other : one
    heardBy.downlink.sendDigits(digit)
  }

  /** Nobody speaks into it any more; what is on its way is heard. */
  end(): void {
    for (const end of this.#ends) {
      end.uplink.crossTo(null)
      end.crossing = null
    }
    for (const line of this.#lines) line.end()
    const total = (of: (line: LiveLine) => number): number =>
      Math.round(this.#lines.reduce((sum, line) => sum + of(line), 0))
    const figures = {
      droppedMs: total((line) => line.droppedMs),
      trimmedMs: total((line) => line.pace.trimmedMs),
      stretchedMs: total((line) => line.pace.stretchedMs),
    }
    this.#logger.info(figures, 'two callers are no longer joined')
  }
}

function lead(speaker: Uplink, listener: Downlink): LiveLine {
  const line = new LiveLine(speaker, listener.queue.codec)
  listener.hear(line)
  speaker.crossTo(line)
  return line
}
