// Photos and videos go where RETENTION_DAYS names them, and only there.
import t, { type Test } from 'tap'
import { join } from 'node:path'
import { openDatabase } from '../../../control-api/db/database.ts'
import type { RetentionDays } from '../../../control-api/privacy/retention.ts'
import { sweepRetention } from '../../../control-api/privacy/retention-sweep.ts'
import { openDiskStore } from '../../../control-api/storage/disk-store.ts'
import { AppError } from '../../../core/errors/index.ts'
import { createLogger, createMetrics } from '../../../core/telemetry/index.ts'
import { freshDataDir } from '../../support/build-app.ts'
import { keysIn, plantAnimation, plantPhoto } from '../../support/media-rows.ts'
import { needsPostgres, startPostgres } from '../../support/postgres.ts'

const OF_CALLS = { audio: 1, transcripts: 1, events: 1 }
const daysAgo = (days: number): number => Date.now() - days * 24 * 3_600_000

async function openWorld(t: Test, url?: string) {
  const dataDir = await freshDataDir(t)
  const [logger, metrics] = [createLogger('silent'), createMetrics()]
  const database = await openDatabase(logger, { dataDir, url })
  t.teardown(() => database.close())
  const mediaStore = await openDiskStore(join(dataDir, 'media'))
  const sweep = (days: RetentionDays) =>
    sweepRetention(
      { database, mediaStore, logger, metrics },
      {
        days,
        now: Date.now(),
        signal: new AbortController().signal,
        extend: () => Promise.resolve(true),
      },
    )
  const plant = (days: number, more = {}) =>
    plantPhoto(database, mediaStore, { created_at: daysAgo(days), ...more })
  const ids = async () =>
    (await database.query.selectFrom('media_items').select('media_id').execute())
      .map(({ media_id: id }) => id)
      .toSorted()
  return { database, mediaStore, sweep, plant, ids }
}

async function mediaGo(t: Test, url?: string): Promise<void> {
  const { database, mediaStore, sweep, plant, ids } = await openWorld(t, url)
  const old = await Promise.all(Array.from({ length: 60 }, () => plant(31, { created_at: 5 })))
  await plant(31)
  await plant(400, { state: 'deleting' })
  const young = await plant(29)
  const atWork = await plant(500)
  await plantAnimation(database, { media_id: atWork, state: 'processing' })
  const animated = await plant(500)
  await plantAnimation(database, { media_id: animated, state: 'done' })
  t.equal((await sweep(OF_CALLS)).media, 0, 'a number for calls does not touch them')
  t.equal((await ids()).length, old.length + 5)
  t.equal((await sweep({ ...OF_CALLS, media: 30 })).media, old.length + 3)
  t.same(await ids(), [young, atWork].toSorted())
  t.equal((await keysIn(mediaStore)).length, 4)
}

async function recordsGo(t: Test, url?: string): Promise<void> {
  const { database, sweep } = await openWorld(t, url)
  const over = (days: number, more = {}) =>
    plantAnimation(database, { state: 'done', updated_at: daysAgo(days), ...more })
  const old = await Promise.all(Array.from({ length: 230 }, () => over(31)))
  await over(400, { state: 'canceled' })
  const kept = [await over(29), await over(500, { state: 'processing' })].toSorted()
  const { query } = database
  const steps = [...old.slice(0, 2), ...kept]
  await database.write(
    steps.map((id) =>
      query
        .insertInto('animation_steps')
        .values({ task_id: id, position: 1, at: 1, step: 'queued.asked', detail: '{}' }),
    ),
  )
  const idsIn = async (table: 'animations' | 'animation_steps') =>
    (await query.selectFrom(table).select('task_id').execute())
      .map(({ task_id: id }) => id)
      .toSorted()
  t.equal((await sweep(OF_CALLS)).animations, 0, 'a number for calls does not touch them')
  t.equal((await idsIn('animations')).length, old.length + 3)
  t.equal((await sweep({ ...OF_CALLS, media: 30 })).animations, old.length + 1)
  t.same(await idsIn('animations'), kept)
  t.same(await idsIn('animation_steps'), kept)
}

t.test('records of animations that are over for so long go, with their words', (t) => recordsGo(t))

t.test('what was added before goes with its files, but for what is at work', (t) => mediaGo(t))

t.test('on PostgreSQL, too', needsPostgres, async (t) => {
  const server = await startPostgres(t)
  await mediaGo(t, await server.createDatabase('media'))
  await recordsGo(t, await server.createDatabase('records'))
})

t.test(
  'a file that cannot be deleted now keeps its medium hidden, for the next time',
  async (t) => {
    const { database, mediaStore, sweep, plant, ids } = await openWorld(t)
    const [one, two] = [await plant(40), await plant(50)]
    const deleteFile = mediaStore.delete.bind(mediaStore)
    mediaStore.delete = (key) =>
      key.includes(two)
        ? Promise.reject(new AppError('STORAGE_UNAVAILABLE', 'The disk is full of holes.'))
        : deleteFile(key)
    await t.rejects(sweep({ ...OF_CALLS, media: 30 }), { code: 'STORAGE_UNAVAILABLE' })
    t.same(await ids(), [two])
    t.notMatch(await keysIn(mediaStore), [one])
    const row = await database.query.selectFrom('media_items').select('state').executeTakeFirst()
    t.same(row, { state: 'deleting' })
    mediaStore.delete = deleteFile
    t.equal((await sweep({ ...OF_CALLS, media: 30 })).media, 1)
    t.same(await keysIn(mediaStore), [])
  },
)
