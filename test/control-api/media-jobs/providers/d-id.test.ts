// Our client of D-ID against the simulated one.
import t, { type Test } from 'tap'
import { startDId, type DIdOptions } from '../../../../simulators/d-id/index.ts'
import { sample } from '../../../support/build-app.ts'
import {
  A_TASK,
  A_VIDEO,
  clientOf,
  failureOf,
  HASTY,
  PATIENT,
  SPOKEN,
  someFiles,
  still,
  submissionOf,
} from './provider-stage.ts'

async function aStage(t: Test, options: DIdOptions = {}, timing = PATIENT) {
  const vendor = await startDId({ video: A_VIDEO, ...options })
  t.teardown(() => vendor.close())
  const files = await someFiles(t)
  const client = clientOf('d-id', { baseUrl: vendor.baseUrl, apiKey: vendor.apiKey, timing })
  const { provider } = client
  const photo = async () => (await provider.uploadImage(files.photo, still())).ref
  return { vendor, files, photo, ...client }
}

t.test('a photo and words become a video', async (t) => {
  const { vendor, provider, photo, metrics } = await aStage(t)
  const id = await provider.submit(submissionOf(await photo()), still())
  await vendor.waitForEnd(id)
  const job = await provider.get(id, still())
  t.match(job, { state: 'done', status: 'done', failure: null })
  const result = await fetch(String(job.resultUrl))
  t.equal(await result.text(), 'a video')
  t.match(vendor.submissions, [{ clientRef: `${A_TASK}-1`, text: SPOKEN, jobId: id }])
  const labels = 'vendor="d-id",operation="submit"'
  t.equal(await sample(metrics, `vendor_requests_total{${labels},result="ok"}`), 1)
  t.equal(await sample(metrics, `vendor_request_seconds_count{${labels}}`), 1)
})

t.test('sound of our own is sent in place of words', async (t) => {
  const { vendor, provider, photo, files } = await aStage(t)
  const { ref: audioRef, keptForMs } = await provider.uploadAudio(files.speech, still())
  t.ok(keptForMs > 0 && keptForMs < 24 * 3_600_000)
  const submission = submissionOf(await photo(), { speech: { kind: 'audio', audioRef } })
  const id = await provider.submit(submission, still())
  await vendor.waitForEnd(id)
  t.match(await provider.get(id, still()), { state: 'done' })
  t.match(vendor.submissions, [{ text: null, jobId: id }])
})

t.test(
  'a job that renders is running, and its unknown words and missing addresses too',
  async (t) => {
    const { vendor, provider, photo } = await aStage(t)
    const image = await photo()
    const submit = (n: number, text: string) =>
      provider.submit(
        submissionOf(image, {
          clientRef: `${A_TASK.slice(0, -1)}${n}-1`,
          speech: { kind: 'text', text, voiceId: null },
        }),
        still(),
      )
    const endless = await submit(1, 'to be continued [fault:never-finishes]')
    t.match(await provider.get(endless, still()), { state: 'running', resultUrl: null })
    const odd = await submit(2, 'an odd word [fault:unknown-status:1]')
    t.match(await provider.get(odd, still()), { state: 'running', status: 'postponed' })
    const bare = await submit(3, 'no address [fault:no-result-url]')
    await vendor.waitForEnd(bare)
    t.match(await provider.get(bare, still()), {
      state: 'running',
      status: 'done',
      resultUrl: null,
    })
    t.match(await provider.get(bare, still()), { state: 'done' })
  },
)

const JOBS_THAT_FAIL = [
  ['rejected', 'rejected', 'moderation', 'ImageModerationError'],
  ['render-error', 'error', 'unknown', 'DriverError'],
] as const

for (const [kind, status, failure, code] of JOBS_THAT_FAIL)
  t.test(`a job that is ${status} has failed: ${failure}`, async (t) => {
    const { vendor, provider, photo } = await aStage(t)
    vendor.failJobs([{ kind }])
    const id = await provider.submit(submissionOf(await photo()), still())
    await vendor.waitForEnd(id)
    const job = await provider.get(id, still())
    t.match(job, { state: 'failed', status, failure: { kind: failure, code } })
    t.match(job.failure?.message, /^D-ID .+\. [A-Z].+\.$/)
  })

t.test('a job that failed without a reason has failed all the same', async (t) => {
  const { vendor, provider, photo } = await aStage(t, { showsError: false })
  vendor.failJobs([{ kind: 'render-error' }])
  const id = await provider.submit(submissionOf(await photo()), still())
  await vendor.waitForEnd(id)
  t.match(await provider.get(id, still()), {
    state: 'failed',
    failure: { kind: 'unknown', code: null },
  })
})

const REFUSALS = [
  ['moderation', 'moderation', 'ImageModerationError', /other words/],
  ['text-moderation', 'moderation', 'TextModerationError', /other words/],
  ['celebrity', 'moderation', 'CelebrityRecognizedError', /another photo/],
  ['no-credit', 'credits', 'InsufficientCreditsError', /“not enough credits”.*Top up at D-ID/],
  ['bad-face', 'bad_image', 'InvalidFaceError', /“face not detected”.*single face/],
  ['permission', 'permission', 'PermissionError', /plan/],
  ['wrong-key', 'auth', 'AuthorizationError', /DID_API_KEY/],
] as const

for (const [kind, failure, code, words] of REFUSALS)
  t.test(`a submission that is refused (${kind}) is settled, and says what to do`, async (t) => {
    const { vendor, provider, photo } = await aStage(t)
    const image = await photo()
    vendor.failJobs([{ kind }])
    const thrown = await failureOf(t, provider.submit(submissionOf(image), still()))
    t.match(thrown, { kind: failure, code, isUnsettled: false, isPassing: false, message: words })
    t.equal(vendor.billed.length, 0)
  })

t.test('too many requests: nothing was done, and how long to wait is told', async (t) => {
  for (const rateLimitShape of ['own', 'gateway'] as const) {
    const { vendor, provider, photo } = await aStage(t, { rateLimitShape })
    const image = await photo()
    vendor.failJobs([{ kind: 'rate-limited', retryAfterSeconds: 7 }])
    const thrown = await failureOf(t, provider.submit(submissionOf(image), still()))
    t.match(thrown, { kind: 'rate_limited', isUnsettled: false, isPassing: true })
    t.equal(thrown.retryAfterMs, 7000)
    await provider.submit(submissionOf(image), still())
    t.equal(vendor.billed.length, 1)
  }
})

const UNSETTLED = [
  ['unavailable', false],
  ['unavailable-after', true],
  ['reset', false],
  ['answer-lost', true],
  ['hangs', false],
  ['hangs-after', true],
] as const

for (const [kind, isMade] of UNSETTLED)
  t.test(`a submission without an answer (${kind}) is sent once, and looked for`, async (t) => {
    const { vendor, provider, photo, metrics } = await aStage(
      t,
      {},
      kind.startsWith('hangs') ? HASTY : PATIENT,
    )
    const image = await photo()
    const since = Date.now()
    vendor.failJobs([{ kind }])
    const thrown = await failureOf(t, provider.submit(submissionOf(image), still()))
    t.match(thrown, { kind: 'transient', isUnsettled: true, isPassing: true })
    t.equal(vendor.counts['POST /talks'], 1)
    const labels = 'vendor="d-id",operation="submit",result="unknown"'
    t.equal(await sample(metrics, `vendor_requests_total{${labels}}`), 1)
    const found = await provider.findSubmission(`${A_TASK}-1`, since, still())
    const [jobId] = vendor.billed
    t.same(found, isMade ? { kind: 'found', providerJobId: jobId } : { kind: 'missing' })
    t.same(await provider.findSubmission(`${A_TASK}-9`, since, still()), { kind: 'missing' })
  })

t.test('a list without user data tells nothing', async (t) => {
  const { provider, photo } = await aStage(t, { listsUserData: false })
  t.same(await provider.findSubmission(`${A_TASK}-1`, Date.now(), still()), { kind: 'missing' })
  await provider.submit(submissionOf(await photo()), still())
  t.same(await provider.findSubmission(`${A_TASK}-1`, Date.now(), still()), { kind: 'untold' })
  const later = Date.now() + 3_600_000
  t.same(await provider.findSubmission(`${A_TASK}-1`, later, still()), { kind: 'missing' })
})

t.test('a submission is found behind the first page', async (t) => {
  const { provider, photo, vendor } = await aStage(t, { concurrency: 200 })
  const image = await photo()
  const since = Date.now()
  const id = await provider.submit(submissionOf(image), still())
  const others = Array.from({ length: 120 }, (_, n) =>
    provider.submit(
      submissionOf(image, { clientRef: `ani_${String(n).padStart(24, '0')}-1` }),
      still(),
    ),
  )
  await Promise.all(others)
  const found = await provider.findSubmission(`${A_TASK}-1`, since, still())
  t.same(found, { kind: 'found', providerJobId: id })
  t.equal(vendor.counts['GET /talks'], 2)
})

t.test(
  'the key is sent as it is or in base64, whichever is taken; which one is logged once',
  async (t) => {
    const FORMS = [
      ['raw', 0],
      ['base64', 1],
    ] as const
    for (const [basicForm, refused] of FORMS) {
      const { vendor, provider, photo, logged } = await aStage(t, {
        basicForm,
        apiKey: 'dXNlckBleGFtcGxlLmNvbQ==:planted-key-of-a-test',
      })
      const image = await photo()
      await provider.submit(submissionOf(image), still())
      await provider.balance(still())
      const answers = vendor.requests.map(({ status }) => status)
      t.equal(answers.filter((status) => status === 401).length, refused)
      const lines = logged()
        .split('\n')
        .filter((line) => line.includes('takes the key'))
      t.equal(lines.length, 1)
      t.match(lines[0], `"form":"${basicForm}"`)
      t.notMatch(logged(), /planted-key|dXNlckBleGFtcGxl/)
    }
  },
)

t.test('many requests at once find the form of the key', async (t) => {
  const { vendor, provider } = await aStage(t, { basicForm: 'base64' })
  const balances = await Promise.all(Array.from({ length: 8 }, () => provider.balance(still())))
  t.equal(balances.length, 8)
  await provider.balance(still())
  t.equal(vendor.requests.at(-1)?.status, 200)
  t.ok((vendor.counts['GET /credits'] ?? 0) <= 17)
})

t.test(
  'a wrong key is tried in both forms, then told; a form that was taken is not changed',
  async (t) => {
    for (const unauthorizedShape of ['own', 'gateway'] as const) {
      const { vendor } = await aStage(t, { unauthorizedShape })
      const { provider, logged } = clientOf('d-id', {
        ...vendor,
        baseUrl: vendor.baseUrl,
        apiKey: 'wrong:planted-secret',
      })
      const thrown = await failureOf(t, provider.balance(still()))
      t.match(thrown, { kind: 'auth', isUnsettled: false, message: /Check DID_API_KEY/ })
      t.equal(vendor.counts['GET /credits'], 2)
      t.notMatch(logged() + thrown.message, /planted-secret/)
    }
    const { vendor, provider } = await aStage(t)
    await provider.balance(still())
    vendor.fail({ kind: 'wrong-key' })
    t.match(await failureOf(t, provider.balance(still())), { kind: 'auth' })
    t.equal(vendor.counts['GET /credits'], 2)
  },
)

t.test('jobs are removed, but not while they render', async (t) => {
  const { vendor, provider, photo } = await aStage(t)
  vendor.failJobs([{ kind: 'never-finishes' }])
  const id = await provider.submit(submissionOf(await photo()), still())
  t.equal(await provider.remove(id, still()), false)
  vendor.finish(id)
  await vendor.waitForEnd(id)
  t.equal(await provider.remove(id, still()), true)
  t.equal(await provider.remove(id, still()), true, 'also when it is gone')
  t.match(await failureOf(t, provider.get(id, still())), { kind: 'not_found' })
})

t.test('what is left to spend', async (t) => {
  const { provider } = await aStage(t, { credits: 41 })
  t.same(await provider.balance(still()), { remaining: 41, unit: 'credits' })
})

t.test('files that it does not take', async (t) => {
  const { provider, files } = await aStage(t)
  const asPhoto = { ...files.speech, contentType: 'image/jpeg' as const }
  t.match(await failureOf(t, provider.uploadImage(asPhoto, still())), {
    kind: 'bad_image',
    code: 'UnsupportedMimeTypeError',
  })
  const asSpeech = { ...files.photo, contentType: 'audio/mpeg' as const }
  t.match(await failureOf(t, provider.uploadAudio(asSpeech, still())), { kind: 'invalid_input' })
})

t.test('a webhook is asked for where it can be reached', async (t) => {
  const told: string[] = []
  const { vendor, provider, photo } = await aStage(t, {
    reach: (url) => {
      told.push(url)
      return 'http://127.0.0.1:9/'
    },
  })
  const webhookUrl = 'https://example.com/webhooks/d-id/token'
  const id = await provider.submit(submissionOf(await photo(), { webhookUrl }), still())
  await vendor.waitForEnd(id)
  t.same(told, [webhookUrl])
})

t.test('whoever asks can give up; of a submission nobody knows then', async (t) => {
  const { vendor, provider, photo } = await aStage(t)
  const image = await photo()
  vendor.failJobs([{ kind: 'hangs' }])
  const giving = new AbortController()
  const asked = failureOf(t, provider.submit(submissionOf(image), giving.signal))
  setTimeout(() => giving.abort(), 50)
  t.match(await asked, { kind: 'transient', isUnsettled: true })
  vendor.fail({ kind: 'hangs' })
  t.match(await failureOf(t, provider.balance(AbortSignal.timeout(50))), {
    kind: 'transient',
    isUnsettled: false,
  })
})
