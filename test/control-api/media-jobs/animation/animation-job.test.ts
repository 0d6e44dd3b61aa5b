// The job of an animation against the simulated providers: to its end by whatever goes wrong, and paid for once.
import t from 'tap'
import type { AnimationState } from '../../../../control-api/media-jobs/animation/animation.ts'
import { errorOf } from '../../../../control-api/media-jobs/animation/animation-row.ts'
import { buildStand, isOverRow, type Stand } from './animation-stand.ts'

const PROVIDERS = ['d-id', 'heygen'] as const
type Provider = (typeof PROVIDERS)[number]

const vendorOf = ({ vendors }: Stand, provider: Provider) =>
  provider === 'd-id' ? vendors.dId : vendors.heyGen

for (const provider of PROVIDERS)
  t.test(`${provider}: a photo speaks`, async (t) => {
    const stand = await buildStand(t, { tools: 'ffmpeg' })
    const taskId = await stand.ask({ provider })
    const row = await stand.until(taskId, isOverRow)
    t.match(row, { state: 'done', error: null, submissions: 1, deadline_at: null })
    t.strictSame(await stand.steps(taskId), [
      'queued.asked',
      'submitting.begun',
      'submitting.uploaded',
      'submitting.intended',
      'processing.begun',
      ...(await stand.steps(taskId)).filter((step) => step === 'processing.told'),
      'downloading.begun',
      'validating.begun',
      'storing.begun',
      'done',
    ])
    const item = await stand.library.find(row.result_media_id ?? '')
    t.match(item, { kind: 'video', origin: 'animation', task_id: taskId, memorial_id: 'mem-1' })
    t.equal(await stand.mediaStore.size(item?.key ?? ''), item?.bytes)
    t.ok(((await stand.mediaStore.size(item?.preview_key ?? '')) ?? 0) > 0)
    await stand.settled()
    t.strictSame(await stand.left(taskId), [], 'nothing is left in the work folder')
    t.notMatch(stand.logged(), /a job failed/)
    t.equal(vendorOf(stand, provider).billed.length, 1)
    const page = (await stand.metrics.render()).body
    t.match(page, new RegExp(`animations_total\\{[^}]*provider="${provider}",result="done"\\} 1`))
    t.match(page, new RegExp(`submissions_total\\{provider="${provider}",result="accepted"\\} 1`))
    const states = stand.announced.flatMap(({ type, data }) =>
      type === 'animation.changed' ? [data['state']] : [],
    )
    t.strictSame([states[0], states.at(-1)], ['queued', 'done'])
  })

interface Fault {
  readonly fault: string
  readonly state: AnimationState
  readonly error?: string
  /** That are paid for. */
  readonly jobs?: number | Readonly<Record<Provider, number>>
  readonly steps?: readonly string[]
}

const FAULTS: readonly Fault[] = [
  // HeyGen judges while it renders.
  { fault: 'moderation', state: 'failed', error: 'moderation', jobs: { 'd-id': 0, heygen: 1 } },
  {
    fault: 'text-moderation',
    state: 'failed',
    error: 'moderation',
    jobs: { 'd-id': 0, heygen: 1 },
  },
  { fault: 'no-credit', state: 'failed', error: 'credits' },
  { fault: 'bad-face', state: 'failed', error: 'bad_image', jobs: { 'd-id': 0, heygen: 1 } },
  { fault: 'permission', state: 'failed', error: 'permission' },
  { fault: 'wrong-key', state: 'failed', error: 'auth' },
  { fault: 'rate-limited', state: 'done', jobs: 1, steps: ['submitting.rate_limited'] },
  { fault: 'unavailable', state: 'done', jobs: 1, steps: ['submitting.unsettled'] },
  { fault: 'unavailable-after', state: 'done', jobs: 1, steps: ['submitting.unsettled'] },
  { fault: 'reset', state: 'done', jobs: 1, steps: ['submitting.unsettled'] },
  { fault: 'answer-lost', state: 'done', jobs: 1, steps: ['submitting.unsettled'] },
  { fault: 'hangs', state: 'done', jobs: 1 },
  { fault: 'hangs-after', state: 'done', jobs: 1 },
  { fault: 'slow-answer:200', state: 'done', jobs: 1 },
  { fault: 'rejected', state: 'failed', error: 'moderation', jobs: 1 },
  { fault: 'no-result-url', state: 'done', jobs: 1 },
  { fault: 'unknown-status', state: 'done', jobs: 1 },
  { fault: 'expired-link', state: 'done', jobs: 1, steps: ['downloading.failed'] },
  { fault: 'gone', state: 'done', jobs: 1, steps: ['downloading.failed'] },
  { fault: 'gone:9', state: 'failed', error: 'download', jobs: 1 },
  { fault: 'result-unavailable', state: 'done', jobs: 1, steps: ['downloading.failed'] },
  { fault: 'truncated', state: 'done', jobs: 1, steps: ['downloading.failed'] },
  { fault: 'short', state: 'done', jobs: 1 },
  { fault: 'wrong-length', state: 'done', jobs: 1 },
  { fault: 'damaged', state: 'done', jobs: 1, steps: ['downloading.again'] },
  // The same file each time: nobody pays again unasked.
  { fault: 'damaged:3', state: 'failed', error: 'damaged_result', jobs: 1 },
  { fault: 'damaged:99', state: 'failed', error: 'damaged_result', jobs: 1 },
  { fault: 'html', state: 'done', jobs: 1, steps: ['downloading.again'] },
  { fault: 'endless', state: 'failed', error: 'download', jobs: 1 },
]

for (const provider of PROVIDERS)
  t.test(`${provider}: whatever goes wrong`, async (t) => {
    // All at once; those that get no answer wait so long for it.
    const stand = await buildStand(t, { submitMs: 3000, maxJobs: 8 })
    const vendor = vendorOf(stand, provider)
    const asked: { readonly taskId: string; readonly at: Fault }[] = []
    for (const at of FAULTS) {
      const prompt = `Hello there. [fault:${at.fault}]`
      asked.push({ at, taskId: await stand.ask({ provider, prompt }) })
    }
    for (const { taskId, at } of asked)
      await t.test(`${at.fault} ends as ${at.error ?? at.state}`, async (t) => {
        const { state, error, jobs = 0, steps = [] } = at
        const row = await stand.until(taskId, isOverRow)
        const taken = await stand.steps(taskId)
        t.equal(row.state, state, taken.join(' '))
        t.equal(errorOf(row)?.kind, error)
        const paid = vendor.jobs.filter(({ clientRef }) => clientRef?.startsWith(taskId) === true)
        t.equal(paid.length, typeof jobs === 'number' ? jobs : jobs[provider], 'jobs that are paid')
        for (const step of steps) t.ok(taken.includes(step), `${step} of ${taken.join(' ')}`)
        t.ok(row.submissions <= 3)
        const written = JSON.stringify([row.error, row.result])
        t.notMatch(written, /https?:\/\//, 'no address is kept')
      })
    t.notMatch(stand.logged(), /https?:\/\/|Hello there|a job failed/, 'nothing of it is logged')
    await stand.settled()
    for (const { taskId } of asked) t.strictSame(await stand.left(taskId), [])
  })
