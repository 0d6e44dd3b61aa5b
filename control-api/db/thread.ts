// The database thread: node:sqlite is synchronous, so it runs here and blocks nobody else.
import { chmodSync, closeSync, openSync } from 'node:fs'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import type {
  BatchOutcome,
  DatabaseReply,
  DatabaseRequest,
  DatabaseThreadData,
  SqlFailure,
  Statement,
  StatementResult,
} from './thread-messages.ts'

/** Prepared statements kept; the application has some dozens, the list's filters multiply them. */
const CACHED_STATEMENTS = 200
/** Another process (a backup, the sqlite3 shell) may hold the file this long. */
const BUSY_TIMEOUT_MS = 5000

const FILE_MODE = 0o600

const port = parentPort
if (!port) throw new Error('this file runs as a worker thread')

const { path } = workerData as DatabaseThreadData
ownAlone(path)
const database = new DatabaseSync(path, {
  timeout: BUSY_TIMEOUT_MS,
  enableForeignKeyConstraints: true,
})
// FULL: in WAL mode only it syncs each commit, and what was acknowledged must survive a power cut.
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
// What is deleted is overwritten: numbers that somebody had erased must not be read in the file (control-api/privacy).
database.exec('PRAGMA secure_delete = ON')

/** Calls are personal data, and the folder may be one that others read; SQLite gives its side files the same mode. */
function ownAlone(file: string): void {
  try {
    closeSync(openSync(file, 'a', FILE_MODE))
    chmodSync(file, FILE_MODE)
  } catch {
    // A file of another owner, or a disk without modes. Whether it is of use SQLite says next.
  }
}

const statements = new Map<string, StatementSync>()

function prepare(sql: string): StatementSync {
  const known = statements.get(sql)
  if (known) return known
  if (statements.size >= CACHED_STATEMENTS) {
    const oldest = statements.keys().next()
    if (!oldest.done) statements.delete(oldest.value)
  }
  const fresh = database.prepare(sql)
  statements.set(sql, fresh)
  return fresh
}

function run({ sql, parameters }: Statement): StatementResult {
  const statement = prepare(sql)
  if (statement.columns().length > 0) return { rows: statement.all(...parameters), changes: 0 }
  return { rows: [], changes: Number(statement.run(...parameters).changes) }
}

function runBatch(batch: readonly Statement[]): BatchOutcome {
  database.exec('SAVEPOINT batch')
  try {
    const results = batch.map(run)
    database.exec('RELEASE batch')
    return { ok: true, results }
  } catch (error) {
    // SQLite rolled the whole transaction back (disk full): every batch has failed, and for this.
    if (!database.isTransaction) throw error
    database.exec('ROLLBACK TO batch; RELEASE batch')
    return { ok: false, failure: describe(error) }
  }
}

function write(batches: readonly (readonly Statement[])[]): readonly BatchOutcome[] {
  try {
    database.exec('BEGIN IMMEDIATE')
    const outcomes = batches.map(runBatch)
    database.exec('COMMIT')
    return outcomes
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    const failure = describe(error)
    return batches.map(() => ({ ok: false, failure }))
  }
}

function describe(error: unknown): SqlFailure {
  if (!(error instanceof Error)) return { message: String(error), resultCode: null }
  const resultCode = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : null
  return { message: error.message, resultCode }
}

function answer(request: DatabaseRequest): DatabaseReply {
  const { id } = request
  switch (request.kind) {
    case 'query':
      return { id, kind: 'result', result: run(request.statement) }
    case 'write':
      return { id, kind: 'written', outcomes: write(request.batches) }
    case 'close':
      statements.clear()
      database.close()
      return { id, kind: 'closed' }
  }
}

port.on('message', (request: DatabaseRequest) => {
  try {
    port.postMessage(answer(request))
  } catch (error) {
    const failed: DatabaseReply = { id: request.id, kind: 'failed', failure: describe(error) }
    port.postMessage(failed)
  }
  if (request.kind === 'close') port.close()
})
