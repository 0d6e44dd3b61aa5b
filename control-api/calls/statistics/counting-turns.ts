// Counts of the database, one after the other: several at a time would share it among them alone.
import { AppError } from '#core/errors'

/** Behind these one is refused. */
const MOST_WAITING = 10

export class CountingTurns {
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0

  /** @throws AppError `TOO_MANY_REQUESTS`; what `count` throws */
  take<T>(count: () => Promise<T>): Promise<T> {
    if (this.#waiting >= MOST_WAITING)
      return Promise.reject(
        new AppError('TOO_MANY_REQUESTS', 'Statistics are counted one after the other.'),
      )
    this.#waiting += 1
    const counted = this.#last.then(count)
    this.#last = counted
      // Whoever asked is told.
      .catch(() => undefined)
      .finally(() => (this.#waiting -= 1))
    return counted
  }
}
