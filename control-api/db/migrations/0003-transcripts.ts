// Third migration: transcripts and their words, places in the lists, numbers by their end, reviews, signing keys.
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { dialectOf } from '../dialect-of.ts'

export const transcripts: Migration = {
  async up(db: Kysely<unknown>) {
    await addColumns(db)
    await fillColumns(db)
    await createIndexes(db)
    await createTurns(db)
    await db.schema
      .createTable('signing_keys')
      .addColumn('name', 'text', (c) => c.primaryKey())
      .addColumn('secret', 'text', (c) => c.notNull())
      .addColumn('created_at', 'double precision', (c) => c.notNull())
      .execute()
  },
}

/** Rows at a time. */
const CHUNK = 1000

interface OldCalls {
  calls: {
    call_id: string
    created_at: number
    from_number: string | null
    to_number: string
  }
}

async function addColumns(db: Kysely<unknown>): Promise<void> {
  const calls = () => db.schema.alterTable('calls')
  await calls()
    .addColumn('position', 'bigint', (c) => c.notNull().defaultTo(0))
    .execute()
  await calls()
    .addColumn('has_transcript', 'integer', (c) => c.notNull().defaultTo(0))
    .execute()
  for (const column of ['from_reversed', 'to_reversed'])
    await calls().addColumn(column, 'text').execute()
}

/** Written out, not imported: what a migration did must not change with the code of later versions. */
async function fillColumns(db: Kysely<OldCalls>): Promise<void> {
  let last = 0
  let rows = await oldCalls(db).execute()
  for (let end = rows.at(-1); end !== undefined; end = rows.at(-1)) {
    const filled = rows.map((row) => {
      last = Math.max(last + 1, Math.floor(row.created_at * 1000))
      const [from, to] = [reversedDigits(row.from_number ?? ''), reversedDigits(row.to_number)]
      return sql`(${row.call_id}, ${last}, ${from}, ${to})`
    })
    await sql`
      UPDATE calls SET position = new.column2, from_reversed = new.column3, to_reversed = new.column4
      FROM (VALUES ${sql.join(filled)}) AS new WHERE call_id = new.column1
    `.execute(db)
    rows = await oldCalls(db)
      .where('created_at', '>=', end.created_at)
      .where(({ eb }) =>
        eb.or([eb('created_at', '>', end.created_at), eb('call_id', '<', end.call_id)]),
      )
      .execute()
  }
}

/** The first of them, oldest first: all at once, years of calls would take gigabytes. */
const oldCalls = (db: Kysely<OldCalls>) =>
  db
    .selectFrom('calls')
    .select(['call_id', 'created_at', 'from_number', 'to_number'])
    .orderBy('created_at')
    .orderBy('call_id', 'desc')
    .limit(CHUNK)

function reversedDigits(number: string): string | null {
  const digits = /^\+?(\d{1,32})$/.exec(number)?.[1]
  return digits === undefined ? null : Array.from(digits).reverse().join('')
}

/** All lists go newest first, by `position`. What most calls have in common gets no index: reading on is faster. */
async function createIndexes(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropIndex('calls_status').execute()
  await db.schema.createIndex('calls_position').unique().on('calls').column('position').execute()
  for (const column of [
    'from_reversed',
    'to_reversed',
    'outcome',
    'review_status',
    'application_id',
  ])
    await db.schema
      .createIndex(`calls_${column}`)
      .on('calls')
      .columns([column, 'position'])
      .where(sql.ref(column), 'is not', null)
      .execute()
  await db.schema
    .createIndex('calls_provider')
    .on('calls')
    .columns(['provider', 'position'])
    .execute()
  await db.schema
    .createIndex('calls_live')
    .on('calls')
    .column('position')
    .where(sql.ref('ended_at'), 'is', null)
    .execute()
  await db.schema
    .createIndex('calls_recording')
    .on('calls')
    .column('position')
    .where(sql.ref('recording_state'), '=', sql.lit('recording'))
    .execute()
}

async function createTurns(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('call_turns')
    .addColumn('call_id', 'text', (c) => c.notNull().references('calls.call_id'))
    .addColumn('seq', 'integer', (c) => c.notNull())
    .addColumn('role', 'text', (c) => c.notNull())
    .addColumn('at', 'double precision', (c) => c.notNull())
    .addColumn('ended_at', 'double precision')
    .addColumn('text', 'text')
    .addColumn('tentative', 'integer', (c) => c.notNull())
    .addColumn('interrupted', 'integer', (c) => c.notNull())
    .addColumn('heard', 'text')
    .addColumn('heard_text', 'text')
    .addColumn('heard_text_by', 'text')
    .addColumn('heard_ms', 'double precision')
    .addColumn('spoken_ms', 'double precision')
    .addColumn('prompt_id', 'text')
    .addPrimaryKeyConstraint('call_turns_pk', ['call_id', 'seq'])
    .execute()
  await createWords(db)
}

/** The words come folded and apart (calls/transcript/word-search.ts); which a transcript has is asked, never where. */
async function createWords(db: Kysely<unknown>): Promise<void> {
  if (dialectOf(db) === 'sqlite') {
    // The tokenizer only cuts at spaces.
    await sql`
      CREATE VIRTUAL TABLE call_words USING fts5(
        words, content='', contentless_delete=1, detail=none, tokenize='ascii', prefix='1 2 3 4 5 6 7 8'
      )
    `.execute(db)
    return
  }
  await db.schema
    .createTable('call_words')
    .addColumn('rowid', 'bigint', (c) => c.primaryKey())
    .addColumn('words', sql`tsvector`, (c) => c.notNull())
    .execute()
  // Without a list of what is to be sorted in later: every search would read it, and some write would sort it.
  await sql`CREATE INDEX call_words_words ON call_words USING gin (words) WITH (fastupdate = off)`.execute(
    db,
  )
  // With the usual 100 it takes every word for one that many calls have, and reads them all for it.
  await sql`ALTER TABLE call_words ALTER COLUMN words SET STATISTICS 500`.execute(db)
}
