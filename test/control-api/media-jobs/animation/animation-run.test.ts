// The end of an animation and its video are written together: a run that has lost its lease adds nothing.
import { rm } from 'node:fs/promises'
import t, { type Test } from 'tap'
import { openDatabase } from '../../../../control-api/db/database.ts'
import { AnimationRun } from '../../../../control-api/media-jobs/animation/animation-run.ts'
import { openAnimationStore } from '../../../../control-api/media-jobs/animation/animation-store.ts'
import type { Effects } from '../../../../control-api/media-jobs/animation/effects/effects.ts'
import type { ConfiguredProviders } from '../../../../control-api/media-jobs/animation/ports.ts'
import { createProviderPlaces } from '../../../../control-api/media-jobs/animation/provider-places.ts'
import { createWorkFiles } from '../../../../control-api/media-jobs/animation/work-files.ts'
import { createMediaItemStore } from '../../../../control-api/media-jobs/library/media-item-store.ts'
import { MEDIA_TIMING } from '../../../../control-api/media-jobs/media-timing.ts'
import { epochMs } from '../../../../core/contracts/index.ts'
import { createLogger } from '../../../../core/telemetry/index.ts'
import { freshDataDir } from '../../../support/build-app.ts'
import { plantAnimation } from '../../../support/media-rows.ts'
import { needsPostgres, startPostgres } from '../../../support/postgres.ts'
import { FACTS, FINISHED, NOW } from './rows.ts'

const MEDIA = `med_${'b'.repeat(24)}`
/** All that is left to do is to store it. */
const STORING = {
  ...FINISHED,
  state: 'storing',
  result_media_id: MEDIA,
  result: JSON.stringify({ facts: FACTS, bytes: 1000, sha256: 'aa' }),
  updated_at: NOW - 1000,
} as const
/** Asked of nobody here. */
const NO_PROVIDERS: ConfiguredProviders = {
  list: () => [],
  find: () => undefined,
  configOf: () => undefined,
  webhookUrl: () => undefined,
}

async function openWorld(t: Test, url?: string) {
  const dataDir = await freshDataDir(t)
  t.teardown(() => rm(dataDir, { recursive: true, force: true }))
  const logger = createLogger('silent')
  const database = await openDatabase(logger, { dataDir, url })
  t.teardown(() => database.close())
  const store = await openAnimationStore(database)
  const items = createMediaItemStore(database)
  const announced: string[] = []
  const ended: string[] = []
  const taskId = await plantAnimation(database, STORING)
  /** @param meanwhile while its files go into the store */
  const run = (meanwhile: () => Promise<unknown>) =>
    new AnimationRun(
      {
        ...{ database, store, logger, providers: NO_PROVIDERS, timing: MEDIA_TIMING },
        places: createProviderPlaces(database),
        files: createWorkFiles(dataDir),
        library: {
          itemAdded: (...added) => items.addedWith(...added),
          changed: (mediaId) => announced.push(mediaId),
        },
        effects: {
          async store() {
            await meanwhile()
            return { kind: 'stored' }
          },
        } satisfies Partial<Effects> as unknown as Effects,
        // Every run in the same millisecond.
        clock: { now: () => epochMs(NOW) },
        onChange: (_before, { state }) => ended.push(state),
        stopOf: () => new AbortController().signal,
        onEnd: () => undefined,
      },
      {
        ...{ jobId: 'job_1', kind: 'animation.d-id', data: { task_id: taskId }, attempt: 1 },
        askedAt: epochMs(NOW),
      },
      { signal: new AbortController().signal, extend: () => Promise.resolve(true) },
    ).go()
  const cancel = async () => {
    const row = await store.find(taskId)
    if (row) await database.write(store.changed(row, { set: { state: 'canceled' }, now: NOW }))
  }
  const left = async () => ({
    state: (await store.find(taskId))?.state,
    items: (await database.query.selectFrom('media_items').selectAll().execute()).map(
      ({ media_id: id, task_id: of, state }) => ({ id, of, state }),
    ),
  })
  return { run, cancel, left, announced, ended, taskId }
}

const nothing = () => Promise.resolve()

async function endsOnce(t: Test, url?: string): Promise<void> {
  const { run, left, announced, ended, taskId } = await openWorld(t, url)
  const itsVideo = { state: 'done', items: [{ id: MEDIA, of: taskId, state: 'ready' }] }
  t.same(await run(nothing), { kind: 'done' })
  t.same(await left(), itsVideo)
  t.same([announced, ended], [[MEDIA], ['done']])
}

async function changedMeanwhile(t: Test, url?: string): Promise<void> {
  const { run, cancel, left, announced, ended } = await openWorld(t, url)
  t.same(await run(cancel), { kind: 'done' })
  t.same(await left(), { state: 'canceled', items: [] })
  t.same([announced, ended], [[], []])
}

async function endedMeanwhile(t: Test, url?: string): Promise<void> {
  const { run, left, announced, ended, taskId } = await openWorld(t, url)
  t.same(await run(() => run(nothing)), { kind: 'done' })
  t.same(await left(), { state: 'done', items: [{ id: MEDIA, of: taskId, state: 'ready' }] })
  t.same([announced, ended], [[MEDIA], ['done']])
}

const CASES = [
  ['what is stored is done, and in the library', endsOnce],
  ['canceled by another while it was stored: no video of it is added', changedMeanwhile],
  ['another run has ended it in the same moment: once is enough', endedMeanwhile],
] as const

for (const [name, examine] of CASES) t.test(name, (t) => examine(t))

t.test('the same on PostgreSQL', needsPostgres, async (t) => {
  const server = await startPostgres(t)
  for (const [at, [name, examine]] of CASES.entries())
    await t.test(name, async (t) => examine(t, await server.createDatabase(`run_${at}`)))
})
