// Writes in the order they were given: those that come while a commit runs share the next one. What both databases have
// in common; how a group is committed is theirs.
import { messageOf } from '#core/errors'
import { inBackground, type Logger } from '#core/telemetry'
import { databaseUnavailable } from './database-failure.ts'
import type { Statement, StatementResult } from './thread-messages.ts'

/** Batches in one transaction: at some 20 µs each, a reader behind it waits 10 ms at most. */
const MAX_GROUP = 500

/** Of one batch of a group: it was undone alone when it failed. */
export type WriteOutcome =
  | { readonly ok: true; readonly results: readonly StatementResult[] }
  | { readonly ok: false; readonly error: Error }

export interface DatabaseStats {
  /** Batches written. */
  readonly batches: number
  /** Transactions they took: fewer, when batches came while a commit ran. */
  readonly commits: number
}

interface QueuedWrite {
  readonly statements: readonly Statement[]
  resolve(results: readonly StatementResult[]): void
  reject(error: unknown): void
}

export interface WriteQueueOptions {
  readonly logger: Logger
  /** Beyond this the database is not keeping up, and waiting longer only hides it. */
  readonly maxPending: number
  /** What else waits for the same connection. */
  readonly alsoPending?: () => number
  /** One outcome a batch; rejects when the whole group failed. Bounded in time by whoever gives it. */
  commit(batches: readonly (readonly Statement[])[]): Promise<readonly WriteOutcome[]>
}

export class WriteQueue {
  readonly #options: WriteQueueOptions
  #queue: QueuedWrite[] = []
  #committing: Promise<void> | undefined
  #held = false
  #batches = 0
  #commits = 0

  constructor(options: WriteQueueOptions) {
    this.#options = options
  }

  /** Resolves when the statements are durable. @throws AppError `DATABASE_UNAVAILABLE` when too many wait. */
  write(statements: readonly Statement[]): Promise<readonly StatementResult[]> {
    const { maxPending, alsoPending } = this.#options
    if (this.#queue.length + (alsoPending?.() ?? 0) >= maxPending)
      return Promise.reject(databaseUnavailable('too many writes are waiting'))
    const written = new Promise<readonly StatementResult[]>((resolve, reject) => {
      this.#queue.push({ statements, resolve, reject })
    })
    this.#commitNext()
    return written
  }

  get isHeld(): boolean {
    return this.#held
  }

  /** Keeps writes back while a transaction of several messages is open (migrations). */
  hold(): void {
    this.#held = true
  }

  release(): void {
    this.#held = false
    this.#commitNext()
  }

  /** Ends all that wait; the group that is being committed has its own end. */
  rejectQueued(error: Error): void {
    const queued = this.#queue
    this.#queue = []
    for (const one of queued) one.reject(error)
  }

  /** Resolves when nothing waits and nothing runs. */
  async settled(): Promise<void> {
    while (this.#committing) await this.#committing
  }

  stats(): DatabaseStats {
    return { batches: this.#batches, commits: this.#commits }
  }

  #commitNext(): void {
    if (this.#committing || this.#held || this.#queue.length === 0) return
    const group = this.#queue.slice(0, MAX_GROUP)
    this.#queue = this.#queue.slice(MAX_GROUP)
    this.#committing = this.#commit(group).finally(() => {
      this.#committing = undefined
      this.#commitNext()
    })
    inBackground(this.#committing, this.#options.logger, 'a database commit')
  }

  async #commit(group: readonly QueuedWrite[]): Promise<void> {
    try {
      const outcomes = await this.#options.commit(group.map(({ statements }) => statements))
      this.#commits += 1
      this.#batches += group.length
      for (const [index, queued] of group.entries()) {
        const outcome = outcomes[index]
        if (outcome?.ok === true) queued.resolve(outcome.results)
        else queued.reject(outcome?.error ?? databaseUnavailable('a batch has no outcome'))
      }
    } catch (error) {
      const failure = error instanceof Error ? error : databaseUnavailable(messageOf(error))
      for (const queued of group) queued.reject(failure)
    }
  }
}
