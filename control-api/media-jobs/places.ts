// So many at a time, so many that wait, and none of them for ever: for work that takes much of the machine.
import { ms } from '#core/contracts'
import { AppError, codeOf } from '#core/errors'
import { waitFor } from '#core/lifecycle'

export interface PlacesOptions {
  /** What is done there, in words for whoever is sent away: `videos are checked`. */
  readonly what: string
  readonly count: number
  /** How many may wait; 0: nobody. */
  readonly line: number
  readonly waitMs: number
}

export interface Places {
  /** The work’s value. @throws AppError `MEDIA_BUSY` when too many wait, or nobody was done in time */
  take<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>
}

const RETRY_AFTER_SECONDS = 10

export function createPlaces({ what, count, line, waitMs }: PlacesOptions): Places {
  let taken = 0
  const waiting: (() => void)[] = []
  const busy = (): AppError =>
    new AppError('MEDIA_BUSY', `As many ${what} as can be at a time.`, {
      retryAfterSeconds: RETRY_AFTER_SECONDS,
    })
  const leave = (): void => {
    const next = waiting.shift()
    if (next) next()
    else taken -= 1
  }
  async function stand(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const admit = (): void => resolve(undefined)
    waiting.push(admit)
    try {
      await waitFor(promise, { name: 'a place', timeout: ms(waitMs), signal })
    } catch (error) {
      const at = waiting.indexOf(admit)
      // Gone from the line: its turn came at the same moment.
      if (at === -1) leave()
      else waiting.splice(at, 1)
      throw codeOf(error) === 'TIMED_OUT' ? busy() : error
    }
  }
  return {
    async take(signal, work) {
      signal.throwIfAborted()
      if (taken < count) taken += 1
      else if (waiting.length < line) await stand(signal)
      else throw busy()
      try {
        return await work()
      } finally {
        leave()
      }
    },
  }
}
