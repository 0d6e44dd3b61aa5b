// How many animations are taken on, whoever asks, however fast, and whatever is deleted.
import t from 'tap'
import { createAnimationBudget } from '../../../../control-api/media-jobs/animation/animation-budget.ts'
import { newTaskId } from '../../../../control-api/media-jobs/media-keys.ts'
import { plantAnimation } from '../../../support/media-rows.ts'
import { buildStand, isOverRow } from './animation-stand.ts'

const SPENT = { code: 'ANIMATION_BUDGET_SPENT' }
const DAY_SECONDS = 24 * 3600

t.test('fifty at once are as many as the day allows', async (t) => {
  const stand = await buildStand(t, { isHeld: true, maxAnimationsADay: 3 })
  const { desk } = stand.animations
  const mediaId = await stand.photo()
  const ask = () => desk.ask({ mediaId, prompt: 'Hello there.' }, newTaskId(), 'key_1')
  const answers = await Promise.allSettled(Array.from({ length: 50 }, ask))
  const taken = answers.filter(({ status }) => status === 'fulfilled')
  t.equal(taken.length, 3)
  const rows = await stand.database.query.selectFrom('animations').selectAll().execute()
  t.equal(rows.length, 3)
  const error = await ask().then(
    () => undefined,
    (why: unknown) => why as { code: string; retryAfterSeconds: number },
  )
  t.match(error, SPENT)
  const wait = error?.retryAfterSeconds ?? 0
  t.ok(wait > DAY_SECONDS - 600 && wait <= DAY_SECONDS, `${wait} s`)
  for (const { task_id: id } of rows) {
    await desk.cancel(id, 'key_1')
    await t.rejects(desk.retry(id, 'key_1'), SPENT, 'a retry counts')
    await desk.remove(id, 'key_1')
  }
  await t.rejects(ask(), SPENT, 'what is deleted was asked for all the same')
})

t.test('what is a day old counts no more, and a retry that pays nothing never did', async (t) => {
  const stand = await buildStand(t, { maxAnimationsADay: 2 })
  const { desk } = stand.animations
  const taskId = await stand.ask()
  const row = await stand.until(taskId, isOverRow)
  t.match(row, { state: 'done' }, String(row.error))
  await stand.settled()
  const { query } = stand.database
  await stand.database.write([
    query.updateTable('animations').set({ state: 'failed' }).where('task_id', '=', taskId),
  ])
  await desk.retry(taskId, 'key_1')
  await stand.until(taskId, isOverRow)
  await stand.ask()
  await t.rejects(stand.ask(), SPENT)
  const before = (at: number) => at - (DAY_SECONDS + 1) * 1000
  const noted = await query.selectFrom('audit_log').selectAll().orderBy('position').execute()
  await stand.database.write(
    noted.map(({ position, at }) =>
      query
        .updateTable('audit_log')
        .set({ position: Math.floor(before(at) * 1000), at: before(at) })
        .where('position', '=', position),
    ),
  )
  await t.resolves(stand.ask())
})

t.test('so many may be under way; those that are over do not count', async (t) => {
  const { database, clock } = await buildStand(t, { isHeld: true })
  const budget = createAnimationBudget({ database, clock, maxADay: 1000, maxUnderWay: 2 })
  const spend = () => budget.spend(() => plantAnimation(database, {}))
  await plantAnimation(database, { state: 'done' })
  const answers = await Promise.allSettled([spend(), spend(), spend()])
  t.same(
    answers.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected'],
  )
  await t.rejects(spend(), { ...SPENT, retryAfterSeconds: 60 })
  await database.write([database.query.updateTable('animations').set({ state: 'failed' })])
  await t.rejects(
    budget.spend(() => Promise.reject(new Error('the disk'))),
    { message: 'the disk' },
  )
  await t.resolves(spend(), 'a failure holds nobody up')
})
