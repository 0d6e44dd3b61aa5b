// What goes wrong at the simulated HeyGen on purpose, as far as it is not the same as at D-ID.
import t from 'tap'
import { bytesOf, SOME_VIDEO } from '../animation-studio/samples.ts'
import { openHeyGen, type Body } from './heygen-client.ts'

t.test('moderation and faces are judged while it renders; credit, plan, key at once', async (t) => {
  const { heygen, ask, submit, video } = await openHeyGen(t)
  for (const [fault, code] of [
    ['moderation', 'content_moderation_failed'],
    ['text-moderation', 'content_moderation_failed'],
    ['celebrity', 'content_moderation_failed'],
    ['bad-face', 'face_not_detected'],
    ['rejected', 'content_moderation_failed'],
    ['render-error', 'rendering_failed'],
  ] as const) {
    const id = await video(`Hello [fault:${fault}]`)
    t.match((await ask('GET', `/v3/videos/${id}`)).body.data, {
      status: 'failed',
      failure_code: code,
      failure_message: String,
      video_url: null,
    })
  }
  const paid = heygen.billed.length
  for (const [fault, status, code] of [
    ['no-credit', 402, 'insufficient_credit'],
    ['permission', 403, 'forbidden'],
    ['wrong-key', 401, 'unauthorized'],
    ['rate-limited', 429, 'rate_limit_exceeded'],
  ] as const)
    t.match(await submit(`Hello [fault:${fault}]`), { status, body: { error: { code } } })
  t.equal(heygen.billed.length, paid)
})

t.test('or all at once', async (t) => {
  const { heygen, submit } = await openHeyGen(t, { moderatesAt: 'submission' })
  for (const fault of ['moderation', 'text-moderation', 'celebrity', 'bad-face'])
    t.match(await submit(`Hello [fault:${fault}]`), {
      status: 400,
      body: { error: { code: String } },
    })
  t.same(heygen.billed, [])
})

t.test('never finishes, late, without a result, a status nobody knows', async (t) => {
  const { heygen, ask, submit, video } = await openHeyGen(t)
  const get = async (id: string): Promise<Body> => (await ask('GET', `/v3/videos/${id}`)).body.data
  const { video_id: stuck } = (await submit('Hello [fault:never-finishes]')).body.data
  await t.rejects(heygen.waitForEnd(stuck, 100), { code: 'TIMED_OUT' })
  t.match(await get(stuck), { status: 'processing', completed_at: null })
  t.ok(heygen.finish(stuck))
  await heygen.waitForEnd(stuck)
  t.match(await get(stuck), { status: 'completed' })
  t.match(await get(await video('Hello [fault:late:10]')), { status: 'completed' })
  const bare = await video('Hello [fault:no-result-url]')
  t.match(await get(bare), { status: 'completed', video_url: null })
  t.match(await get(bare), { status: 'completed', video_url: String })
  const odd = await video('Hello [fault:unknown-status:1]')
  t.match(await get(odd), { status: 'postponed', video_url: null })
  t.match(await get(odd), { status: 'completed' })
})

t.test('a spoilt result, and a link that has expired', async (t) => {
  const { ask, video } = await openHeyGen(t)
  const id = await video('Hello [fault:expired-link] [fault:truncated]')
  const link = async (): Promise<string> =>
    (await ask('GET', `/v3/videos/${id}`)).body.data.video_url as string
  t.equal((await fetch(await link())).status, 403)
  const url = await link()
  await t.rejects(fetch(url).then((response) => response.arrayBuffer()))
  t.ok((await bytesOf(await fetch(url))).equals(SOME_VIDEO))
})

t.test('requests go wrong as told; uploads too', async (t) => {
  const { heygen, ask, upload } = await openHeyGen(t)
  heygen.fail({ kind: 'http', status: 500 }, { of: 'POST /v3/assets' })
  heygen.fail({ kind: 'rate-limited', retryAfterSeconds: 2 }, { of: 'GET /v3/videos/{id}' })
  t.equal((await upload(SOME_VIDEO, 'image/jpeg')).status, 500)
  const limited = await ask('GET', '/v3/videos/x')
  t.equal(limited.headers.get('retry-after'), '2')
  t.match(limited.body, { error: { code: 'rate_limit_exceeded' } })
  t.equal((await ask('GET', '/v3/videos/x')).status, 404)
  t.equal(heygen.counts['GET /v3/videos/{id}'], 2)
})
