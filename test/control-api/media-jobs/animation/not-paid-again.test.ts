// What was paid is not paid again: after a cancel that came too late, with a disk that is full, of a file that stays damaged.
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { errorOf } from '../../../../control-api/media-jobs/animation/animation-row.ts'
import { diskFaultOf } from '../../../../control-api/media-jobs/animation/effects/disk-fault.ts'
import { MEDIA_TIMING } from '../../../../control-api/media-jobs/media-timing.ts'
import { buildStand, isOverRow } from './animation-stand.ts'

const isState = (state: string) => (row: { readonly state: string }) => row.state === state

t.test('a retry goes on with what was canceled, but could not be removed', async (t) => {
  const stand = await buildStand(t)
  const taskId = await stand.ask({ prompt: 'Hello. [fault:late:1500]' })
  await stand.until(taskId, isState('processing'))
  await stand.animations.desk.cancel(taskId, 'key_2')
  const canceled = await stand.until(taskId, isOverRow)
  t.match(canceled, { state: 'canceled', provider_job_id: String })
  const before = Date.now()
  const retried = await stand.animations.desk.retry(taskId, 'key_2')
  t.match(retried, { state: 'processing', provider_job_id: canceled.provider_job_id })
  // The clock of the jobs is not quite this one.
  t.ok((retried.deadline_at ?? 0) >= before + 59_000, 'it has as long again')
  t.match(await stand.until(taskId, isOverRow), { state: 'done', submissions: 1 })
  t.equal(stand.vendors.dId.billed.length, 1)
  t.ok((await stand.steps(taskId)).includes('processing.retried'))
})

t.test('a file that stays damaged is fetched again by a retry', async (t) => {
  const stand = await buildStand(t)
  const taskId = await stand.ask({ prompt: 'Hello. [fault:damaged:3]' })
  t.equal(errorOf(await stand.until(taskId, isState('failed')))?.kind, 'damaged_result')
  await stand.animations.desk.retry(taskId, 'key_2')
  t.match(await stand.until(taskId, isOverRow), { state: 'done', submissions: 1 })
  t.equal(stand.vendors.dId.billed.length, 1)
})

t.test('a disk that is full is said, and waited for', async (t) => {
  const timing = { stepRetryMs: { first: 300, max: 300 } }
  const stand = await buildStand(t, { timing, isHeld: true })
  const taskId = await stand.ask()
  // Whatever is written there finds no room.
  const part = join(stand.workFolder, `${taskId}.video.part`)
  await symlink('/dev/full', part)
  stand.jobs.start()
  const waiting = await stand.until(taskId, ({ error }) => error !== null)
  t.match(waiting, { state: 'downloading', tries: 1 })
  t.match(errorOf(waiting), { kind: 'storage', message: /disk of this server is full.*retry/ })
  t.match(await stand.until(taskId, isOverRow), { state: 'done', error: null, submissions: 1 })
  t.ok((await stand.steps(taskId)).includes('downloading.disk_failed'))
  t.equal(stand.vendors.dId.billed.length, 1)
})

t.test('a work folder that fails is said, and waited for', async (t) => {
  const timing = { stepRetryMs: { first: 300, max: 300 } }
  const stand = await buildStand(t, { timing, isHeld: true })
  const taskId = await stand.ask()
  await symlink('/nowhere/video', join(stand.workFolder, `${taskId}.video.part`))
  stand.jobs.start()
  const waiting = await stand.until(taskId, ({ error }) => error !== null)
  t.match(errorOf(waiting), { kind: 'storage', message: /ENOENT.*"retry"/ })
  t.match(await stand.until(taskId, isOverRow), { state: 'done', error: null })
})

t.test('only what a disk says is a fault of the disk', async (t) => {
  const full = Object.assign(new Error('no'), { code: 'ENOSPC' })
  t.match(diskFaultOf(new Error('wrapped', { cause: full })), { message: /full/, isPassing: true })
  t.match(diskFaultOf(Object.assign(new Error('no'), { code: 'EROFS' })), { message: /EROFS/ })
  t.equal(diskFaultOf(Object.assign(new Error('no'), { code: 'ECONNREFUSED' })), undefined)
  t.equal(diskFaultOf('ENOSPC'), undefined)
})

t.test('three tries span minutes', async (t) => {
  const { first, max } = MEDIA_TIMING.stepRetryMs
  t.ok((first + Math.min(max, first * 4)) * 0.75 > 100_000)
})
