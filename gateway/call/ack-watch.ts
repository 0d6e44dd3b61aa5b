// Do callers acknowledge our 200 OK? Whoever forges his address never sees it and cannot, but each answer would open an
// agent for seconds. While too many stay unacknowledged, an agent waits for the ACK of its call (as SYN cookies do).
import type { CallId } from '#core/contracts'
import type { Logger } from '#core/telemetry'
import type { Clock } from '#core/time'

/** An ACK takes a round trip; after this the 200 OK was sent twice (RFC 3261 §13.3.1.4). */
const LATE_AFTER_MS = 1000
/** So many late ones are no accident of the network. */
const MAX_LATE = 5
/** What a flood may open within its first second; a busy trunk has fewer under way. */
const MAX_PENDING = 20
/** 64·T1: no ACK comes later. Kept when the call is over too, or a flood at its ease would be forgotten. */
const FORGOTTEN_AFTER_MS = 32_000
/** Beyond that the answer is the same. */
const CAPACITY = 1000

export class AckWatch {
  readonly #clock: Clock
  readonly #logger: Logger
  /** When each answer left that has no ACK yet, the oldest first. */
  readonly #pending = new Map<CallId, number>()
  #isWaiting = false

  constructor({ clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    this.#clock = clock
    this.#logger = logger
  }

  /** Our 200 OK left, and has no ACK yet. True: the agent of this call is to wait for it. */
  answered(callId: CallId): boolean {
    this.#judge()
    // Judged without this one: a call alone is never made to wait.
    this.#pending.set(callId, this.#clock.now())
    const [oldest] = this.#pending.keys()
    if (this.#pending.size > CAPACITY && oldest !== undefined) this.#pending.delete(oldest)
    return this.#isWaiting
  }

  /** The ACK came, or another word that only the one we answered can say. */
  acknowledged(callId: CallId): void {
    this.#pending.delete(callId)
  }

  #judge(): void {
    const now = this.#clock.now()
    this.#forget(now)
    const { size } = this.#pending
    // Back only when nearly all were acknowledged, so that the mode does not change with every call.
    if (this.#isWaiting ? size < MAX_LATE : size < MAX_PENDING && !this.#isLate(now)) {
      if (this.#isWaiting) this.#logger.info('callers acknowledge again: agents open at the answer')
      this.#isWaiting = false
    } else if (!this.#isWaiting) {
      this.#isWaiting = true
      this.#logger.warn({ calls: size }, 'callers do not acknowledge: agents now wait for the ACK')
    }
  }

  #forget(now: number): void {
    for (const [callId, answeredAt] of this.#pending) {
      if (now - answeredAt < FORGOTTEN_AFTER_MS) return
      this.#pending.delete(callId)
    }
  }

  /** The map is in order of answers: the fifth says it. */
  #isLate(now: number): boolean {
    const [, , , , fifth] = this.#pending.values()
    return fifth !== undefined && now - fifth > LATE_AFTER_MS
  }
}
