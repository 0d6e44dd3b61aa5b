// Session timers (RFC 4028): a call that nobody refreshes in time is taken for dead. This file knows when; what a refresh
// and an end look like on the wire is its user's affair.
import { Timer } from '../timer.ts'

export interface SessionTerms {
  readonly intervalMs: number
  /** Whose task it is to refresh. */
  readonly refresher: 'us' | 'them'
}

export interface SessionTimerUser {
  refresh(): void
  expired(): void
}

/** RFC 4028 §10: the BYE goes out this long, or a third of the interval, before the end. */
const LAST_CHANCE_MS = 32_000

const LONGEST_MS = 86_400_000

export class SessionTimer {
  readonly #user: SessionTimerUser
  readonly #refresh = new Timer()
  readonly #expiry = new Timer()

  #intervalMs = 0

  constructor(user: SessionTimerUser) {
    this.#user = user
  }

  get intervalMs(): number {
    return this.#intervalMs
  }

  /** Starts the interval anew, with what the last request that counts as a refresh has settled. */
  start({ intervalMs, refresher }: SessionTerms): void {
    this.#intervalMs = intervalMs
    this.#refresh.stop()
    if (refresher === 'us') this.#refresh.start(intervalMs / 2, () => this.#user.refresh())
    const lastMoment = intervalMs - Math.min(LAST_CHANCE_MS, intervalMs / 3)
    this.#expiry.start(lastMoment, () => {
      this.stop()
      this.#user.expired()
    })
  }

  /** Somebody on the way wants fewer refreshes (RFC 4028 §7.4); a longer one than a day is a mistake. */
  lengthen(leastMs: number): boolean {
    const isLonger = leastMs > this.#intervalMs && leastMs <= LONGEST_MS
    if (isLonger) this.#intervalMs = leastMs
    return isLonger
  }

  /** The refresh could not be made now; the expiry stands. */
  retryAfter(delayMs: number): void {
    this.#refresh.start(delayMs, () => this.#user.refresh())
  }

  stop(): void {
    this.#refresh.stop()
    this.#expiry.stop()
  }
}
