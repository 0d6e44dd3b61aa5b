// The load's clock: every line has one of 20 slots of 1 ms. Ticks are counted on the monotonic clock and none is left
// out, so a load that stalls sends late (and is seen to), but never less.
import { FRAME_MS } from '../../core/contracts/index.ts'

export interface Wheel {
  /** How long what is read now may have waited for this thread: since it was last known to be idle. */
  readDelayMs(nowMs: number): number
}

/** `serve` gets the slot and when, by performance.now(), it was due. */
export function startWheel(serve: (slot: number, dueMs: number) => void): Wheel {
  const startedAt = performance.now()
  let next = 0
  /** When the last run should have come: until then the thread answered. */
  let awakeUntil = startedAt
  const run = (): void => {
    awakeUntil = startedAt + next
    const last = Math.floor(performance.now() - startedAt)
    for (; next <= last; next += 1) serve(next % FRAME_MS, startedAt + next)
    setTimeout(run, Math.max(0, next - (performance.now() - startedAt)))
  }
  setTimeout(run, 1)
  return { readDelayMs: (nowMs) => nowMs - awakeUntil }
}
