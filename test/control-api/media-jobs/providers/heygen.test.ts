// Our client of HeyGen's API v3 against the simulated one.
import t, { type Test } from 'tap'
import { startHeyGen, type HeyGenOptions } from '../../../../simulators/heygen/index.ts'
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

async function aStage(t: Test, options: HeyGenOptions = {}, timing = PATIENT) {
  const vendor = await startHeyGen({ video: A_VIDEO, ...options })
  t.teardown(() => vendor.close())
  const files = await someFiles(t)
  const client = clientOf('heygen', { baseUrl: vendor.baseUrl, apiKey: vendor.apiKey, timing })
  const { provider } = client
  const photo = async () => (await provider.uploadImage(files.photo, still())).ref
  return { vendor, files, photo, ...client }
}

t.test('a photo and words become a video', async (t) => {
  const { vendor, provider, photo, metrics } = await aStage(t)
  const id = await provider.submit(submissionOf(await photo()), still())
  await vendor.waitForEnd(id)
  const job = await provider.get(id, still())
  t.match(job, { state: 'done', status: 'completed', failure: null })
  t.equal(await (await fetch(String(job.resultUrl))).text(), 'a video')
  t.match(vendor.submissions, [{ clientRef: `${A_TASK}-1`, text: SPOKEN, jobId: id, status: 200 }])
  const labels = 'vendor="heygen",operation="submit"'
  t.equal(await sample(metrics, `vendor_requests_total{${labels},result="ok"}`), 1)
  t.equal(await sample(metrics, `vendor_request_seconds_count{${labels}}`), 1)
})

t.test('sound of our own is sent in place of words', async (t) => {
  const { vendor, provider, photo, files } = await aStage(t)
  const { ref: audioRef } = await provider.uploadAudio(files.speech, still())
  const submission = submissionOf(await photo(), { speech: { kind: 'audio', audioRef } })
  const id = await provider.submit(submission, still())
  await vendor.waitForEnd(id)
  t.match(await provider.get(id, still()), { state: 'done' })
  t.match(vendor.submissions, [{ text: null, jobId: id }])
})

t.test('whatever it calls a job that goes on, it is running', async (t) => {
  for (const firstStatus of ['waiting', 'queued', 'pending'] as const) {
    const { vendor, provider, photo } = await aStage(t, { firstStatus })
    vendor.failJobs([{ kind: 'never-finishes' }, { kind: 'unknown-status', times: 1 }])
    const id = await provider.submit(submissionOf(await photo()), still())
    t.match(await provider.get(id, still()), { state: 'running', status: 'postponed' })
    t.match(await provider.get(id, still()), { state: 'running', status: 'processing' })
  }
})

t.test('a video without an address is not done', async (t) => {
  const { vendor, provider, photo } = await aStage(t)
  vendor.failJobs([{ kind: 'no-result-url' }])
  const id = await provider.submit(submissionOf(await photo()), still())
  await vendor.waitForEnd(id)
  t.match(await provider.get(id, still()), { state: 'running', status: 'completed' })
  t.match(await provider.get(id, still()), { state: 'done' })
})

t.test('the same reference submits once, however often it is sent', async (t) => {
  const { vendor, provider, photo } = await aStage(t)
  const submission = submissionOf(await photo())
  const id = await provider.submit(submission, still())
  t.equal(await provider.submit(submission, still()), id)
  t.equal(vendor.billed.length, 1)
  t.ok(provider.repeatableForMs > 0 && provider.repeatableForMs < 24 * 3_600_000)
  const next = await provider.submit({ ...submission, clientRef: `${A_TASK}-2` }, still())
  t.not(next, id)
})

t.test(
  'a submission that is still under way is unsettled, and answered when it is repeated',
  async (t) => {
    const { vendor, provider, photo } = await aStage(t)
    const submission = submissionOf(await photo())
    vendor.failJobs([{ kind: 'slow-answer', ms: 2000 }])
    const first = provider.submit(submission, still())
    while (vendor.billed.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    const thrown = await failureOf(t, provider.submit(submission, still()))
    t.match(thrown, {
      kind: 'transient',
      code: 'request_in_progress',
      isUnsettled: true,
      isPassing: true,
    })
    t.equal(thrown.retryAfterMs, 5000)
    const id = await first
    t.equal(await provider.submit(submission, still()), id)
    t.equal(vendor.billed.length, 1)
  },
)

const UNSETTLED = [
  ['unavailable', false],
  ['unavailable-after', true],
  ['reset', false],
  ['answer-lost', true],
  ['hangs', false],
  ['hangs-after', true],
] as const

for (const [kind, isMade] of UNSETTLED)
  t.test(`a submission without an answer (${kind}) is repeated, and paid once`, async (t) => {
    const { vendor, provider, photo, metrics } = await aStage(
      t,
      {},
      kind.startsWith('hangs') ? HASTY : PATIENT,
    )
    const submission = submissionOf(await photo())
    const since = Date.now()
    vendor.failJobs([{ kind }])
    const thrown = await failureOf(t, provider.submit(submission, still()))
    t.match(thrown, { kind: 'transient', isUnsettled: true, isPassing: true })
    t.equal(vendor.counts['POST /v3/videos'], 1)
    const labels = 'vendor="heygen",operation="submit",result="unknown"'
    t.equal(await sample(metrics, `vendor_requests_total{${labels}}`), 1)
    const found = await provider.findSubmission(submission.clientRef, since, still())
    const [jobId] = vendor.billed
    t.same(found, isMade ? { kind: 'found', providerJobId: jobId } : { kind: 'missing' })
    const id = await provider.submit(submission, still())
    t.same(vendor.billed, [id])
  })

const REFUSALS = [
  ['moderation', 'moderation', 'content_moderation_failed', /other words/],
  ['celebrity', 'moderation', 'content_moderation_failed', /another photo/],
  ['bad-face', 'bad_image', 'invalid_parameter', /“image: no face was found”.*single face/],
  ['no-credit', 'credits', 'insufficient_credit', /Top up at HeyGen/],
  ['permission', 'permission', 'forbidden', /plan/],
  ['wrong-key', 'auth', 'unauthorized', /HEYGEN_API_KEY/],
] as const

for (const [kind, failure, code, words] of REFUSALS)
  t.test(`a submission that is refused (${kind}) is settled, and says what to do`, async (t) => {
    const { vendor, provider, photo } = await aStage(t, { moderatesAt: 'submission' })
    const image = await photo()
    vendor.failJobs([{ kind }])
    const thrown = await failureOf(t, provider.submit(submissionOf(image), still()))
    t.match(thrown, { kind: failure, code, isUnsettled: false, isPassing: false, message: words })
    t.equal(vendor.billed.length, 0)
  })

const JOBS_THAT_FAIL = [
  ['moderation', 'moderation', 'content_moderation_failed'],
  ['bad-face', 'bad_image', 'face_not_detected'],
  ['rejected', 'moderation', 'content_moderation_failed'],
  ['render-error', 'unknown', 'rendering_failed'],
] as const

for (const [kind, failure, code] of JOBS_THAT_FAIL)
  t.test(`a video that fails while it renders (${kind}): ${failure}`, async (t) => {
    const { vendor, provider, photo } = await aStage(t)
    vendor.failJobs([{ kind }])
    const id = await provider.submit(submissionOf(await photo()), still())
    await vendor.waitForEnd(id)
    const job = await provider.get(id, still())
    t.match(job, { state: 'failed', status: 'failed', failure: { kind: failure, code } })
    t.match(job.failure?.message, /^HeyGen .+\. [A-Z].+\.$/)
  })

t.test('too many videos at a time: nothing was done, and how long to wait is told', async (t) => {
  const { vendor, provider, photo } = await aStage(t, {
    concurrency: 1,
    onSubmit: () => [{ kind: 'never-finishes' }],
  })
  const image = await photo()
  const first = await provider.submit(submissionOf(image), still())
  const second = submissionOf(image, { clientRef: 'ani_ffffffffffffffffffffffff-1' })
  const thrown = await failureOf(t, provider.submit(second, still()))
  t.match(thrown, { kind: 'rate_limited', isUnsettled: false, isPassing: true })
  t.equal(thrown.retryAfterMs, 1000)
  vendor.finish(first)
  await vendor.waitForEnd(first)
  t.not(await provider.submit(second, still()), first)
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
  t.equal(vendor.counts['GET /v3/videos'], 2)
})

t.test('videos are removed, also when they are gone', async (t) => {
  const { vendor, provider, photo } = await aStage(t)
  const id = await provider.submit(submissionOf(await photo()), still())
  await vendor.waitForEnd(id)
  t.equal(await provider.remove(id, still()), true)
  t.equal(await provider.remove(id, still()), true)
  t.match(await failureOf(t, provider.get(id, still())), { kind: 'not_found' })
})

t.test('what is left to spend, however it is billed; and a wrong key', async (t) => {
  const BILLINGS = [
    ['wallet', 'USD'],
    ['subscription', 'credits'],
    ['usage_based', 'credits'],
  ] as const
  for (const [billing, unit] of BILLINGS) {
    const { provider } = await aStage(t, { credits: 41, billing })
    t.same(await provider.balance(still()), { remaining: 41, unit })
  }
  const { vendor } = await aStage(t)
  const { provider, logged } = clientOf('heygen', {
    baseUrl: vendor.baseUrl,
    apiKey: 'planted-key',
  })
  const thrown = await failureOf(t, provider.balance(still()))
  t.match(thrown, { kind: 'auth', message: /Check HEYGEN_API_KEY/ })
  t.notMatch(thrown.message + logged(), /planted-key/)
})

t.test('files that it does not take', async (t) => {
  const { provider, files } = await aStage(t)
  const asPhoto = { ...files.speech, contentType: 'image/jpeg' as const }
  const thrown = await failureOf(t, provider.uploadImage(asPhoto, still()))
  t.match(thrown, { kind: 'bad_image', isUnsettled: false })
})
