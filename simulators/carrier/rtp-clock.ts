// One monotonic clock for all phones of a carrier. It looks four times in 20 ms, and phones that join one after another
// are due at different looks, so that hundreds of them do not send as one.
import { FRAME_MS } from '#core/contracts'
import { monotonicMs } from '#core/time'

const PHASES = 4
const LOOK_MS = FRAME_MS / PHASES
/** Behind by more than this the clock skips: a phone does not send the past in a burst. */
const MAX_CATCH_UP_MS = 3 * FRAME_MS

export interface RtpClock {
  /** Calls `tick` every `periodMs` (20), which need not be whole, until the returned function is called. */
  join(tick: () => void, periodMs?: number): () => void
  close(): void
}

interface Member {
  readonly tick: () => void
  readonly periodMs: number
  dueMs: number
}

export function createRtpClock(): RtpClock {
  const members = new Set<Member>()
  let timer: NodeJS.Timeout | undefined
  let lookMs = 0
  let joined = 0

  const run = (): void => {
    timer = undefined
    const nowMs = monotonicMs()
    lookMs += LOOK_MS * (1 + Math.floor((nowMs - lookMs) / LOOK_MS))
    for (const member of members) serve(member, nowMs)
    arm()
  }
  const arm = (): void => {
    if (members.size === 0 || timer) return
    timer = setTimeout(run, Math.max(0, lookMs - monotonicMs()))
  }
  const join = (tick: () => void, periodMs: number = FRAME_MS): (() => void) => {
    if (members.size === 0) lookMs = monotonicMs()
    const member = { tick, periodMs, dueMs: lookMs + (joined % PHASES) * LOOK_MS }
    joined += 1
    members.add(member)
    arm()
    return () => void members.delete(member)
  }
  const close = (): void => {
    members.clear()
    clearTimeout(timer)
  }
  return { join, close }
}

function serve(member: Member, nowMs: number): void {
  const behind = nowMs - member.dueMs
  if (behind > MAX_CATCH_UP_MS) {
    member.dueMs += (Math.floor(behind / member.periodMs) - 1) * member.periodMs
  }
  for (; member.dueMs <= nowMs; member.dueMs += member.periodMs) member.tick()
}
