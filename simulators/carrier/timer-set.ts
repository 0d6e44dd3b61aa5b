// Timers that die together, so that closing the carrier leaves no handle behind.

export class TimerSet {
  readonly #pending = new Set<NodeJS.Timeout>()
  #closed = false

  /** Runs `action` once; the returned function calls it off. */
  after(delayMs: number, action: () => void): () => void {
    if (this.#closed) return () => undefined
    const timer = setTimeout(() => {
      this.#pending.delete(timer)
      action()
    }, delayMs)
    this.#pending.add(timer)
    return () => {
      clearTimeout(timer)
      this.#pending.delete(timer)
    }
  }

  /** Calls all off and takes no more. */
  close(): void {
    this.#closed = true
    for (const timer of this.#pending) clearTimeout(timer)
    this.#pending.clear()
  }
}

/** Calls `action` after T1, 2·T1, 4·T1 … with T2 as the ceiling, until called off (RFC 3261 §17). */
export function repeatDoubling(
  timers: TimerSet,
  intervals: { readonly firstMs: number; readonly ceilingMs: number },
  action: () => void,
): () => void {
  let cancel: () => void
  const arm = (delayMs: number): void => {
    cancel = timers.after(delayMs, () => {
      arm(Math.min(delayMs * 2, intervals.ceilingMs))
      action()
    })
  }
  arm(intervals.firstMs)
  return () => cancel()
}
