// Our end of the database thread: requests with deadlines, and writes that share transactions.
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { ms } from '#core/contracts'
import { codeOf } from '#core/errors'
import { waitFor } from '#core/lifecycle'
import type { Logger } from '#core/telemetry'
import { databaseError, databaseUnavailable } from './database-failure.ts'
import type {
  DatabaseReply,
  DatabaseRequest,
  DatabaseThreadData,
  Statement,
  StatementResult,
} from './thread-messages.ts'
import { WriteQueue, type DatabaseStats, type WriteOutcome } from './write-queue.ts'

/** Twice SQLite's busy timeout. */
const REPLY_TIMEOUT = ms(10_000)
/** Of a statement of a migration: an index of years of calls, or their commit, on a slow disk. */
const MIGRATION_REPLY_TIMEOUT = ms(600_000)
const CLOSE_TIMEOUT = ms(5000)

interface Asked {
  resolve(reply: DatabaseReply): void
  reject(error: unknown): void
}

type RequestBody = DatabaseRequest extends infer R
  ? R extends DatabaseRequest
    ? Omit<R, 'id'>
    : never
  : never

export class DatabaseThread {
  readonly #worker: Worker
  readonly #logger: Logger
  readonly #maxPending: number
  readonly #asked = new Map<number, Asked>()
  readonly #queue: WriteQueue
  #nextId = 1
  #gone: Error | undefined
  readonly #onLost = new Set<(reason: string) => void>()
  #closing: Promise<void> | undefined

  constructor(data: DatabaseThreadData, logger: Logger, maxPending: number) {
    this.#logger = logger
    this.#maxPending = maxPending
    this.#queue = new WriteQueue({
      logger,
      maxPending,
      alsoPending: () => this.#asked.size,
      commit: (batches) => this.#commit(batches),
    })
    this.#worker = new Worker(new URL('./thread.ts', import.meta.url), {
      name: 'database',
      workerData: data,
    })
    this.#worker.on('message', (reply: DatabaseReply) => {
      const asked = this.#asked.get(reply.id)
      this.#asked.delete(reply.id)
      asked?.resolve(reply)
    })
    this.#worker.on('error', (error) => this.#lost(threadFailure(error)))
    this.#worker.on('exit', () => this.#lost(databaseUnavailable('its thread has ended')))
  }

  /** Runs one statement by itself. */
  async query(statement: Statement): Promise<StatementResult> {
    const reply = await this.#ask({ kind: 'query', statement })
    if (reply.kind === 'result') return reply.result
    throw unexpected(reply)
  }

  /** Runs the statements together or not at all; resolves when they are durable. */
  async write(statements: readonly Statement[]): Promise<readonly StatementResult[]> {
    if (this.#gone) throw databaseUnavailable('its thread has ended', this.#gone)
    if (this.#closing) throw databaseUnavailable('it is closing')
    return this.#queue.write(statements)
  }

  /** Keeps writes back while a transaction of several messages is open (migrations). */
  holdWrites(): void {
    this.#queue.hold()
  }

  releaseWrites(): void {
    this.#queue.release()
  }

  /** Told when the thread ends without having been closed; at once when it already has. */
  onLost(listener: (reason: string) => void): void {
    if (this.#gone && !this.#closing) listener(this.#gone.message)
    else this.#onLost.add(listener)
  }

  stats(): DatabaseStats {
    return this.#queue.stats()
  }

  /** Writes what is queued, closes the file and ends the thread. @throws AppError `DATABASE_UNAVAILABLE`. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    if (this.#gone) return
    const exited = once(this.#worker, 'exit')
    this.releaseWrites()
    try {
      await this.#queue.settled()
      const reply = await this.#ask({ kind: 'close' })
      if (reply.kind !== 'closed') throw unexpected(reply)
      await waitFor(exited, { name: 'the end of the database thread', timeout: CLOSE_TIMEOUT })
    } catch (error) {
      const name = 'the database thread to be ended'
      // A disk that hangs holds the thread in a system call: nothing ends that.
      await waitFor(this.#worker.terminate(), { name, timeout: CLOSE_TIMEOUT }).catch(
        (failure: unknown) => this.#logger.error({ err: failure }, 'the database thread is left'),
      )
      throw databaseUnavailable('it did not close in good order', error)
    }
  }

  async #commit(batches: readonly (readonly Statement[])[]): Promise<readonly WriteOutcome[]> {
    const reply = await this.#ask({ kind: 'write', batches })
    if (reply.kind !== 'written') throw unexpected(reply)
    return reply.outcomes.map((outcome) =>
      outcome.ok ? outcome : { ok: false, error: databaseError(outcome.failure) },
    )
  }

  async #ask(body: RequestBody): Promise<DatabaseReply> {
    if (this.#gone) throw databaseUnavailable('its thread has ended', this.#gone)
    if (this.#asked.size >= this.#maxPending) {
      throw databaseUnavailable('too many requests are waiting')
    }
    const id = this.#nextId++
    const answered = new Promise<DatabaseReply>((resolve, reject) => {
      this.#asked.set(id, { resolve, reject })
    })
    this.#worker.postMessage({ ...body, id })
    try {
      const name = `the database (${body.kind})`
      const timeout = this.#queue.isHeld ? MIGRATION_REPLY_TIMEOUT : REPLY_TIMEOUT
      return await waitFor(answered, { name, timeout })
    } catch (error) {
      this.#asked.delete(id)
      throw codeOf(error) === 'TIMED_OUT' ? databaseUnavailable('it did not answer', error) : error
    }
  }

  #lost(gone: Error): void {
    if (this.#gone) return
    this.#gone = gone
    for (const asked of this.#asked.values()) asked.reject(gone)
    this.#asked.clear()
    this.#queue.rejectQueued(gone)
    if (this.#closing) return
    this.#logger.error({ err: gone }, 'the database thread is lost')
    for (const listener of this.#onLost) listener(gone.message)
  }
}

/** A file that cannot be opened ends the thread with SQLite's error; anything else is a defect in it. */
function threadFailure(error: unknown): Error {
  const resultCode = error instanceof Error && 'errcode' in error ? error.errcode : undefined
  return error instanceof Error && typeof resultCode === 'number'
    ? databaseError({ message: error.message, resultCode })
    : databaseUnavailable('its thread failed', error)
}

function unexpected(reply: DatabaseReply): Error {
  return reply.kind === 'failed'
    ? databaseError(reply.failure)
    : databaseUnavailable(`it answered with ${reply.kind}`)
}
