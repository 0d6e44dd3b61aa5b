// Time of a session: timers that end with it, and how long something lasted for those inside.

export interface Pacer {
  after(delayMs: number, act: () => void): void
  clear(): void
  /** Whole seconds of the session's own time, begun ones counted, as the platform bills them. */
  secondsSince(at: number): number
}

export function createPacer(pace: number): Pacer {
  const running = new Set<NodeJS.Timeout>()
  return {
    after(delayMs, act) {
      const timer = setTimeout(() => {
        running.delete(timer)
        act()
      }, delayMs * pace)
      running.add(timer)
    },
    clear() {
      for (const timer of running) clearTimeout(timer)
      running.clear()
    },
    secondsSince: (at) => Math.ceil((Date.now() - at) / pace / 1000),
  }
}
