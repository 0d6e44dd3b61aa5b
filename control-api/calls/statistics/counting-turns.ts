// Counts of the database, one after the other: several at a time would share it among them alone.
import { AppError } from '#core/errors'
import { createTurns } from '#core/lifecycle'

/** Behind these one is refused. */
const MOST_WAITING = 10

export class CountingTurns {
  readonly #turns = createTurns()
  #waiting = 0

  /** @throws AppError `TOO_MANY_REQUESTS`; what `count` throws */
  take<T>(count: () => Promise<T>): Promise<T> {
    if (this.#waiting >= MOST_WAITING)
      return Promise.reject(
        new AppError('TOO_MANY_REQUESTS', 'Statistics are counted one after the other.'),
      )
    this.#waiting += 1
    return this.#turns.take(count).finally(() => (this.#waiting -= 1))
  }
}
