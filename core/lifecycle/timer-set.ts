// The timers of one thing that ends: none outlives it.
import type { Milliseconds } from '../contracts/index.ts'

export class TimerSet {
  readonly #timers = new Set<NodeJS.Timeout>()

  after(delay: Milliseconds, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      act()
    }, delay)
    this.#timers.add(timer)
  }

  clear(): void {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#timers.clear()
  }
}
