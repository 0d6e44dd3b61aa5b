// So many requests a second; whoever comes too early waits, but not for long. What is urgent waits for its like alone, so
// that no number of others can keep a call from being placed.

export interface PaceOptions {
  readonly perSecond: number
  /** Longer is not waited: then it is refused at once. */
  readonly maxWaitMs: number
}

interface Waiter {
  readonly start: () => void
}

export class RequestPace {
  readonly #options: PaceOptions
  readonly #urgent: Waiter[] = []
  readonly #others: Waiter[] = []
  /** Requests that may be sent at once: a second's worth at the most. */
  #credit: number
  #countedAt = performance.now()
  #timer: NodeJS.Timeout | undefined

  constructor(options: PaceOptions) {
    this.#options = options
    this.#credit = options.perSecond
  }

  /** True when it is one's turn; false: too many wait already, or it was given up. */
  turn(signal: AbortSignal, { isUrgent = false } = {}): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false)
    const { perSecond, maxWaitMs } = this.#options
    this.#count()
    const ahead = this.#urgent.length + (isUrgent ? 0 : this.#others.length)
    if (ahead === 0 && this.#credit >= 1) {
      this.#credit -= 1
      return Promise.resolve(true)
    }
    const waitMs = ((ahead + 1 - this.#credit) * 1000) / perSecond
    if (waitMs > maxWaitMs) return Promise.resolve(false)
    const waiting = this.#wait(isUrgent ? this.#urgent : this.#others, signal)
    this.#schedule()
    return waiting
  }

  #wait(queue: Waiter[], signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const giveUp = (): void => {
        queue.splice(queue.indexOf(waiter), 1)
        this.#schedule()
        resolve(false)
      }
      const waiter: Waiter = {
        start() {
          signal.removeEventListener('abort', giveUp)
          resolve(true)
        },
      }
      signal.addEventListener('abort', giveUp, { once: true })
      queue.push(waiter)
    })
  }

  #count(): void {
    const { perSecond } = this.#options
    const now = performance.now()
    const earned = ((now - this.#countedAt) * perSecond) / 1000
    this.#credit = Math.min(this.#credit + earned, perSecond)
    this.#countedAt = now
  }

  /** One timer for whoever is next; none when nobody waits. */
  #schedule(): void {
    clearTimeout(this.#timer)
    if (this.#urgent.length + this.#others.length === 0) return
    this.#count()
    const waitMs = ((1 - this.#credit) * 1000) / this.#options.perSecond
    this.#timer = setTimeout(() => this.#serve(), Math.max(Math.ceil(waitMs), 1))
  }

  #serve(): void {
    this.#count()
    for (; this.#credit >= 1; this.#credit -= 1) {
      const next = this.#urgent.shift() ?? this.#others.shift()
      if (next === undefined) break
      next.start()
    }
    this.#schedule()
  }
}
