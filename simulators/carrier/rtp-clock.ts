// One monotonic 20 ms clock for all phones of a carrier, in four phases so that hundreds of them do not send as one.
import { FRAME_MS } from '#core/contracts'
import { monotonicMs } from '#core/time'

const PHASES = 4
const TICK_MS = FRAME_MS / PHASES
/** Behind by more than this the clock skips: a phone does not send the past in a burst. */
const MAX_CATCH_UP_TICKS = 3 * PHASES

export interface RtpClock {
  /** Calls `tick` every 20 ms until the returned function is called. */
  join(tick: () => void): () => void
  close(): void
}

export function createRtpClock(): RtpClock {
  const phases: Set<() => void>[] = Array.from({ length: PHASES }, () => new Set<() => void>())
  let timer: NodeJS.Timeout | undefined
  let dueMs = 0
  let index = 0
  let joined = 0

  const run = (): void => {
    timer = undefined
    const nowMs = monotonicMs()
    const behind = Math.floor((nowMs - dueMs) / TICK_MS)
    if (behind > MAX_CATCH_UP_TICKS) dueMs += (behind - PHASES) * TICK_MS
    for (; dueMs <= nowMs; dueMs += TICK_MS) {
      for (const tick of phases[index++ % PHASES] ?? []) tick()
    }
    arm()
  }
  const arm = (): void => {
    if (joined === 0 || timer) return
    timer = setTimeout(run, Math.max(0, dueMs - monotonicMs()))
  }
  const join = (tick: () => void): (() => void) => {
    const phase = phases[(index + joined) % PHASES]
    if (joined === 0) dueMs = monotonicMs()
    phase?.add(tick)
    joined += 1
    arm()
    return () => {
      if (phase?.delete(tick)) joined -= 1
    }
  }
  const close = (): void => {
    joined = 0
    for (const phase of phases) phase.clear()
    clearTimeout(timer)
  }
  return { join, close }
}
