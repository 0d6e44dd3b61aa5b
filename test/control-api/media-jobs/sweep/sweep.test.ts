// What crashes and failures left of media jobs is mended, round by round; what is young, named or at work is let be.
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import t, { type Test } from 'tap'
import { openDatabase } from '../../../../control-api/db/database.ts'
import { SqlJobQueue } from '../../../../control-api/jobs/sql-job-queue.ts'
import { mediaKey, newMediaId } from '../../../../control-api/media-jobs/media-keys.ts'
import { openMediaSweep } from '../../../../control-api/media-jobs/sweep/open-sweep.ts'
import { unknownOf } from '../../../../control-api/media-jobs/sweep/survey.ts'
import { openDiskStore } from '../../../../control-api/storage/disk-store.ts'
import { openS3Store } from '../../../../control-api/storage/s3/open-s3-store.ts'
import { epochMs, ms, type MediaStore } from '../../../../core/contracts/index.ts'
import { createLogger, createMetrics } from '../../../../core/telemetry/index.ts'
import { createClock, type Clock } from '../../../../core/time/index.ts'
import { eventually } from '../../../support/build-app.ts'
import { keysIn, plantAnimation, plantFile, plantPhoto } from '../../../support/media-rows.ts'
import { openS3Server } from '../../../support/s3-server.ts'

const HOUR_MS = 3_600_000

interface World {
  readonly revive?: () => Promise<number>
  readonly finish?: () => Promise<number>
  readonly orphanMs?: number
  readonly sweepEveryMs?: number
  readonly orphansEveryMs?: number | undefined
  readonly store?: MediaStore
}

async function openWorld(t: Test, world: World = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), 'voicegate-sweep-'))
  let logged = ''
  const sink = new Writable({
    write(chunk, _encoding, done) {
      logged += String(chunk)
      done()
    },
  })
  const logger = createLogger('info', sink)
  const clock = createClock()
  const database = await openDatabase(logger, { dataDir, url: undefined })
  const mediaStore = world.store ?? (await openDiskStore(join(dataDir, 'media')))
  const jobs = new SqlJobQueue(
    { database, clock, logger, metrics: createMetrics() },
    { pollEvery: ms(10) },
  )
  const workFolder = join(dataDir, 'media-work')
  await mkdir(workFolder)
  let rounds = 0
  let aheadMs = 0
  const ahead: Clock = { ...clock, now: () => epochMs(clock.now() + aheadMs) }
  await openMediaSweep(
    { database, mediaStore, jobs, clock: ahead, logger },
    {
      workFolder,
      reviveAnimations: () => {
        rounds += 1
        return world.revive?.() ?? Promise.resolve(0)
      },
      finishDeletions: () => world.finish?.() ?? Promise.resolve(0),
      endTranscodes: () => Promise.resolve(0),
      // Absent: at once. Undefined: as it is outside tests.
      orphansEveryMs: 'orphansEveryMs' in world ? world.orphansEveryMs : 0,
      // A clock of files may be behind that of the process.
      timing: { sweepEveryMs: world.sweepEveryMs ?? 20, orphanMs: world.orphanMs ?? -1000 },
    },
  )
  t.teardown(async () => {
    await jobs.close()
    await database.close()
    await rm(dataDir, { recursive: true, force: true })
  })
  /** Until so many whole rounds are over. */
  const run = async (count = 1): Promise<void> => {
    const until = rounds + count + 1
    jobs.start()
    await eventually('rounds', () => Promise.resolve(rounds >= until))
  }
  return {
    ...{ database, mediaStore, workFolder, logged: () => logged },
    warned: () => logged.match(/are not deleted/g)?.length ?? 0,
    run,
    /** One round that looks for orphans, where they are looked for once an hour: an hour passes. */
    sweep: async () => {
      aheadMs += HOUR_MS + 1000
      await run()
    },
  }
}

const mediaIn = async (store: MediaStore) =>
  (await keysIn(store)).filter((key) => key.startsWith('media/'))

async function plantMarker(store: MediaStore, key: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'voicegate-marker-'))
  await writeFile(join(folder, 'one'), '')
  await store.putFile(key, join(folder, 'one'), 'application/json')
  await rm(folder, { recursive: true })
}

async function orphansGo(t: Test, store?: MediaStore) {
  const { database, mediaStore, run, logged } = await openWorld(t, { ...(store && { store }) })
  const kept = await plantPhoto(database, mediaStore)
  const deleting = await plantPhoto(database, mediaStore, { state: 'deleting' })
  const [lost, arriving, over, transcoding] = Array.from({ length: 4 }, newMediaId)
  for (const id of [lost, arriving, over]) await plantFile(mediaStore, mediaKey(id ?? '', 'mp4'))
  await plantFile(mediaStore, mediaKey(lost ?? '', 'preview.jpg'))
  await plantFile(mediaStore, mediaKey(kept, 'web.mp4'))
  await plantAnimation(database, { state: 'storing', result_media_id: arriving ?? null })
  await plantAnimation(database, { state: 'failed', result_media_id: over ?? null })
  await plantPhoto(database, mediaStore, {
    ...(transcoding !== undefined && { media_id: transcoding }),
    transcode_state: 'running',
  })
  await plantFile(mediaStore, mediaKey(transcoding ?? '', 'web.mp4'))
  const strange = ['media/of-somebody-else.jpg', 'media/med_short.jpg', 'recordings/call_1.jpg']
  for (const key of strange) await plantFile(mediaStore, key)
  await run(2)
  const left = await keysIn(mediaStore)
  t.same(
    left.filter((key) => !key.startsWith('owner/')),
    [
      ...strange,
      mediaKey(arriving ?? '', 'mp4'),
      ...[kept, deleting, transcoding ?? ''].flatMap((id) => [
        mediaKey(id, 'jpg'),
        mediaKey(id, 'preview.jpg'),
      ]),
      mediaKey(transcoding ?? '', 'web.mp4'),
    ].toSorted(),
  )
  t.match(logged(), /"orphans":4/)
  t.equal(left.length - strange.length, 9, 'and one marker')
}

t.test('files that no medium names go, on a disk', (t) => orphansGo(t))

t.test('and in a bucket', async (t) => {
  const { config } = await openS3Server(t)
  const deps = { logger: createLogger('silent'), metrics: createMetrics() }
  const store = await openS3Store(config, deps)
  t.teardown(() => {
    store.close()
  })
  await orphansGo(t, store)
})

t.test('an animation that ends while its file is looked at keeps it', async (t) => {
  const { database, mediaStore } = await openWorld(t)
  const mediaId = newMediaId()
  const keys = [mediaKey(mediaId, 'jpg')]
  const taskId = await plantAnimation(database, { state: 'storing', result_media_id: mediaId })
  const { query } = database
  const end = async () => {
    const done = query.updateTable('animations').set({ state: 'done' })
    await database.write([done.where('task_id', '=', taskId)])
    await plantPhoto(database, mediaStore, { media_id: mediaId })
  }
  let looks = 0
  const between = query.withPlugin({
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      looks += 1
      if (looks === 1) await end()
      return result
    },
  })
  t.same(await unknownOf({ database: { query: between } }, keys), [])
  t.equal(looks, 2)
})

t.test('what is young is let be', async (t) => {
  const { mediaStore, workFolder, run } = await openWorld(t, { orphanMs: 60_000 })
  const key = mediaKey(newMediaId(), 'mp4')
  await plantFile(mediaStore, key)
  await writeFile(join(workFolder, 'ani_1.video.part'), '')
  await run(3)
  t.same(await mediaIn(mediaStore), [key])
  t.same(await readdir(workFolder), ['ani_1.video.part'])
})

t.test('halves that nobody writes to any more go, whole files stay', async (t) => {
  const { workFolder, run } = await openWorld(t, { orphanMs: 60_000 })
  for (const name of ['ani_1.video.part', 'ani_1.video', 'ani_2.video.part'])
    await writeFile(join(workFolder, name), '')
  const long = new Date(Date.now() - 120_000)
  for (const name of ['ani_1.video.part', 'ani_1.video'])
    await utimes(join(workFolder, name), long, long)
  await run()
  t.same(await readdir(workFolder), ['ani_1.video', 'ani_2.video.part'])
})

t.test('orphans are looked for once an hour and not at once, the rest in each round', async (t) => {
  let finished = 0
  const finish = () => Promise.resolve((finished += 1) && 0)
  const world = await openWorld(t, { finish, orphansEveryMs: undefined })
  const { database, mediaStore, run, sweep } = world
  await plantPhoto(database, mediaStore)
  const orphan = mediaKey(newMediaId(), 'mp4')
  await plantFile(mediaStore, orphan)
  const markers = async () => (await keysIn(mediaStore)).filter((key) => key.startsWith('owner/'))
  await run(3)
  t.same(await markers(), [], 'the store is not even looked at')
  await sweep()
  await run(2)
  t.equal((await markers()).length, 1)
  t.ok((await mediaIn(mediaStore)).includes(orphan))
  await sweep()
  t.notOk((await mediaIn(mediaStore)).includes(orphan))
  t.ok(finished >= 8, String(finished))
})

t.test('a fresh database deletes nothing of a store that is another’s', async (t) => {
  const first = await openWorld(t)
  const store = first.mediaStore
  for (let at = 0; at < 3; at += 1) await plantPhoto(first.database, store)
  await first.run(2)
  const all = await keysIn(store)
  t.equal(all.length, 7, 'six files and the marker')
  const second = await openWorld(t, { store })
  await second.run(4)
  t.same(await keysIn(store), all)
  t.equal(second.warned(), 1, 'said once')
  t.match(second.logged(), /another database marked the store/)
  const orphan = mediaKey(newMediaId(), 'mp4')
  await plantFile(store, orphan)
  await first.run(2)
  t.same(await keysIn(store), all, 'its owner sweeps on')
})

t.test('two databases that both marked a store delete nothing', async (t) => {
  const { database, mediaStore, run, warned } = await openWorld(t)
  await plantPhoto(database, mediaStore)
  await run(2)
  await plantMarker(mediaStore, `owner/${'0'.repeat(64)}.json`)
  // A round that did not see the marker is over.
  await run()
  const orphan = mediaKey(newMediaId(), 'mp4')
  await plantFile(mediaStore, orphan)
  await run(3)
  t.ok((await mediaIn(mediaStore)).includes(orphan))
  t.equal(warned(), 1)
  await mediaStore.delete(`owner/${'0'.repeat(64)}.json`)
  await run(2)
  t.notOk((await mediaIn(mediaStore)).includes(orphan), 'the other one is gone')
})

t.test('a store without a marker is not taken by who does not know what is in it', async (t) => {
  const { database, mediaStore, run, logged, warned } = await openWorld(t)
  const files = Array.from({ length: 4 }, () => mediaKey(newMediaId(), 'mp4'))
  for (const key of files) await plantFile(mediaStore, key)
  await plantPhoto(database, mediaStore)
  const all = await keysIn(mediaStore)
  await run(4)
  t.same(await keysIn(mediaStore), all)
  t.equal(warned(), 1)
  const own = /owner\/[0-9a-f]{64}\.json/.exec(logged())?.[0] ?? ''
  await plantMarker(mediaStore, own)
  await run(2)
  t.equal((await mediaIn(mediaStore)).length, 2, 'an operator says that it is ours')
})

t.test('a database restored from long ago deletes nothing', async (t) => {
  // Files are planted before their rows, and every one is old here: no round may come between.
  const world = await openWorld(t, { orphansEveryMs: undefined })
  const { database, mediaStore, sweep, logged, warned } = world
  for (let at = 0; at < 5; at += 1) await plantPhoto(database, mediaStore)
  await sweep()
  const since = []
  for (let at = 0; at < 11; at += 1)
    since.push(await plantPhoto(database, mediaStore, { transcode_state: 'running' }))
  const all = await keysIn(mediaStore)
  t.equal(all.length, 33)
  await database.write([database.query.deleteFrom('media_items').where('media_id', 'in', since)])
  for (let round = 0; round < 3; round += 1) await sweep()
  t.same(await keysIn(mediaStore), all)
  t.equal(warned(), 1)
  t.match(logged(), /"files":32,"orphans":22/)
  t.notMatch(logged(), /was swept/)
})

t.test('one part that fails is said once, and holds up no other', async (t) => {
  let isAway = true
  let revived = 0
  const { mediaStore, logged, run } = await openWorld(t, {
    finish: () => (isAway ? Promise.reject(new Error('the bucket is away')) : Promise.resolve(2)),
    revive: () => Promise.resolve((revived += 1) && 0),
  })
  await run(2)
  await plantFile(mediaStore, mediaKey(newMediaId(), 'mp4'))
  await run(3)
  t.ok(revived >= 3)
  t.same(await mediaIn(mediaStore), [], 'orphans went all the same')
  t.equal(logged().match(/sweeping media jobs failed/g)?.length, 1)
  isAway = false
  await run()
  t.match(logged(), /"deletions":2/)
})

t.test('a round deletes so many and no more', async (t) => {
  const { database, mediaStore, run, logged } = await openWorld(t, { orphansEveryMs: 400 })
  const known = await plantPhoto(database, mediaStore, { transcode_state: 'running' })
  const keys = [
    ...Array.from({ length: 510 }, (_, at) => mediaKey(known, `${at}.jpg`)),
    ...Array.from({ length: 501 }, () => mediaKey(newMediaId(), 'jpg')),
  ]
  const gone: string[] = []
  const entries = mediaStore.entries.bind(mediaStore)
  Object.assign(mediaStore, {
    async *entries(prefix: string) {
      if (prefix === 'media/')
        for (const key of keys) if (!gone.includes(key)) yield { key, bytes: 1, changedAt: 0 }
      if (prefix !== 'media/') yield* entries(prefix)
    },
    delete: (key: string) => Promise.resolve(gone.push(key) > 0),
  })
  for (let round = 0; round < 100 && gone.length === 0; round += 1) await run()
  await run()
  t.match(logged(), /"orphans":500/)
  t.notOk(gone.some((key) => key.includes(known)))
})
