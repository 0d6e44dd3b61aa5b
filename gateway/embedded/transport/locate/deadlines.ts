// Deadlines of waits that may all be ended at once.

export interface Deadline {
  /** Resolves when the time is over. */
  readonly expired: Promise<void>
  /** The wait has ended before. */
  clear(): void
}

export class Deadlines {
  readonly #open = new Set<() => void>()

  start(ms: number): Deadline {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    // Nothing that is looked up keeps the process alive.
    const timer = setTimeout(() => expire(), ms).unref()
    const clear = (): void => {
      clearTimeout(timer)
      this.#open.delete(expire)
    }
    const expire = (): void => {
      clear()
      resolve(undefined)
    }
    this.#open.add(expire)
    return { expired: promise, clear }
  }

  expireAll(): void {
    for (const expire of this.#open) expire()
  }
}
