// All writes, by one connection and in order. A connection that is lost ends what it was given and what waited; until
// there is a new one writes are refused. What was being committed waits, and then learns what became of it.
import { setTimeout as sleep } from 'node:timers/promises'
import { ms, type Milliseconds } from '#core/contracts'
import { waitFor, waitUntil } from '#core/lifecycle'
import { inBackground, type Logger } from '#core/telemetry'
import { backOffAfter } from '#core/time'
import { databaseUnavailable } from '../database-failure.ts'
import type { Statement, StatementResult } from '../thread-messages.ts'
import { WriteQueue, type DatabaseStats, type WriteOutcome } from '../write-queue.ts'
import type { Claim } from './claim.ts'
import type { PostgresConnection } from './connection.ts'
import { openingError, postgresError } from './failure.ts'
import { CommitUnknown, fateOf, writeGroup } from './write-group.ts'

/** Of a whole group of batches. */
const GROUP_TIMEOUT_MS = 20_000
/** A server that comes back later than this finds its last commit given up. */
const DOUBT_TIMEOUT = ms(120_000)
const CLOSE_TIMEOUT = ms(5000)
const BACK_OFF = { firstMs: 100, maxMs: 5000 }
const FATE_EVERY_MS = 100

export interface WriterDeps {
  readonly logger: Logger
  readonly maxPending: number
  readonly connect: () => Promise<PostgresConnection>
  readonly claim: (connection: PostgresConnection) => Promise<Claim>
}

export class PostgresWriter {
  readonly #deps: WriterDeps
  readonly #queue: WriteQueue
  readonly #onLost = new Set<(reason: string) => void>()
  readonly #closed = new AbortController()
  /** Undefined while it is away. */
  #connection: PostgresConnection | undefined
  /** Why there will be none any more. */
  #lost: string | undefined
  #closing: Promise<void> | undefined

  /** @param connection claimed */
  constructor(deps: WriterDeps, connection: PostgresConnection) {
    this.#deps = deps
    this.#queue = new WriteQueue({ ...deps, commit: (batches) => this.#commit(batches) })
    this.#use(connection)
  }

  /** Runs the statements together or not at all; resolves when they are durable. */
  async write(statements: readonly Statement[]): Promise<readonly StatementResult[]> {
    if (this.#lost !== undefined) throw databaseUnavailable(this.#lost)
    if (this.#closing) throw databaseUnavailable('it is closing')
    if (!this.#connection) throw databaseUnavailable('PostgreSQL is away')
    return this.#queue.write(statements)
  }

  onLost(listener: (reason: string) => void): void {
    if (this.#lost === undefined) this.#onLost.add(listener)
    else listener(this.#lost)
  }

  stats(): DatabaseStats {
    return this.#queue.stats()
  }

  /** Writes what is queued, then ends the connection. @throws AppError `DATABASE_UNAVAILABLE`. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    try {
      const name = 'the last writes'
      await waitFor(this.#queue.settled(), { name, timeout: CLOSE_TIMEOUT })
      this.#closed.abort()
      await this.#connection?.end()
    } catch (error) {
      this.#closed.abort()
      this.#connection?.destroy()
      throw databaseUnavailable('it did not close in good order', error)
    }
  }

  #use(connection: PostgresConnection): void {
    this.#connection = connection
    connection.onEnd((error) => this.#away(error))
  }

  #away(error: Error | undefined): void {
    this.#connection = undefined
    if (this.#closed.signal.aborted) return
    const failure = databaseUnavailable('PostgreSQL is away', error && postgresError(error))
    this.#deps.logger.error({ err: failure }, 'the connection to PostgreSQL is lost: trying again')
    this.#queue.rejectQueued(failure)
    inBackground(this.#comeBack(), this.#deps.logger, 'connecting to PostgreSQL again')
  }

  async #comeBack(): Promise<void> {
    const { signal } = this.#closed
    const since = performance.now()
    for (let failures = 0; !signal.aborted && this.#lost === undefined; failures += 1) {
      if (failures > 0)
        await sleep(backOffAfter(failures, BACK_OFF, Math.random), undefined, { ref: false })
      const connection = await this.#tryAgain(failures)
      if (!connection) continue
      if (this.#closed.signal.aborted) {
        connection.destroy()
        return
      }
      const away_ms = Math.round(performance.now() - since)
      this.#deps.logger.info({ away_ms }, 'PostgreSQL is back')
      this.#use(connection)
      return
    }
  }

  async #tryAgain(failures: number): Promise<PostgresConnection | undefined> {
    let connection: PostgresConnection | undefined
    try {
      connection = await this.#deps.connect()
      const claim = await this.#deps.claim(connection)
      if (claim === 'claimed') return connection
      if (claim === 'other') this.#lose('another voicegate has taken this database meanwhile')
    } catch (error) {
      // Some lines when it begins to fail, not one every five seconds.
      const line = { err: openingError(error, 'for writing') }
      if (failures <= 3) this.#deps.logger.warn(line, 'PostgreSQL is still away')
    }
    connection?.destroy()
    return undefined
  }

  #lose(reason: string): void {
    this.#lost = reason
    this.#deps.logger.error({ reason }, 'the database is lost')
    for (const listener of this.#onLost) listener(reason)
  }

  async #commit(batches: readonly (readonly Statement[])[]): Promise<readonly WriteOutcome[]> {
    const connection = this.#connection
    if (!connection) throw databaseUnavailable('PostgreSQL is away')
    const cut = setTimeout(() => connection.destroy(), GROUP_TIMEOUT_MS)
    try {
      return await writeGroup(connection, batches)
    } catch (error) {
      if (!(error instanceof CommitUnknown)) throw postgresError(error)
      if (await this.#wasCommitted(error.transaction)) return error.outcomes
      throw databaseUnavailable('the connection was lost before the commit', error)
    } finally {
      clearTimeout(cut)
    }
  }

  /** @throws AppError `DATABASE_UNAVAILABLE`: nobody knows. */
  async #wasCommitted(transaction: string): Promise<boolean> {
    const until = performance.now() + DOUBT_TIMEOUT
    for (;;) {
      const connection = await this.#nextConnection(ms(Math.max(0, until - performance.now())))
      try {
        const fate = connection && (await fateOf(connection, transaction))
        if (fate === 'committed' || fate === 'aborted') return fate === 'committed'
        if (fate === undefined || performance.now() > until)
          throw databaseUnavailable('what became of a commit is not known')
      } catch (error) {
        // Lost again: asked again on the next one.
        if (connection?.isOpen !== false) throw postgresError(error)
      }
      await sleep(FATE_EVERY_MS)
    }
  }

  async #nextConnection(within: Milliseconds): Promise<PostgresConnection | undefined> {
    const isOver = (): boolean => this.#lost !== undefined || this.#closed.signal.aborted
    await waitUntil(() => this.#connection?.isOpen === true || isOver(), within, FATE_EVERY_MS)
    return this.#connection
  }
}
