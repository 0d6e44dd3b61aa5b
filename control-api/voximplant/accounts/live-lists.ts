// Lists of an account at Voximplant, asked once for all who look at the same time, and kept for some seconds: looking may
// not use up what the account is allowed to ask.
import { AppError } from '#core/errors'

interface LiveListsOptions {
  readonly freshMs: number
  /** Of one account, of different lists. */
  readonly maxAtOnce: number
  /** Kept lists of all accounts. */
  readonly maxKept: number
}

interface Kept<T> {
  readonly owner: object
  readonly list: Promise<T>
  /** Undefined: it is being asked for. */
  freshUntil: number | undefined
}

const DEFAULTS: LiveListsOptions = { freshMs: 10_000, maxAtOnce: 4, maxKept: 200 }

/** @typeParam T one kind of list */
export class LiveLists<T> {
  readonly #options: LiveListsOptions
  /** Oldest first. */
  readonly #kept = new Map<string, Kept<T>>()

  constructor(options: Partial<LiveListsOptions> = {}) {
    this.#options = { ...DEFAULTS, ...options }
  }

  /**
   * What fails is told to all who wait for it, and not kept.
   *
   * @param owner whose list it is: of another, the same key is another list
   * @throws AppError `VENDOR_FAILED` when too many lists of it are asked for at once
   */
  async read(owner: object, key: string, ask: () => Promise<T>): Promise<T> {
    const now = performance.now()
    const known = this.#kept.get(key)
    if (known?.owner === owner && (known.freshUntil === undefined || now < known.freshUntil))
      return known.list
    this.#requireRoom(owner)
    const list = ask()
    const kept: Kept<T> = { owner, list, freshUntil: undefined }
    this.#keep(key, kept)
    try {
      const value = await list
      kept.freshUntil = performance.now() + this.#options.freshMs
      return value
    } catch (error) {
      if (this.#kept.get(key) === kept) this.#kept.delete(key)
      throw error
    }
  }

  #requireRoom(owner: object): void {
    const asked = [...this.#kept.values()].filter(
      (one) => one.owner === owner && one.freshUntil === undefined,
    )
    if (asked.length < this.#options.maxAtOnce) return
    throw new AppError('VENDOR_FAILED', 'Voximplant is asked for too many lists at once.', {
      retryAfterSeconds: 1,
    })
  }

  #keep(key: string, kept: Kept<T>): void {
    this.#kept.delete(key)
    this.#kept.set(key, kept)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > this.#options.maxKept && oldest !== undefined) this.#kept.delete(oldest)
  }
}
