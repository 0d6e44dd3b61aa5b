// The ways of an animation beside the straight one: canceled, retried, deleted, late, woken, waiting for a place, without its
// provider, without its job.
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { once } from 'node:events'
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { setTimeout as sleep } from 'node:timers/promises'
import sharp from 'sharp'
import t, { type Test } from 'tap'
import { errorOf } from '../../../../control-api/media-jobs/animation/animation-row.ts'
import { openAnimationStore } from '../../../../control-api/media-jobs/animation/animation-store.ts'
import { newTaskId } from '../../../../control-api/media-jobs/media-keys.ts'
import { buildStand, isOverRow, type Stand } from './animation-stand.ts'

const isState = (state: string) => (row: { readonly state: string }) => row.state === state

const detailOf = async ({ database }: Stand, taskId: string, step: string) => {
  const rows = await database.query
    .selectFrom('animation_steps')
    .select('detail')
    .where('task_id', '=', taskId)
    .where('step', '=', step)
    .execute()
  return rows.map(({ detail }) => JSON.parse(detail) as Record<string, unknown>).at(-1)
}

t.test('what is queued is canceled at once', async (t) => {
  const stand = await buildStand(t, { isHeld: true })
  const taskId = await stand.ask()
  t.match(await stand.animations.desk.cancel(taskId, 'key_2'), {
    state: 'canceled',
    submissions: 0,
  })
  stand.jobs.start()
  await stand.settled()
  t.equal(stand.vendors.dId.submissions.length, 0)
  await t.rejects(stand.animations.desk.cancel(taskId, 'key_2'), { code: 'STATE_CONFLICT' })
})

t.test('what renders is canceled, and said to be billed perhaps', async (t) => {
  const stand = await buildStand(t)
  for (const provider of ['d-id', 'heygen'] as const) {
    const taskId = await stand.ask({ provider, prompt: 'Hello. [fault:never-finishes]' })
    await stand.until(taskId, isState('processing'))
    await stand.animations.desk.cancel(taskId, 'key_2')
    const row = await stand.until(taskId, isOverRow)
    t.match(row, { state: 'canceled', error: null })
    t.match(await detailOf(stand, taskId, 'canceled'), { message: /may still be billed/ })
  }
})

t.test('what is canceled while it is submitted is not lost', async (t) => {
  const stand = await buildStand(t)
  const taskId = await stand.ask({
    prompt: 'Hello. [fault:slow-answer:600] [fault:never-finishes]',
  })
  await stand.until(taskId, ({ submitting_since: since }) => since !== null)
  await stand.animations.desk.cancel(taskId, 'key_2')
  t.match(await stand.until(taskId, isOverRow), { state: 'canceled', submissions: 1 })
  t.ok((await stand.steps(taskId)).includes('processing.begun'), 'its answer was waited for')
  t.equal(stand.vendors.dId.billed.length, 1)
})

t.test('a download is canceled in the middle', async (t) => {
  const stand = await buildStand(t)
  const taskId = await stand.ask({ prompt: 'Hello. [fault:stalled:9]' })
  await stand.until(taskId, isState('downloading'))
  await sleep(100)
  await stand.animations.desk.cancel(taskId, 'key_2')
  t.match(await stand.until(taskId, isOverRow), { state: 'canceled' })
  await stand.settled()
  t.strictSame(await stand.left(taskId), [])
})

t.test('a late result still completes it', async (t) => {
  const stand = await buildStand(t, { deadlineMs: 300 })
  const taskId = await stand.ask({ prompt: 'Hello. [fault:late:2500]' })
  const failed = await stand.until(taskId, isState('failed'))
  t.equal(errorOf(failed)?.kind, 'deadline')
  t.ok((failed.watched_until ?? 0) > failed.updated_at)
  t.match(await stand.until(taskId, isState('done')), { error: null, watched_until: null })
  t.ok((await stand.steps(taskId)).includes('downloading.late'))
  t.equal(stand.vendors.dId.billed.length, 1)
})

t.test('a retry of what is finished there is not paid again', async (t) => {
  const stand = await buildStand(t)
  const taskId = await stand.ask({ prompt: 'Hello. [fault:gone:3]' })
  t.equal(errorOf(await stand.until(taskId, isState('failed')))?.kind, 'download')
  t.match(await stand.animations.desk.retry(taskId, 'key_2'), { error: null, finished_at: null })
  t.match(await stand.until(taskId, isOverRow), { state: 'done', submissions: 1 })
  t.equal(stand.vendors.dId.billed.length, 1)
  t.match(await detailOf(stand, taskId, 'downloading.retried'), { paid_already: true })
  await t.rejects(stand.animations.desk.retry(taskId, 'key_2'), { code: 'STATE_CONFLICT' })
})

t.test('a retry of what was refused is a fresh set of submissions', async (t) => {
  const stand = await buildStand(t, { dId: { credits: 0 } })
  const taskId = await stand.ask()
  t.equal(errorOf(await stand.until(taskId, isState('failed')))?.kind, 'credits')
  stand.vendors.dId.credits = 5
  await stand.animations.desk.retry(taskId, 'key_2')
  const row = await stand.until(taskId, isOverRow)
  t.match(row, { state: 'done', submissions: 2, client_ref: `${taskId}-2` })
})

t.test('the record is deleted when it is over, and its video stays', async (t) => {
  const stand = await buildStand(t)
  const taskId = await stand.ask({ prompt: 'Hello. [fault:late:300]' })
  await t.rejects(stand.animations.desk.remove(taskId, 'key_2'), { code: 'STATE_CONFLICT' })
  const row = await stand.until(taskId, isOverRow)
  await stand.animations.desk.remove(taskId, 'key_2')
  t.equal(await stand.find(taskId), undefined)
  t.strictSame(await stand.steps(taskId), [])
  t.ok(await stand.library.find(row.result_media_id ?? ''))
  await t.rejects(stand.animations.desk.find(taskId), { code: 'NOT_FOUND' })
})

t.test('a webhook saves the wait, whatever is under way', async (t) => {
  const timing = { pollMs: { first: 60_000, max: 60_000 } }
  const stand = await buildStand(t, { timing })
  const taskId = await stand.ask()
  const { provider_job_id: providerJobId } = await stand.until(taskId, isState('processing'))
  await stand.vendors.dId.waitForEnd(providerJobId ?? '')
  await stand.animations.wake({ provider: 'heygen', taskId })
  await stand.animations.wake({ provider: 'd-id', providerJobId: 'tlk_other' })
  t.match(
    await stand.find(taskId),
    { state: 'processing', woken_at: null },
    'others do not wake it',
  )
  await stand.animations.wake({ provider: 'd-id', providerJobId: providerJobId ?? '' })
  t.match(await stand.until(taskId, isOverRow), { state: 'done' })
  t.match((await stand.metrics.render()).body, /polls_total\{[^}]*cause="webhook"\} 1/)
})

t.test('a webhook before the answer is not lost', async (t) => {
  const stand = await buildStand(t, { timing: { pollMs: { first: 60_000, max: 60_000 } } })
  const taskId = await stand.ask({ prompt: 'Hello. [fault:slow-answer:500]' })
  await stand.until(taskId, ({ submitting_since: since }) => since !== null)
  await stand.animations.wake({ provider: 'd-id', taskId })
  t.match(await stand.until(taskId, isOverRow), { state: 'done' })
})

t.test('so many at a time, the oldest first', async (t) => {
  // Asked for while nothing runs: else one may be over before the next is asked for.
  const stand = await buildStand(t, { maxJobs: 2, dId: { renderMs: 30 }, isHeld: true })
  const tasks: string[] = []
  for (let n = 0; n < 8; n += 1) tasks.push(await stand.ask())
  stand.jobs.start()
  for (const taskId of tasks) t.match(await stand.until(taskId, isOverRow), { state: 'done' })
  const active = new Set<unknown>()
  const begun: string[] = []
  let most = 0
  for (const { type, data } of stand.announced) {
    const { task_id: id, state } = data
    if (type !== 'animation.changed') continue
    if (state === 'submitting' && !active.has(id)) begun.push(String(id))
    if (state === 'submitting' || state === 'processing') active.add(id)
    else active.delete(id)
    most = Math.max(most, active.size)
  }
  t.equal(most, 2)
  t.strictSame(begun.toSorted(), tasks.toSorted(), 'each once')
  // Of two for whom there is a place, either may be quicker.
  for (const [at, id] of begun.entries()) {
    const passed = tasks.slice(0, tasks.indexOf(id)).filter((older) => begun.indexOf(older) > at)
    t.ok(passed.length <= 1, `${passed.length} older ones wait`)
  }
})

t.test('without its provider it waits, and says what is missing', async (t) => {
  const stand = await buildStand(t, { isHeld: true })
  const taskId = await stand.ask()
  await stand.close()
  const without = await buildStand(t, { unconfigured: ['d-id'] }, stand)
  const row = await without.until(taskId, ({ error }) => error !== null)
  t.match(errorOf(row), { message: /DID_API_KEY is missing/ })
  t.equal(row.state, 'queued')
  await t.rejects(without.ask(), { code: 'PROVIDER_NOT_CONFIGURED', message: /DID_API_KEY/ })
  await without.close()
  const back = await buildStand(t, {}, stand)
  t.match(await back.until(taskId, isOverRow), { state: 'done', error: null })
})

t.test('a row that lost its job gets one; one whose job was given up has failed', async (t) => {
  const stand = await buildStand(t, { isHeld: true })
  const [lost, parked] = [await stand.ask(), await stand.ask()]
  const { database } = stand
  const jobs = database.query.deleteFrom('jobs').where('dedupe_key', '=', `animation ${lost}`)
  const park = database.query
    .updateTable('jobs')
    .set({ state: 'parked' })
    .where('dedupe_key', '=', `animation ${parked}`)
  await database.write([jobs, park])
  await stand.animations.reviveAnimations()
  t.equal(await stand.jobsLeft(), 1)
  t.match(await stand.find(parked), { state: 'failed', error: /again and again/ })
  stand.jobs.start()
  t.match(await stand.until(lost, isOverRow), { state: 'done' })
  await stand.settled()
  await stand.animations.reviveAnimations()
  t.equal(await stand.jobsLeft(), 0, 'what is over gets none')
})

t.test('of two who change the same row, one does, with its step', async (t) => {
  const stand = await buildStand(t, { isHeld: true })
  const taskId = await stand.ask()
  const store = await openAnimationStore(stand.database)
  const row = (await store.find(taskId))!
  // Both in the same millisecond.
  const now = Date.now()
  const change = (step: string, set: object) =>
    stand.database.write([...store.changed(row, { set, step: { step, detail: {} }, now })])
  t.match(await change('one', { tries: 1 }), [{ changes: 1 }, { changes: 1 }])
  t.match(await change('other', { tries: 2 }), [{ changes: 0 }, { changes: 0 }])
  t.match(await store.find(taskId), { tries: 1 })
  t.strictSame(await stand.steps(taskId), ['queued.asked', 'one'])
  const read = (await store.find(taskId))!
  await stand.animations.wake({ provider: 'd-id', taskId })
  const blind = store.changed(read, { set: { woken_at: null }, now })
  t.match(await stand.database.write([...blind]), [{ changes: 0 }], 'a wake in between is heard')
})

t.test('words are spoken by ElevenLabs, once', async (t) => {
  let times = 0
  const speech = {
    async speakTo(path: string) {
      times += 1
      const args = '-v error -y -f lavfi -i sine=d=1 -f mp3'.split(' ')
      await promisify(execFile)('ffmpeg', [...args, path])
      return { bytes: 1 }
    },
  }
  const stand = await buildStand(t, { speech })
  for (const provider of ['d-id', 'heygen'] as const) {
    const taskId = await stand.ask({ provider, speech: 'elevenlabs' })
    const row = await stand.until(taskId, isOverRow)
    t.match(row, { state: 'done' }, String(row.error))
    t.type(row.audio_ref, 'string')
    await stand.settled()
    t.strictSame(await stand.left(taskId), [])
  }
  t.equal(times, 2)
})

async function photoServer(t: Test): Promise<string> {
  const photo = await sharp({ create: { width: 300, height: 300, channels: 3, background: 'red' } })
    .png()
    .toBuffer()
  const server = createServer((request, response) => {
    if (request.url === '/moved') response.writeHead(302, { location: '/photo.png' }).end()
    else if (request.url === '/away')
      response.writeHead(302, { location: 'http://169.254.169.254/' }).end()
    else if (request.url === '/page') response.end('<html>')
    else response.end(photo)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
}

t.test('a photo behind a link becomes a photo that is kept', async (t) => {
  const stand = await buildStand(t)
  const url = await photoServer(t)
  const taskId = await stand.ask({ imageUrl: `${url}/moved`, memorialId: 'mem-2' })
  const row = await stand.until(taskId, isOverRow)
  t.match(row, { state: 'done', image_url: null, memorial_id: 'mem-2' }, String(row.error))
  t.match(await stand.library.find(row.media_id ?? ''), { origin: 'link', kind: 'photo' })
  for (const path of ['/away', '/page']) {
    const refused = await stand.until(await stand.ask({ imageUrl: url + path }), isOverRow)
    t.equal(errorOf(refused)?.kind, 'photo')
    t.notMatch(refused.error, /127\.0\.0\.1|169\.254/)
  }
})

t.test('what would fail for certain is refused before it costs anything', async (t) => {
  const stand = await buildStand(t)
  const video = await stand.until(await stand.ask(), isOverRow)
  const before = stand.vendors.dId.requests.length
  const mediaId = await stand.photo()
  const refused = (asked: object, code: string, field?: string) =>
    t.rejects(
      stand.animations.desk.ask({ prompt: 'Hello.', mediaId, ...asked }, 'ani_x', 'key_1'),
      { code, ...(field === undefined ? {} : { details: { field } }) },
      JSON.stringify(asked),
    )
  await refused({ imageUrl: 'https://example.org/p.jpg' }, 'REQUEST_INVALID', 'media_id')
  await refused({ mediaId: undefined }, 'REQUEST_INVALID', 'media_id')
  await refused({ mediaId: 'med_none' }, 'NOT_FOUND', 'media_id')
  await refused({ mediaId: video.result_media_id }, 'REQUEST_INVALID', 'media_id')
  const link = { mediaId: undefined, imageUrl: 'http://10.0.0.1/p.jpg' }
  await refused(link, 'ENDPOINT_REFUSED', 'image_url')
  await refused({ prompt: ' a ' }, 'REQUEST_INVALID', 'prompt')
  await refused({ prompt: 'a'.repeat(20_000) }, 'REQUEST_INVALID', 'prompt')
  await refused({ speech: 'elevenlabs' }, 'PROVIDER_NOT_CONFIGURED', 'speech')
  t.equal(stand.vendors.dId.requests.length, before)
})

t.test('what webhooks may reach, links to photos may not', async (t) => {
  const stand = await buildStand(t, { isHeld: true, webhookAllowHosts: ['10.0.0.7', 'n8n:5678'] })
  for (const imageUrl of ['http://10.0.0.7/p.jpg', 'https://10.0.0.7/p.jpg', 'http://n8n:5678/p'])
    await t.rejects(stand.ask({ imageUrl }), { code: 'ENDPOINT_REFUSED' }, imageUrl)
})

t.test('a round of the sweep tidies up what is over, and leaves what is not', async (t) => {
  const stand = await buildStand(t, { isHeld: true })
  const [gone, waiting] = [newTaskId(), await stand.ask()]
  for (const taskId of [gone, waiting])
    await writeFile(join(stand.workFolder, `${taskId}.speech`), 'words')
  const kept = await stand.left(waiting)
  t.not((await stand.left(gone)).length, 0)
  await stand.animations.reviveAnimations()
  t.same(await stand.left(gone), [])
  t.same(await stand.left(waiting), kept)
})
