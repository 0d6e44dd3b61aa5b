// Idempotency-Key at the simulated HeyGen: what is sent again is made once.
import t from 'tap'
import { openHeyGen } from './heygen-client.ts'

t.test(
  'the same key within a day repeats the answer, even if the body differs; then it is new',
  async (t) => {
    let now = Date.now()
    const { heygen, submit } = await openHeyGen(t, { now: () => now })
    const first = await submit('Hello', {}, 'task-1')
    const again = await submit('Something else', {}, 'task-1')
    t.same(again.body, first.body)
    t.equal(heygen.billed.length, 1)
    t.match(heygen.submissionsOf('task-1'), [
      { jobId: first.body.data.video_id, isReplay: false },
      { jobId: first.body.data.video_id, isReplay: true },
    ])
    t.not((await submit('Hello', {}, 'task-2')).body.data.video_id, first.body.data.video_id)
    now += 24 * 3_600_000
    t.not((await submit('Hello', {}, 'task-1')).body.data.video_id, first.body.data.video_id)
    t.equal(heygen.billed.length, 3)
  },
)

t.test('while the first is under way the second hears so', async (t) => {
  const { heygen, submit, asset } = await openHeyGen(t)
  await asset()
  const first = submit('Hello [fault:slow-answer:400]', {}, 'task-1')
  while (heygen.jobs.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  t.match(await submit('Hello', {}, 'task-1'), {
    status: 409,
    body: { error: { code: 'request_in_progress' } },
  })
  const { body } = await first
  t.same((await submit('Hello', {}, 'task-1')).body, body)
  t.equal(heygen.billed.length, 1)
})

t.test('an answer that was lost is repeated; what made nothing may be made', async (t) => {
  const { heygen, submit } = await openHeyGen(t)
  await t.rejects(submit('Hello [fault:answer-lost]', {}, 'a-1'))
  t.match(heygen.submissionsOf('a-1'), [{ jobId: String, status: 0 }])
  const { body } = await submit('Hello [fault:answer-lost]', {}, 'a-1')
  t.equal(body.data.video_id, heygen.billed[0])
  t.equal((await submit('Hello [fault:unavailable-after]', {}, 'b-1')).status, 502)
  t.equal(
    (await submit('Hello [fault:unavailable-after]', {}, 'b-1')).body.data.video_id,
    heygen.billed[1],
  )
  t.equal((await submit('Hello [fault:unavailable]', {}, 'c-1')).status, 503)
  t.equal((await submit('Hello [fault:unavailable]', {}, 'c-1')).status, 200)
  await t.rejects(submit('Hello [fault:reset]', {}, 'd-1'))
  t.equal((await submit('Hello [fault:reset]', {}, 'd-1')).status, 200)
  t.equal(heygen.billed.length, 4)
})

t.test('a refusal is forgotten, or repeated where told; a malformed key is refused', async (t) => {
  const text = 'Hello [fault:rate-limited]'
  const { submit } = await openHeyGen(t)
  t.equal((await submit(text, {}, 'a-1')).status, 429)
  t.equal((await submit(text, {}, 'a-1')).status, 200)
  const keeps = await openHeyGen(t, { replaysRefusals: true })
  t.equal((await keeps.submit(text, {}, 'a-1')).status, 429)
  t.equal((await keeps.submit(text, {}, 'a-1')).status, 429)
  for (const key of ['a b', 'a'.repeat(256), 'a/b'])
    t.match(await submit('Hello', {}, key), { status: 400 }, key.slice(0, 10))
})

t.test('its scope is the route: one key for an endpoint and a video', async (t) => {
  const { heygen, ask, submit } = await openHeyGen(t)
  const endpoint = { url: 'https://voicegate.example/x', events: ['avatar_video.fail'] }
  const headers = { 'idempotency-key': 'k' }
  const first = await ask('POST', '/v3/webhooks/endpoints', endpoint, headers)
  const second = await ask('POST', '/v3/webhooks/endpoints', endpoint, headers)
  t.same(second.body, first.body)
  t.equal((await submit('Hello', {}, 'k')).status, 200)
  t.equal(heygen.billed.length, 1)
})
