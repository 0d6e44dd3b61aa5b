// What was deleted must not be read in the files of the database either. SQLite overwrites deleted rows (secure_delete,
// db/thread.ts); the index of words and the write-ahead log have to be told.
import { sql, SqliteAdapter, type Compilable } from 'kysely'
import type { Database } from '../db/database.ts'
import { paced } from './paced.ts'

/** Pages of one step of a merge: some milliseconds. */
const MERGE_PAGES = 64
/** A year of talks has some ten thousand pages; a merge that goes on for ever is none. */
const MAX_STEPS = 10_000

export interface FilesCleaned {
  /** `left`: somebody else reads the file (a backup), so that its log is still there; trying again helps. */
  readonly kind: 'cleaned' | 'left' | 'not-ours'
}

/** PostgreSQL overwrites what was deleted when its vacuum comes by: nothing of ours to do. */
export async function cleanFiles(database: Database, signal: AbortSignal): Promise<FilesCleaned> {
  const { query } = database
  if (!(query.getExecutor().adapter instanceof SqliteAdapter)) return { kind: 'not-ours' }
  await mergeWords(database, signal)
  const busyTimeout = await sql<{ timeout: number }>`PRAGMA busy_timeout`.execute(query)
  try {
    // It would wait for a backup's end, and all calls behind it: whoever asks for it comes again.
    await sql`PRAGMA busy_timeout = 0`.execute(query)
    const checkpoint = sql<{ busy: number }>`PRAGMA wal_checkpoint(TRUNCATE)`
    const { rows } = await checkpoint.execute(query)
    return { kind: rows[0]?.busy === 0 ? 'cleaned' : 'left' }
  } finally {
    const usual = sql.lit(busyTimeout.rows[0]?.timeout ?? 0)
    await sql`PRAGMA busy_timeout = ${usual}`.execute(query)
  }
}

/** FTS5 only notes what was deleted; the words go when its pieces are merged (https://sqlite.org/fts5.html#the_merge_command). */
async function mergeWords(database: Database, signal: AbortSignal): Promise<void> {
  const changes = statement(database, sql`SELECT total_changes() AS changes`)
  for (let step = 0; step < MAX_STEPS; step += 1) {
    // A negative number begins a merge of everything, a positive one goes on with it.
    const pages = step === 0 ? -MERGE_PAGES : MERGE_PAGES
    const merge = statement(
      database,
      sql`INSERT INTO call_words(call_words, rank) VALUES ('merge', ${sql.lit(pages)})`,
    )
    const [before, , after] = await paced(() => database.write([changes, merge, changes]), signal)
    // The command itself counts as one.
    if (changesOf(after) - changesOf(before) < 2) return
  }
}

const statement = (
  { query }: Pick<Database, 'query'>,
  raw: ReturnType<typeof sql>,
): Compilable => ({ compile: () => raw.compile(query) })

function changesOf(result: { readonly rows: readonly unknown[] } | undefined): number {
  const [row] = result?.rows ?? []
  return (row as { changes: number } | undefined)?.changes ?? 0
}
