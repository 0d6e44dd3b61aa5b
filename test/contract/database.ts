// What every database owes those who read and write it: run on SQLite and on PostgreSQL.
import { sql, type Compilable } from 'kysely'
import type { Test } from 'tap'
import { openAuditLog } from '../../control-api/access/audit-log.ts'
import type { Database } from '../../control-api/db/database.ts'
import { createIdempotencyStore } from '../../control-api/db/idempotency-store.ts'
import { openFeed } from '../../control-api/feed/feed.ts'
import { epochMs, newCallId } from '../../core/contracts/index.ts'
import { createClock } from '../../core/time/index.ts'

export interface OpenOptions {
  readonly maxPending?: number
}
export type OpenStore = (t: Test, options?: OpenOptions) => Promise<Database>

export const insertKey = ({ query }: Database, id: string, secretHash = 'x'): Compilable =>
  query.insertInto('api_keys').values({
    id,
    role: 'admin',
    secret_hash: secretHash,
    created_at: 1_700_000_000_000.125,
    revoked_at: null,
  })

const keys = ({ query }: Database) =>
  query.selectFrom('api_keys').select('id').orderBy('id').execute()

export function databaseContract(t: Test, open: OpenStore): void {
  writes(t, open)
  values(t, open)
  stores(t, open)
}

function writes(t: Test, open: OpenStore): void {
  t.test('writes that come together share commits, and all are there', async (t) => {
    const database = await open(t)
    const before = database.stats()
    await Promise.all(
      Array.from({ length: 1000 }, (_, i) => database.write([insertKey(database, `k${i}`)])),
    )
    const { batches, commits } = database.stats()
    t.equal(batches - before.batches, 1000)
    t.ok(commits - before.commits <= 10, 'in few transactions', { commits })
    t.equal((await keys(database)).length, 1000)
  })

  t.test('a batch is whole or not at all, and its neighbours do not suffer', async (t) => {
    const database = await open(t)
    const first = database.write([insertKey(database, 'a')])
    const before = database.write([insertKey(database, 'b')])
    const twice = database.write([insertKey(database, 'c'), insertKey(database, 'a')])
    const last = database.write([insertKey(database, 'd')])
    await first
    await before
    await t.rejects(twice, { code: 'INTERNAL', message: 'A database statement failed' })
    await last
    t.same(await keys(database), [{ id: 'a' }, { id: 'b' }, { id: 'd' }])
    await t.rejects(database.write([insertKey(database, 'a')]), { code: 'INTERNAL' }, 'alone too')
    await database.write([insertKey(database, 'e')])
  })

  t.test('each write is seen by the next one, and resolves in its turn', async (t) => {
    const database = await open(t)
    const { query } = database
    await database.write([insertKey(database, 'a', '0')])
    const order: number[] = []
    await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        database
          .write([
            query
              .updateTable('api_keys')
              .set({ secret_hash: String(i + 1) })
              .where('id', '=', 'a')
              .where('secret_hash', '=', String(i)),
          ])
          .then(([result]) => {
            t.equal(result?.changes, 1)
            order.push(i)
          }),
      ),
    )
    t.same(order, [...order.keys()])
    const { secret_hash: last } = await query
      .selectFrom('api_keys')
      .select('secret_hash')
      .executeTakeFirstOrThrow()
    t.equal(last, '50')
  })

  t.test('a queue that is full refuses instead of growing', async (t) => {
    const database = await open(t, { maxPending: 10 })
    const all = await Promise.allSettled(
      Array.from({ length: 500 }, (_, i) => database.write([insertKey(database, `k${i}`)])),
    )
    const refused = all.filter(({ status }) => status === 'rejected')
    t.ok(refused.length > 0 && refused.length < 500)
    t.match(refused[0], { reason: { code: 'DATABASE_UNAVAILABLE', retryAfterSeconds: 1 } })
    t.equal((await keys(database)).length, 500 - refused.length)
  })

  t.test('what was queued is written before it closes; then all is refused', async (t) => {
    const database = await open(t)
    const written = Promise.all(
      Array.from({ length: 100 }, (_, i) => database.write([insertKey(database, `k${i}`)])),
    )
    await Promise.all([database.close(), t.resolves(written)])
    await t.rejects(database.write([insertKey(database, 'z')]), { code: 'DATABASE_UNAVAILABLE' })
    await t.rejects(database.ping(), { code: 'DATABASE_UNAVAILABLE' })
    await t.rejects(keys(database))
  })
}

function values(t: Test, open: OpenStore): void {
  t.test('numbers come back as numbers, to the microsecond; texts as they were', async (t) => {
    const database = await open(t)
    const { query } = database
    const text = 'Ünïcode 👋 "quoted" \\ \'; --\n'
    await database.write([
      insertKey(database, 'a', text),
      query.insertInto('audit_log').values({
        position: 1_800_000_000_000_123,
        at: 1_800_000_000_000.125,
        key_id: 'a',
        action: 'a',
        target: null,
        detail: '{}',
      }),
    ])
    const row = await query.selectFrom('api_keys').selectAll().executeTakeFirstOrThrow()
    t.strictSame(
      { text: row.secret_hash, at: row.created_at, revoked: row.revoked_at },
      { text, at: 1_700_000_000_000.125, revoked: null },
    )
    const { rows } = await sql<Record<string, unknown>>`
      SELECT count(*) AS n, max(position) AS position, sum(at) AS at, max(position) > 1 AS yes,
        sum(position) AS total FROM audit_log`.execute(query)
    const position = 1_800_000_000_000_123
    t.strictSame(
      { ...rows[0] },
      { n: 1, position, at: 1_800_000_000_000.125, yes: 1, total: position },
    )
  })

  t.test('a zero character breaks nothing', async (t) => {
    const database = await open(t)
    await database.write([insertKey(database, 'a', 'one\0two')])
    const row = await database.query
      .selectFrom('api_keys')
      .select('secret_hash')
      .executeTakeFirstOrThrow()
    t.match(row.secret_hash, /^one.two$/s)
  })

  t.test('texts are ordered byte by byte', async (t) => {
    const database = await open(t)
    const ids = ['a', 'B', '9', ':', 'é', '_', 'Z']
    await database.write(ids.map((id) => insertKey(database, id)))
    const found = (await keys(database)).map(({ id }) => id)
    t.same(found, ['9', ':', 'B', 'Z', '_', 'a', 'é'])
  })

  t.test('rows that belong to none are refused', async (t) => {
    const database = await open(t)
    const orphan = { call_id: 'none', seq: 0, at: 1, type: 'x', data: '{}' }
    await t.rejects(database.write([database.query.insertInto('call_events').values(orphan)]), {
      code: 'INTERNAL',
    })
  })
}

function stores(t: Test, open: OpenStore): void {
  t.test('a key of idempotency is claimed once, however many ask', async (t) => {
    const database = await open(t)
    const store = createIdempotencyStore(database, createClock())
    const callId = newCallId()
    const claims = await Promise.all(
      Array.from({ length: 20 }, () => store.claim('k', { to: '1' }, callId)),
    )
    t.equal(claims.filter(({ kind }) => kind === 'claimed').length, 1)
    await store.complete('k', { status: 202, body: '{}' })
    t.match(await store.claim('k', { to: '1' }, callId), {
      kind: 'replay',
      answer: { status: 202 },
    })
    t.match(await store.claim('k', { to: '2' }, callId), { kind: 'mismatch' })
    await store.claim('other', {}, null)
    await store.release('other')
    t.match(await store.claim('other', {}, null), { kind: 'claimed' })
  })

  t.test('the feed keeps its order', async (t) => {
    const database = await open(t)
    const feed = await openFeed(database, createClock())
    t.same(await feed.bounds(), { first: 0, last: 0 })
    await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        database.write([feed.appended('webhook.test', epochMs(n), null, { n })]),
      ),
    )
    const all = await feed.since(0, 100)
    t.same(
      all.map(({ data }) => data['n']),
      [...Array(60).keys()],
    )
    const behind = await feed.since(all[9]?.position ?? 0, 5)
    t.same(
      behind.map(({ data }) => data['n']),
      [10, 11, 12, 13, 14],
    )
    t.match(await feed.bounds(), { first: all[0]?.position, last: all.at(-1)?.position })
    const again = feed.appended('call.ended', epochMs(60), newCallId(), { n: 60 }, 0)
    await database.write([again])
    const [last] = await feed.since(all.at(-1)?.position ?? 0, 5)
    t.match(last, { type: 'call.ended', data: { n: 60 } }, 'no event 0 of it is there: told')
  })

  t.test('the audit log goes newest first', async (t) => {
    const database = await open(t)
    const log = await openAuditLog(database, createClock())
    for (const target of ['a', 'b', 'c'])
      await database.write([log.noted({ keyId: 'k' }, 'key.created', target, { n: 1 })])
    const again = await openAuditLog(database, createClock())
    const [newest, ...older] = await again.page({}, null, 10)
    t.match(newest, { target: 'c', key_id: 'k', detail: '{"n":1}' })
    t.same(
      older.map(({ target }) => target),
      ['b', 'a'],
    )
    t.same(
      (await again.page({}, newest?.position ?? 0, 1)).map(({ target }) => target),
      ['b'],
    )
  })
}
