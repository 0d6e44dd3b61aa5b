// Something that many events ask for: done soon, not again too soon, never twice at once, and not while nobody looks.

interface SeldomOptions {
  /** From the first wish on: more of them come in this time. */
  readonly afterMs: number
  /** From one end to the next beginning, at least. */
  readonly everyMs: number
}

export interface Seldom {
  soon(): void
  stop(): void
}

/** @param run must not throw */
export function createSeldom(
  run: () => Promise<unknown>,
  { afterMs, everyMs }: SeldomOptions,
): Seldom {
  let isWanted = false
  let isRunning = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let restsUntil = 0
  const plan = (): void => {
    if (!isWanted || isRunning || timer !== undefined || document.hidden) return
    timer = setTimeout(() => void start(), Math.max(afterMs, restsUntil - performance.now()))
  }
  const start = async (): Promise<void> => {
    timer = undefined
    if (document.hidden) return
    isWanted = false
    isRunning = true
    await run()
    isRunning = false
    restsUntil = performance.now() + everyMs
    plan()
  }
  document.addEventListener('visibilitychange', plan)
  return {
    soon() {
      isWanted = true
      plan()
    },
    stop() {
      isWanted = false
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', plan)
    },
  }
}
