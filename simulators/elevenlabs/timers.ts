// Timers that end together with what they belong to.

export interface Timers {
  after(delayMs: number, run: () => void): void
  every(periodMs: number, run: () => void): void
  clear(): void
}

export function createTimers(): Timers {
  const running = new Set<NodeJS.Timeout>()
  return {
    after(delayMs, run) {
      const timer = setTimeout(() => {
        running.delete(timer)
        run()
      }, delayMs)
      running.add(timer)
    },
    every(periodMs, run) {
      running.add(setInterval(run, periodMs))
    },
    clear() {
      for (const timer of running) clearTimeout(timer)
      running.clear()
    },
  }
}
