// What goes wrong at the simulated D-ID on purpose: at submission, on the way, while rendering, with the result.
import t from 'tap'
import { needs } from '../../support/process.ts'
import { bytesOf, examine, SOME_VIDEO } from '../animation-studio/samples.ts'
import { openDId, type Answer, type Body } from './did-client.ts'

t.test(
  'a submission is refused for each reason by the words of its text, and costs nothing',
  async (t) => {
    const { did, submit } = await openDId(t)
    const cases = [
      ['moderation', 451, 'ImageModerationError'],
      ['text-moderation', 451, 'TextModerationError'],
      ['celebrity', 451, 'CelebrityRecognizedError'],
      ['no-credit', 402, 'InsufficientCreditsError'],
      ['bad-face', 400, 'InvalidFaceError'],
      ['permission', 403, 'PermissionError'],
      ['wrong-key', 401, 'AuthorizationError'],
    ] as const
    for (const [fault, status, kind] of cases)
      for (const again of [1, 2])
        t.match(await submit(`Hello [fault:${fault}]`, { user_data: `${fault}-${again}` }), {
          status,
          body: { kind, description: String },
        })
    t.same(did.billed, [])
    t.equal(did.jobs.length, 0)
  },
)

t.test('429 as often as told, with Retry-After, for each task of its own', async (t) => {
  const { did, submit } = await openDId(t)
  const text = 'Hello [fault:rate-limited:2]'
  const statuses = async (task: string, tries: number): Promise<number[]> => {
    const all: number[] = []
    for (let n = 0; n < tries; n += 1) {
      const answer = await submit(text, { user_data: task })
      if (answer.status === 429) t.equal(answer.headers.get('retry-after'), '1')
      if (answer.status === 429) t.match(answer.body, { message: String })
      all.push(answer.status)
    }
    return all
  }
  t.same(await statuses('a-1', 3), [429, 429, 201])
  t.same(await statuses('b-1', 3), [429, 429, 201])
  t.same(await statuses('b-2', 1), [201], 'another submission of a task that had its share')
  did.failJobs([{ kind: 'rate-limited', retryAfterSeconds: 7 }])
  t.equal((await submit('Hello', { user_data: 'c-1' })).headers.get('retry-after'), '7')
  const own = await openDId(t, { rateLimitShape: 'own' })
  t.match((await own.submit(text)).body, { kind: 'TooManyRequestsError' })
})

t.test('no job and no answer, or a job whose answer is lost: the record says which', async (t) => {
  const { did, submit } = await openDId(t)
  const lost = async (fault: string): Promise<Answer | 'lost'> =>
    submit(`Hello [fault:${fault}]`, { user_data: `${fault}-1` }).catch(() => 'lost')
  t.match(await lost('unavailable'), { status: 503 })
  t.equal(await lost('reset'), 'lost')
  t.equal(did.billed.length, 0)
  t.match(await lost('unavailable-after'), { status: 502, body: /<html>/ })
  t.equal(await lost('answer-lost'), 'lost')
  t.equal(did.billed.length, 2)
  t.match(did.submissionsOf('reset-1'), [{ jobId: null, status: 0 }])
  t.match(did.submissionsOf('answer-lost-1'), [{ jobId: did.billed[1], status: 0 }])
  t.match(did.submissionsOf('unavailable-after-1'), [{ jobId: did.billed[0], status: 502 }])
})

t.test('no answer at all, with a job or without', async (t) => {
  const { did, ask, sourceUrl } = await openDId(t)
  const source = await sourceUrl()
  for (const [fault, jobs] of [
    ['hangs', 0],
    ['hangs-after', 1],
  ] as const) {
    const response = fetch(`${did.baseUrl}/talks`, {
      method: 'POST',
      headers: { authorization: `Basic ${did.apiKey}` },
      body: JSON.stringify({
        source_url: source,
        script: { type: 'text', input: `Hello [fault:${fault}]` },
      }),
      signal: AbortSignal.timeout(300),
    })
    await t.rejects(response, { name: 'TimeoutError' })
    t.equal(did.jobs.length, jobs, fault)
  }
  t.equal((await ask('GET', '/credits')).status, 200)
})

t.test('a job is rejected, fails, never finishes, or late', async (t) => {
  const { did, ask, submit, talk } = await openDId(t)
  const view = async (id: string): Promise<Body> => (await ask('GET', `/talks/${id}`)).body
  t.match(await view(await talk('Hello [fault:rejected]')), {
    status: 'rejected',
    error: { kind: 'ImageModerationError' },
  })
  const failing = 'Hello [fault:render-error:1]'
  t.match(await view(await talk(failing, { user_data: 'a-1' })), {
    status: 'error',
    error: { kind: 'DriverError' },
  })
  t.match(await view(await talk(failing, { user_data: 'a-2' })), { status: 'done' })
  const { id } = (await submit('Hello [fault:never-finishes]')).body
  await t.rejects(did.waitForEnd(id, 100), { code: 'TIMED_OUT' })
  t.match(await view(id), { status: 'started', pending_url: String })
  t.ok(did.finish(id))
  await did.waitForEnd(id)
  t.match(await view(id), { status: 'done' })
  t.match(await view(await talk('Hello [fault:late:20]')), { status: 'done' })
  const silent = await openDId(t, { showsError: false })
  const rejected = await silent.talk('Hello [fault:rejected]')
  t.notOk('error' in (await silent.ask('GET', `/talks/${rejected}`)).body)
})

t.test('done without a result, a status nobody knows, a link that has expired', async (t) => {
  const { ask, talk } = await openDId(t)
  const get = async (id: string): Promise<Body> => (await ask('GET', `/talks/${id}`)).body
  const bare = await talk('Hello [fault:no-result-url]')
  t.match(await get(bare), { status: 'done', result_url: undefined })
  t.match(await get(bare), { status: 'done', result_url: String })
  const odd = await talk('Hello [fault:unknown-status:1]')
  t.match(await get(odd), { status: 'postponed' })
  t.match(await get(odd), { status: 'done' })
  const expired = await talk('Hello [fault:expired-link]')
  t.equal((await fetch((await get(expired)).result_url)).status, 403)
  t.equal((await fetch((await get(expired)).result_url)).status, 200)
})

t.test('each spoilt result is spoilt once, and whole the next time', async (t) => {
  const { ask, talk } = await openDId(t)
  const linkOf = async (fault: string): Promise<string> =>
    (await ask('GET', `/talks/${await talk(`Hello [fault:${fault}]`)}`)).body.result_url as string
  const isWhole = async (url: string): Promise<boolean> =>
    (await bytesOf(await fetch(url))).equals(SOME_VIDEO)
  const truncated = await linkOf('truncated')
  const first = await fetch(truncated)
  t.equal(first.headers.get('content-length'), String(SOME_VIDEO.length))
  await t.rejects(first.arrayBuffer())
  t.ok(await isWhole(truncated))
  const short = await linkOf('short')
  const half = await fetch(short)
  t.equal(half.headers.get('content-length'), null)
  t.equal((await bytesOf(half)).length, SOME_VIDEO.length / 2)
  t.ok(await isWhole(short))
  const less = await fetch(await linkOf('wrong-length'))
  t.equal((await bytesOf(less)).length, SOME_VIDEO.length - 1000)
  const page = await fetch(await linkOf('html'))
  t.equal(page.headers.get('content-type'), 'video/mp4')
  t.match(await page.text(), /<html>/)
  t.equal((await fetch(await linkOf('gone'))).status, 404)
  t.equal((await fetch(await linkOf('result-unavailable'))).status, 503)
  const stalled = fetch(await linkOf('stalled'), { signal: AbortSignal.timeout(300) })
  await t.rejects(stalled.then((response) => response.arrayBuffer()))
})

t.test('an endless result goes on until nobody reads it', async (t) => {
  const { did, ask, talk } = await openDId(t)
  const { result_url: url } = (await ask('GET', `/talks/${await talk('Hello [fault:endless]')}`))
    .body
  const { body } = await fetch(url)
  let bytes = 0
  for await (const piece of body!) {
    bytes += (piece as Uint8Array).length
    if (bytes > 5_000_000) break
  }
  t.ok(bytes > 5_000_000)
  await did.close()
})

t.test(
  'a damaged video is a video to ffprobe, and none to ffmpeg',
  needs('ffmpeg', 'ffmpeg'),
  async (t) => {
    const { ask, talk } = await openDId(t, { isReal: true })
    const { result_url: url } = (await ask('GET', `/talks/${await talk('Hello [fault:damaged]')}`))
      .body
    const damaged = examine(t, await bytesOf(await fetch(url)))
    t.match(damaged, { isWhole: false, streams: [{ codec_name: 'h264' }, { codec_name: 'aac' }] })
    t.ok(examine(t, await bytesOf(await fetch(url))).isWhole)
  },
)

t.test('requests of any route go wrong as told, so often as told', async (t) => {
  const { did, ask } = await openDId(t)
  did.fail({ kind: 'http', status: 503 }, { times: 2, of: 'GET /credits' })
  did.fail({ kind: 'rate-limited', retryAfterSeconds: 3 })
  did.fail({ kind: 'wrong-key' })
  did.fail({ kind: 'not-json' })
  did.fail({ kind: 'slow', ms: 5 })
  t.equal((await ask('GET', '/credits')).status, 503)
  t.equal((await ask('GET', '/talks')).headers.get('retry-after'), '3')
  t.equal((await ask('GET', '/credits')).status, 503)
  t.equal((await ask('GET', '/credits')).status, 401)
  t.match(await ask('GET', '/credits'), { status: 200, body: /<html>/ })
  t.match(await ask('GET', '/credits'), { status: 200, body: { remaining: Number } })
  did.fail({ kind: 'reset' })
  await t.rejects(ask('GET', '/credits'))
  did.fail({ kind: 'reset', isProcessed: true })
  await t.rejects(ask('GET', '/credits'))
  t.equal((await ask('GET', '/credits')).status, 200)
})

t.test('a hook and a queue choose faults too; both are asked once a task', async (t) => {
  const seen: (string | null)[] = []
  const { did, submit } = await openDId(t, {
    onSubmit({ clientRef, earlier }) {
      seen.push(clientRef)
      return earlier === 0 ? [{ kind: 'unavailable' }] : []
    },
  })
  t.equal((await submit('Hello', { user_data: 'a-1' })).status, 503)
  t.equal((await submit('Hello', { user_data: 'a-2' })).status, 201)
  t.same(seen, ['a-1'])
  did.failJobs([{ kind: 'celebrity' }], 2)
  for (const [task, status] of [
    ['b', 451],
    ['c', 451],
    ['d', 201],
  ] as const)
    t.equal((await submit('Hello', { user_data: `${task}-1` })).status, status)
})

t.test('without ffmpeg a talk ends as an error that says so', async (t) => {
  const path = process.env['PATH']
  process.env['PATH'] = '/nowhere'
  t.teardown(() => (process.env['PATH'] = path))
  const { ask, talk } = await openDId(t, { isReal: true })
  const id = await talk('Hello')
  t.match((await ask('GET', `/talks/${id}`)).body, {
    status: 'error',
    error: { kind: 'UnknownError', description: /ffmpeg is not installed/ },
  })
})
