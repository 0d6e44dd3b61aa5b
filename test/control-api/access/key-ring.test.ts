import { setImmediate as nextTurn } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { hashOf, writeKey } from '../../../control-api/access/api-key.ts'
import { openKeyRing } from '../../../control-api/access/key-ring.ts'
import { openDatabase, type Database } from '../../../control-api/db/database.ts'
import type { ApiKeysTable } from '../../../control-api/db/schema.ts'
import { epochMs } from '../../../core/contracts/index.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { eventually } from '../../support/build-app.ts'
import { migratedDataDir } from '../../support/data-folder.ts'

const KEY = writeKey('abc', 's'.repeat(43))
const ROW: ApiKeysTable = {
  id: 'abc',
  role: 'operator',
  name: null,
  secret_hash: hashOf(KEY).toString('hex'),
  budget: '{"callsPerDay":3}',
  created_at: 1,
  last_used_at: null,
  expires_at: null,
  revoked_at: null,
}

async function openRing(t: Test) {
  const logger = createLogger('silent')
  const database = await openDatabase(logger, { dataDir: await migratedDataDir(t) })
  t.teardown(() => database.close())
  await database.write([database.query.insertInto('api_keys').values(ROW)])
  const time = { now: 1_700_000_000_000 }
  const clock = { now: () => epochMs(time.now), anchor: { wallMs: 0, monotonicNs: 0n } }
  const written: unknown[] = []
  const spied: Pick<Database, 'query' | 'write'> = {
    query: database.query,
    write: (queries) => {
      written.push(queries)
      return database.write(queries)
    },
  }
  const keys = await openKeyRing(
    { database: spied, clock, logger },
    { requireKey: true, apiKey: 'x' },
  )
  const update = (changes: Partial<ApiKeysTable>) =>
    database.write([database.query.updateTable('api_keys').set(changes).where('id', '=', 'abc')])
  return { database, keys, time, written, update }
}

t.test('what another node changed is seen within seconds, and told', async (t) => {
  const { keys, time, update } = await openRing(t)
  const ended: string[] = []
  const stop = keys.onEnded((keyId) => ended.push(keyId))
  t.match(keys.identify(KEY), { kind: 'good', key: { budget: { callsPerDay: 3 } } })
  await update({ revoked_at: time.now })
  t.equal(keys.identify(KEY).kind, 'good', 'not asked for each request')
  time.now += 5001
  const isOver = () => Promise.resolve(keys.identify(KEY).kind === 'revoked')
  await eventually('revoked', isOver)
  t.same(ended, ['abc'])
  t.equal(keys.find('abc'), undefined)
  time.now += 5001
  keys.identify(KEY)
  await nextTurn()
  t.same(ended, ['abc'], 'once')
  stop()
})

t.test('what was read before a change of ours does not undo it', async (t) => {
  const { keys, time } = await openRing(t)
  time.now += 5001
  t.equal(keys.identify(KEY).kind, 'good', 'this one begins to read again')
  keys.changed({ ...ROW, revoked_at: time.now })
  for (let at = 0; at < 50; at++) {
    await new Promise((resolve) => setTimeout(resolve, 2))
    t.equal(keys.identify(KEY).kind, 'revoked')
  }
})

t.test('however many keys are over, those in force stay', async (t) => {
  const { database, keys, time } = await openRing(t)
  const over = Array.from({ length: 6000 }, (_, at) => ({
    ...ROW,
    id: `over${at}`,
    created_at: 2 + at,
    ...(at % 2 === 0 ? { expires_at: time.now } : { revoked_at: time.now }),
  }))
  for (let at = 0; at < over.length; at += 1000) {
    const some = over.slice(at, at + 1000)
    await database.write([database.query.insertInto('api_keys').values(some)])
  }
  const ended: string[] = []
  keys.onEnded((keyId) => ended.push(keyId))
  time.now += 5001
  t.equal(keys.identify(KEY).kind, 'good')
  const first = keys.find('abc')
  await eventually('read again', () => Promise.resolve(keys.find('abc') !== first))
  t.equal(keys.identify(KEY).kind, 'good')
  t.same(ended, [])
})

t.test('the last use is written at most once a minute', async (t) => {
  const { keys, time, written, database } = await openRing(t)
  const found = keys.identify(KEY)
  if (found.kind !== 'good') throw new Error('the key is not known')
  for (let at = 0; at < 100; at++) keys.noteUse(found.key)
  t.equal(written.length, 1)
  t.equal(keys.lastUse('abc'), time.now)
  time.now += 60_001
  keys.noteUse(found.key)
  t.equal(written.length, 2)
  const row = await database.query.selectFrom('api_keys').selectAll().executeTakeFirstOrThrow()
  t.ok(row.last_used_at)
})

t.test('a database that is gone keeps nobody out', async (t) => {
  const { keys, time, database } = await openRing(t)
  await database.close()
  time.now += 60_001
  const found = keys.identify(KEY)
  t.equal(found.kind, 'good')
  if (found.kind === 'good') keys.noteUse(found.key)
  await nextTurn()
  t.equal(keys.identify(KEY).kind, 'good')
})
