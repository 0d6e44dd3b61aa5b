// A data folder with a long history, made once from a seed and kept for the next run: the tables by the product's own
// migrations, the rows straight into them.
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { indexedWords } from '../../control-api/calls/transcript/word-search.ts'
import { openDatabase } from '../../control-api/db/database.ts'
import type { CallRow } from '../../control-api/db/schema.ts'
import { createLogger } from '../../core/telemetry/index.ts'
import { seededRandom, type Random } from '../../proof/seeded-random.ts'
import { callIdOf, randomCall, randomSentence } from './random-call.ts'

const SEED = 20_260_401
/** Of these calls one has a transcript; of those one has its events, too. */
const TRANSCRIPT_EVERY = 20
const EVENTS_EVERY = 50
const TURNS = 6
const EVENTS = 10
const ROWS_A_TRANSACTION = 20_000
export const DATABASE_FILE = 'voicegate.sqlite'

export interface History {
  readonly dataDir: string
  readonly rows: number
  readonly megabytes: number
  /** Null: it was there. */
  readonly madeInSeconds: number | null
}

export async function openHistory(
  rows: number,
  progress: (text: string) => void,
): Promise<History> {
  const dataDir = join(tmpdir(), `voicegate-bench-history-${rows}`)
  const file = join(dataDir, DATABASE_FILE)
  const stamp = join(dataDir, 'made-from')
  const made = await fingerprint()
  const mark = join(stamp, made)
  let madeInSeconds: number | null = null
  if (!existsSync(mark)) {
    rmSync(dataDir, { recursive: true, force: true })
    const startedAt = performance.now()
    await migrated(dataDir)
    fill(file, rows, progress)
    mkdirSync(stamp)
    writeFileSync(mark, '')
    madeInSeconds = (performance.now() - startedAt) / 1000
  }
  return { dataDir, rows, megabytes: statSync(file).size / 2 ** 20, madeInSeconds }
}

async function migrated(dataDir: string): Promise<void> {
  const database = await openDatabase(createLogger('silent'), { dataDir })
  await database.close()
}

/** Of the tables and of what fills them: another version makes the history anew. */
async function fingerprint(): Promise<string> {
  const probe = join(tmpdir(), `voicegate-bench-schema-${process.pid}`)
  try {
    await migrated(probe)
    const db = new DatabaseSync(join(probe, DATABASE_FILE), { readOnly: true })
    const tables = db.prepare('select sql from sqlite_master order by name').all()
    db.close()
    const sample = randomCall(seededRandom(SEED), 1, 2)
    const what = JSON.stringify([
      tables,
      sample,
      SEED,
      TRANSCRIPT_EVERY,
      EVENTS_EVERY,
      TURNS,
      EVENTS,
    ])
    return createHash('sha256').update(what).digest('hex').slice(0, 16)
  } finally {
    rmSync(probe, { recursive: true, force: true })
  }
}

function fill(file: string, rows: number, progress: (text: string) => void): void {
  const db = new DatabaseSync(file)
  // Nothing here is worth a sync: when it breaks off, it is made anew.
  db.exec('PRAGMA synchronous=OFF; PRAGMA cache_size=-262144; PRAGMA foreign_keys=OFF')
  const random = seededRandom(SEED)
  const insert = new Inserts(db)
  for (let at = 0; at < rows; at += ROWS_A_TRANSACTION) {
    db.exec('BEGIN')
    const end = Math.min(rows, at + ROWS_A_TRANSACTION)
    for (let one = at; one < end; one++) insertCall(insert, random, one, rows)
    db.exec('COMMIT')
    progress(`${end} of ${rows} calls are made`)
  }
  db.exec('ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)')
  db.close()
}

function insertCall(insert: Inserts, random: Random, at: number, rows: number): void {
  const row = randomCall(random, at, rows)
  const talks = at % TRANSCRIPT_EVERY === 0
  insert.row('calls', { ...row, has_transcript: talks ? 1 : 0 })
  if (!talks) return
  const texts = Array.from({ length: TURNS }, () => randomSentence(random))
  for (const [seq, text] of texts.entries())
    insert.row('call_turns', turn(row.call_id, seq, row.created_at + seq * 3000, text))
  const words = indexedWords(texts.map((text) => ({ text, heardText: null })))
  insert.row('call_words', { rowid: row.position, words })
  if (at % (TRANSCRIPT_EVERY * EVENTS_EVERY) !== 0) return
  for (let seq = 0; seq < EVENTS; seq++)
    insert.row('call_events', {
      ...{ call_id: callIdOf(at), seq, at: row.created_at + seq * 100 },
      ...{ type: 'sip.provisional', data: '{"status":180}' },
    })
}

const turn = (callId: string, seq: number, at: number, text: string) => ({
  ...{ call_id: callId, seq, role: seq % 2 === 0 ? 'caller' : 'agent', at, ended_at: at + 2500 },
  ...{ text, tentative: 0, interrupted: 0, heard: 'all' },
})

type Values = CallRow | Readonly<Record<string, SQLInputValue>>

class Inserts {
  readonly #db: DatabaseSync
  readonly #prepared = new Map<string, StatementSync>()

  constructor(db: DatabaseSync) {
    this.#db = db
  }

  row(table: string, values: Values): void {
    const columns = Object.keys(values)
    const sql = `INSERT INTO ${table} (${columns.join()}) VALUES (${columns.map(() => '?').join()})`
    const statement = this.#prepared.get(sql) ?? this.#db.prepare(sql)
    this.#prepared.set(sql, statement)
    statement.run(...(Object.values(values) as SQLInputValue[]))
  }
}
