// Reads over a few connections, which may not write.
import { ms } from '#core/contracts'
import { databaseUnavailable } from '../database-failure.ts'
import type { Statement, StatementResult } from '../thread-messages.ts'
import { isStatementFailure, openingError, postgresError } from './failure.ts'
import type { PostgresConnection } from './connection.ts'

/** As many reads at a time; a page takes milliseconds. */
const MOST_CONNECTIONS = 4
/** With what a read may take itself, a request ends within some twenty seconds. */
const WAIT_TIMEOUT = ms(10_000)

interface Waiting {
  readonly timer: NodeJS.Timeout
  /** It is this one's turn. */
  admit(): void
  reject(error: Error): void
}

export class PostgresReader {
  readonly #connect: () => Promise<PostgresConnection>
  readonly #maxWaiting: number
  readonly #idle: PostgresConnection[] = []
  readonly #open = new Set<PostgresConnection>()
  readonly #waiting = new Set<Waiting>()
  #used = 0
  #closed = false

  constructor(connect: () => Promise<PostgresConnection>, maxWaiting: number) {
    this.#connect = connect
    this.#maxWaiting = maxWaiting
  }

  /** @throws AppError `DATABASE_UNAVAILABLE`; `INTERNAL` when the statement failed. */
  async run(statement: Statement): Promise<StatementResult> {
    await this.#turn()
    try {
      const connection = await this.#take()
      return await this.#runOn(connection, statement)
    } finally {
      this.#used -= 1
      this.#admitNext()
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const waiting of this.#waiting) waiting.reject(databaseUnavailable('it is closing'))
    this.#waiting.clear()
    this.#idle.length = 0
    const ended = [...this.#open].map((connection) =>
      connection.end().catch(() => connection.destroy()),
    )
    await Promise.all(ended)
  }

  async #turn(): Promise<void> {
    if (this.#closed) throw databaseUnavailable('it is closing')
    if (this.#used < MOST_CONNECTIONS) {
      this.#used += 1
      return
    }
    if (this.#waiting.size >= this.#maxWaiting)
      throw databaseUnavailable('too many requests are waiting')
    await new Promise<void>((resolve, reject) => {
      const waiting: Waiting = {
        timer: setTimeout(() => {
          this.#waiting.delete(waiting)
          reject(databaseUnavailable('it is too busy'))
        }, WAIT_TIMEOUT),
        admit: resolve,
        reject: (error) => {
          clearTimeout(waiting.timer)
          reject(error)
        },
      }
      this.#waiting.add(waiting)
    })
  }

  #admitNext(): void {
    const [next] = this.#waiting
    if (!next || this.#used >= MOST_CONNECTIONS) return
    this.#waiting.delete(next)
    clearTimeout(next.timer)
    this.#used += 1
    next.admit()
  }

  async #take(): Promise<PostgresConnection> {
    const idle = this.#idle.pop()
    if (idle) return idle
    try {
      const fresh = await this.#connect()
      this.#open.add(fresh)
      fresh.onEnd(() => {
        this.#open.delete(fresh)
        const at = this.#idle.indexOf(fresh)
        if (at >= 0) this.#idle.splice(at, 1)
      })
      return fresh
    } catch (error) {
      // Not the settings' fault: with them it was opened.
      throw databaseUnavailable('it cannot be connected to', openingError(error, 'for reading'))
    }
  }

  async #runOn(connection: PostgresConnection, statement: Statement): Promise<StatementResult> {
    try {
      const result = await connection.run(statement)
      this.#giveBack(connection)
      return result
    } catch (error) {
      if (isStatementFailure(error)) this.#giveBack(connection)
      else connection.destroy()
      throw postgresError(error)
    }
  }

  #giveBack(connection: PostgresConnection): void {
    if (this.#closed) connection.destroy()
    else if (connection.isOpen) this.#idle.push(connection)
  }
}
