// The scenario's timers: at most so many, at the session's pace.

/** At the vendor. */
const MOST_TIMERS = 100

export interface TimerBook {
  /** @throws Error when there are too many, as the scenario is told. */
  set(id: number, delayMs: number): void
  clear(id: number): void
  /** None fires any more, and none is set. */
  close(): void
}

export function createTimerBook(pace: number, fire: (id: number) => void): TimerBook {
  const running = new Map<number, NodeJS.Timeout>()
  let isClosed = false
  return {
    set(id, delayMs) {
      if (isClosed) return
      if (running.size >= MOST_TIMERS) throw new Error('Too many timers')
      const timer = setTimeout(() => {
        running.delete(id)
        fire(id)
      }, delayMs * pace)
      running.set(id, timer)
    },
    clear(id) {
      clearTimeout(running.get(id))
      running.delete(id)
    },
    close() {
      isClosed = true
      for (const timer of running.values()) clearTimeout(timer)
      running.clear()
    },
  }
}
