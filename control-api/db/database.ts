// The database as the rest of control-api sees it: Kysely for reading, grouped durable writes, two verbs to stop.
import { join } from 'node:path'
import { Kysely, type Compilable } from 'kysely'
import { ms } from '#core/contracts'
import { runAll, waitFor } from '#core/lifecycle'
import type { Logger } from '#core/telemetry'
import { claimDataFolder } from './data-folder.ts'
import { DatabaseThread, type DatabaseThreadStats } from './database-thread.ts'
import { migrate } from './migrate.ts'
import type { DatabaseSchema } from './schema.ts'
import { createSqliteWorkerDialect } from './sqlite-worker-dialect.ts'
import { asStatement } from './statement.ts'
import type { StatementResult } from './thread-messages.ts'

const PING_TIMEOUT = ms(1000)

export interface Database {
  /** Reads, and the builder of queries to `write`. Not for writing: that would commit alone. */
  readonly query: Kysely<DatabaseSchema>
  /**
   * Runs the queries together or not at all; resolves when they are on the disk. Writes that come while a commit
   * runs share the next one, in order.
   * @throws AppError `DATABASE_UNAVAILABLE`; `INTERNAL` when a statement failed.
   */
  write(queries: readonly Compilable[]): Promise<readonly StatementResult[]>
  /** Rejects when the database does not answer within a second. */
  ping(): Promise<void>
  /** Told when the database is gone for good: its thread ended, and is not started again. */
  onLost(listener: (reason: string) => void): void
  stats(): DatabaseThreadStats
  /** Writes what is queued, then closes the file. @throws AppError `DATABASE_UNAVAILABLE` when that is not possible. */
  close(): Promise<void>
}

export interface DatabaseOptions {
  readonly dataDir: string
  /** Requests and writes waiting at once; 10,000 unless told. */
  readonly maxPending?: number
}

/**
 * Opens (and creates) the database of a data folder and brings its tables up to date.
 * @throws AppError `CONFIGURATION_INVALID` when the folder cannot be had, `DATABASE_UNAVAILABLE` when the file cannot.
 */
export async function openDatabase(logger: Logger, options: DatabaseOptions): Promise<Database> {
  const folder = await claimDataFolder(options.dataDir)
  const path = join(folder.path, 'voicegate.sqlite')
  const thread = new DatabaseThread({ path }, logger, options.maxPending)
  const query = new Kysely<DatabaseSchema>({ dialect: createSqliteWorkerDialect(thread) })
  try {
    await migrate(query, logger)
  } catch (error) {
    // Why it did not open matters more than how it closed.
    await thread.close().catch(() => undefined)
    folder.release()
    throw error
  }
  return {
    query,
    write: (queries) => thread.write(queries.map((one) => asStatement(one.compile()))),
    async ping() {
      const alive = thread.query({ sql: 'select 1', parameters: [] })
      await waitFor(alive, { name: 'the database', timeout: PING_TIMEOUT })
    },
    onLost: (listener) => thread.onLost(listener),
    stats: () => thread.stats(),
    close: () => runAll([() => query.destroy(), () => thread.close(), () => folder.release()]),
  }
}
