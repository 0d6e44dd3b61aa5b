// The database as the rest of control-api sees it: Kysely for reading, grouped durable writes, two verbs to stop.
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Kysely, type Compilable } from 'kysely'
import { ms } from '#core/contracts'
import { runAll, waitFor } from '#core/lifecycle'
import type { Logger } from '#core/telemetry'
import { claimDataFolder } from './data-folder.ts'
import { databaseUnavailable } from './database-failure.ts'
import { DatabaseThread } from './database-thread.ts'
import { migrate } from './migrate.ts'
import { openPostgres } from './postgres/open-postgres.ts'
import type { DatabaseSchema } from './schema.ts'
import { createSqliteWorkerDialect } from './sqlite-worker-dialect.ts'
import { asStatement } from './statement.ts'
import { openStopNote, type StopNote } from './stop-note.ts'
import type { StatementResult } from './thread-messages.ts'
import type { DatabaseStats } from './write-queue.ts'

export interface Database {
  /** Reads, and the builder of queries to `write`. Not for writing: that would commit alone. */
  readonly query: Kysely<DatabaseSchema>
  /**
   * Runs the queries together or not at all; resolves when they are on the disk. Writes that come while a commit
   * runs share the next one, in order.
   * @throws AppError `DATABASE_UNAVAILABLE`; `INTERNAL` when a statement failed.
   */
  write(queries: readonly Compilable[]): Promise<readonly StatementResult[]>
  /** Rejects when the database does not take a write and answer a read within a second: a full disk can be read. */
  ping(): Promise<void>
  /**
   * Told when the database is gone for good: the thread of SQLite has ended, or another process has PostgreSQL. A
   * PostgreSQL that went away is connected to again, and until then writes and reads reject.
   */
  onLost(listener: (reason: string) => void): void
  stats(): DatabaseStats
  /** Writes what is queued, then closes it. @throws AppError `DATABASE_UNAVAILABLE` when that is not possible. */
  close(): Promise<void>
}

export interface OpenedDatabase extends Database {
  /** Of the data folder: its end is written when the database is closed, before another process may have the folder. */
  readonly stopNote: StopNote
}

export interface DatabaseOptions {
  /** Claimed with either database: recordings are there. */
  readonly dataDir: string
  /** Of a PostgreSQL; SQLite in `dataDir` without it. */
  readonly url?: string | undefined
  /** Requests and writes waiting at once; 10,000 unless told. */
  readonly maxPending?: number
}

const PING_TIMEOUT = ms(1000)
/** Writes the first page of the file anew: a number there that is free for use, and that nobody uses. */
const TOUCH = { sql: 'pragma user_version = 0', parameters: [] } as const
/** Beyond this the database is not keeping up, and waiting longer only hides it. */
const MAX_PENDING = 10_000

/**
 * Opens (and creates) the database of a data folder, or the PostgreSQL of the URL, and brings its tables up to date.
 * @throws AppError `CONFIGURATION_INVALID` when the folder or what the URL names cannot be had, `DATABASE_UNAVAILABLE`
 * when the file or the server cannot.
 */
export async function openDatabase(
  logger: Logger,
  options: DatabaseOptions,
): Promise<OpenedDatabase> {
  const { url, maxPending = MAX_PENDING } = options
  const folder = await claimDataFolder(options.dataDir)
  try {
    const opened =
      url === undefined
        ? await openSqlite(logger, join(folder.path, 'voicegate.sqlite'), maxPending)
        : await openPostgres(logger, { url, maxPending })
    const stopNote = openStopNote(folder.path, logger)
    const closeAll = async (): Promise<void> => {
      await opened.close()
      stopNote.end()
    }
    return { ...opened, stopNote, close: () => runAll([closeAll, () => folder.release()]) }
  } catch (error) {
    folder.release()
    throw error
  }
}

async function openSqlite(logger: Logger, path: string, maxPending: number): Promise<Database> {
  const thread = new DatabaseThread({ path }, logger, maxPending)
  const query = new Kysely<DatabaseSchema>({ dialect: createSqliteWorkerDialect(thread) })
  const openedFile = async () => {
    await migrate(query, logger)
    return stat(path)
  }
  const opened = await openedFile().catch(async (error: unknown) => {
    // Why it did not open matters more than how it closed.
    await thread.close().catch(() => undefined)
    throw error
  })
  return {
    query,
    write: (queries) => thread.write(queries.map((one) => asStatement(one.compile()))),
    async ping() {
      const alive = Promise.all([thread.write([TOUCH]), expectInPlace(path, opened)])
      await waitFor(alive, { name: 'the database', timeout: PING_TIMEOUT })
    },
    onLost: (listener) => thread.onLost(listener),
    stats: () => thread.stats(),
    close: () => runAll([() => query.destroy(), () => thread.close()]),
  }
}

/**
 * A file that was deleted or replaced takes writes as before, and all of them are gone with the process.
 * @throws AppError `DATABASE_UNAVAILABLE`
 */
async function expectInPlace(
  path: string,
  opened: { readonly dev: number; readonly ino: number },
): Promise<void> {
  const found = await stat(path).catch((error: unknown) => {
    throw databaseUnavailable('its file cannot be found', error)
  })
  if (found.dev !== opened.dev || found.ino !== opened.ino)
    throw databaseUnavailable('its file is another one')
}
