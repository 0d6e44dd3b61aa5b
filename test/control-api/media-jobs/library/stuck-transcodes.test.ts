// Transcodings that a server took down with it, time after time: said to have failed, and begun anew by whoever asks.
import t, { type Test } from 'tap'
import { plantPhoto } from '../../../support/media-rows.ts'
import { NO_FFMPEG } from '../video/made-videos.ts'
import { openStage, until, type Stage } from './stage.ts'

const FACTS = JSON.stringify({ isWebSafe: false })

const plantVideo = (stage: Stage, state: 'running' | 'waiting' | null, bytes = 5) =>
  plantPhoto(stage.database, stage.mediaStore, {
    ...{ kind: 'video', facts: FACTS, duration_ms: 1000, transcode_state: state, bytes },
    transcode_progress: state === null ? null : 0.5,
  })

async function plantJob(stage: Stage, mediaId: string, state: 'parked' | 'waiting') {
  const { database, jobs } = stage
  const dedupeKey = `transcode ${mediaId}`
  await jobs.enqueue({ kind: 'media.transcode', data: { media_id: mediaId }, dedupeKey })
  await database.write([
    database.query
      .updateTable('jobs')
      .set({ state, attempts: 3 })
      .where('dedupe_key', '=', dedupeKey),
  ])
}

const jobsOf = (stage: Stage) =>
  stage.database.query.selectFrom('jobs').select(['state', 'attempts', 'data']).execute()

const transcodeOf = async (stage: Stage, mediaId: string) => {
  const item = await stage.library.find(mediaId)
  return { state: item?.transcode_state, error: item?.transcode_error }
}

const ask = (stage: Stage, mediaId: string) =>
  stage.request(`/api/v1/media/${mediaId}/transcode`, { method: 'POST' })

async function begunAnew(t: Test, stage: Stage, mediaId: string): Promise<void> {
  t.equal((await ask(stage, mediaId)).status, 202)
  t.same(await transcodeOf(stage, mediaId), { state: 'waiting', error: null })
  const jobs = await jobsOf(stage)
  t.match(jobs, [{ state: 'waiting', data: JSON.stringify({ media_id: mediaId }) }])
  t.equal(Number(jobs[0]?.attempts), 0)
}

t.test('one whose job is parked is said to have failed', async (t) => {
  const stage = await openStage(t, { jobs: false })
  const [stuck, alive] = [await plantVideo(stage, 'running'), await plantVideo(stage, 'waiting')]
  await plantJob(stage, stuck, 'parked')
  await plantJob(stage, alive, 'waiting')
  t.equal(await stage.library.endTranscodes(), 1)
  t.match(await transcodeOf(stage, stuck), { state: 'failed', error: /ended each time/ })
  t.same(await transcodeOf(stage, alive), { state: 'waiting', error: null })
  t.match(await jobsOf(stage), [{ state: 'waiting' }], 'the parked one is given up')
  t.match(stage.announced, [{ data: { media_id: stuck, transcode_state: 'failed' } }])
  t.equal(await stage.library.endTranscodes(), 0)
})

t.test('and begins anew when it is asked for again', { skip: NO_FFMPEG }, async (t) => {
  const stage = await openStage(t, { jobs: false })
  const stuck = await plantVideo(stage, 'running')
  await plantJob(stage, stuck, 'parked')
  await stage.library.endTranscodes()
  await begunAnew(t, stage, stuck)
})

t.test('also before that is said, or without any job', { skip: NO_FFMPEG }, async (t) => {
  const parked = await openStage(t, { jobs: false })
  const stuck = await plantVideo(parked, 'running')
  await plantJob(parked, stuck, 'parked')
  await begunAnew(t, parked, stuck)
  const bare = await openStage(t, { jobs: false })
  await begunAnew(t, bare, await plantVideo(bare, 'waiting'))
})

t.test('one that is under way is not begun twice', { skip: NO_FFMPEG }, async (t) => {
  const stage = await openStage(t, { jobs: false })
  const alive = await plantVideo(stage, 'running')
  await plantJob(stage, alive, 'waiting')
  t.equal((await ask(stage, alive)).status, 202)
  t.match(await transcodeOf(stage, alive), { state: 'running' })
  t.equal((await jobsOf(stage)).length, 1)
})

t.test('one that the disk has no room for is not begun', { skip: NO_FFMPEG }, async (t) => {
  const stage = await openStage(t)
  const large = await plantVideo(stage, null, 2 ** 51)
  t.equal((await ask(stage, large)).status, 202)
  await until('it failed', async () => (await transcodeOf(stage, large)).state === 'failed')
  t.match(await transcodeOf(stage, large), { error: /disk is full/ })
  t.same(await stage.working(), [])
})
