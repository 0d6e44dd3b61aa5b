// Webhooks of HeyGen: signed, told once, and of an endpoint that we register ourselves.
import { createHmac } from 'node:crypto'
import t, { type Test } from 'tap'
import { startHeyGen, type HeyGenOptions } from '../../../../simulators/heygen/index.ts'
import { eventually, sample } from '../../../support/build-app.ts'
import { A_VIDEO, someFiles, still, submissionOf } from './provider-stage.ts'
import {
  aJob,
  aStage,
  aTaskId,
  vendorConfig,
  type Stage,
  type StageOptions,
} from './webhook-stage.ts'

const API_KEY = 'planted-key-of-heygen'
const SECRET = 'whsec_planted'
const RETRY = { firstMs: 10, maxMs: 20 }

async function aVendor(t: Test, options: HeyGenOptions = {}) {
  const vendor = await startHeyGen({
    video: A_VIDEO,
    apiKey: API_KEY,
    webhookRetryMs: [],
    ...options,
  })
  t.teardown(() => vendor.close())
  return vendor
}
type Vendor = Awaited<ReturnType<typeof aVendor>>

interface HeyGenStageOptions extends StageOptions {
  readonly vendor: Vendor
  readonly webhookSecret?: string
}

const aHeyGenStage = (t: Test, { vendor, webhookSecret, ...options }: HeyGenStageOptions) =>
  aStage(t, {
    retry: RETRY,
    ...options,
    media: {
      heyGen: { ...vendorConfig(vendor), webhookSecret },
      defaultProvider: 'heygen',
    },
  })

const endpointsOf = async ({ baseUrl }: Vendor) => {
  const headers = { 'x-api-key': API_KEY }
  const answer = await fetch(`${baseUrl}/v3/webhooks/endpoints`, { headers })
  const { data } = (await answer.json()) as { data: { endpoint_id: string; url: string }[] }
  return data
}

const keptBy = ({ database }: Stage) =>
  database.query.selectFrom('animation_webhooks').selectAll().execute()

/** The store is written last. */
const registered = (stage: Stage, count = 1) =>
  eventually('it is registered', async () => (await keptBy(stage)).length === count)

async function renders(t: Test, stage: Stage, vendor: Vendor, taskId: string): Promise<string> {
  const provider = stage.providers.find('heygen')
  if (provider === undefined) throw new Error('no HeyGen')
  const { photo } = await someFiles(t)
  const { ref } = await provider.uploadImage(photo, still())
  const id = await provider.submit(submissionOf(ref, { clientRef: `${taskId}-1` }), still())
  await vendor.waitForEnd(id)
  return id
}

for (const signatureHeaders of ['v3', 'legacy', 'both'] as const)
  t.test(
    `the end of a video wakes its job: an endpoint of our own, signed ${signatureHeaders}`,
    async (t) => {
      const vendor = await aVendor(t, { signatureHeaders, probesEndpoints: true })
      const stage = await aHeyGenStage(t, { vendor })
      await registered(stage)
      const taskId = await aJob(stage, { provider: 'heygen' })
      const id = await renders(t, stage, vendor, taskId)
      const told = vendor.webhooks.filter(({ method }) => method === 'POST')
      t.match(told, [{ status: 204, url: `${stage.url}/webhooks/heygen` }])
      await eventually('it is woken', () => Promise.resolve(stage.woken.length > 0))
      t.same(stage.woken, [{ provider: 'heygen', taskId, providerJobId: id }])
      t.match(vendor.webhooks[0], { method: 'OPTIONS', status: 204 })
    },
  )

t.test('what was registered is used by the next start, even while HeyGen is away', async (t) => {
  const vendor = await aVendor(t)
  const first = await aHeyGenStage(t, { vendor, publicUrl: 'https://voice.example' })
  await registered(first)
  const [kept] = await keptBy(first)
  t.equal(kept?.url, 'https://voice.example/webhooks/heygen')
  t.notMatch(kept?.secret, /whsec/)
  const { dataDir } = first
  await first.close()
  const second = await aHeyGenStage(t, { vendor, dataDir, publicUrl: 'https://voice.example' })
  await eventually('it looked', () =>
    Promise.resolve(vendor.counts['GET /v3/webhooks/endpoints'] === 2),
  )
  await second.close()
  t.equal(vendor.counts['POST /v3/webhooks/endpoints'], 1)
  t.match(await endpointsOf(vendor), [{ endpoint_id: kept?.endpoint_id }])
})

t.test('a start without HeyGen still knows by what it signs', async (t) => {
  let reach = ''
  const vendor = await aVendor(t, { reach: () => reach })
  const publicUrl = 'https://voice.example'
  const first = await aHeyGenStage(t, { vendor, publicUrl })
  await registered(first)
  await first.close()
  vendor.fail({ kind: 'http', status: 503 }, { of: 'GET /v3/webhooks/endpoints', times: 100 })
  const second = await aHeyGenStage(t, { vendor, publicUrl, dataDir: first.dataDir })
  reach = `${second.url}/webhooks/heygen`
  await eventually('it was refused', () =>
    Promise.resolve(/sends no webhooks/.test(second.logged())),
  )
  const taskId = await aJob(second, { provider: 'heygen' })
  await renders(t, second, vendor, taskId)
  t.match(vendor.webhooks, [{ status: 204 }])
})

t.test('another address of ours: the old endpoint is given up', async (t) => {
  const vendor = await aVendor(t)
  const first = await aHeyGenStage(t, { vendor, publicUrl: 'https://old.example' })
  await registered(first)
  await first.close()
  const second = await aHeyGenStage(t, {
    vendor,
    publicUrl: 'https://new.example/',
    dataDir: first.dataDir,
  })
  const url = 'https://new.example/webhooks/heygen'
  await eventually('it is told', async () => (await keptBy(second))[0]?.url === url)
  t.match(await endpointsOf(vendor), [{ url }])
})

t.test('an endpoint whose secret nobody knows any more is replaced, others stay', async (t) => {
  const vendor = await aVendor(t)
  const publicUrl = 'https://voice.example'
  const first = await aHeyGenStage(t, { vendor, publicUrl })
  await registered(first)
  await first.close()
  const headers = { 'x-api-key': API_KEY, 'content-type': 'application/json' }
  const theirs = { url: 'https://somebody.example/hook', events: ['avatar_video.success'] }
  await fetch(`${vendor.baseUrl}/v3/webhooks/endpoints`, {
    method: 'POST',
    headers,
    body: JSON.stringify(theirs),
  })
  const [before] = await endpointsOf(vendor)
  const second = await aHeyGenStage(t, { vendor, publicUrl })
  await registered(second)
  const after = await endpointsOf(vendor)
  t.same(
    after.map(({ url }) => url),
    ['https://somebody.example/hook', 'https://voice.example/webhooks/heygen'],
  )
  t.notOk(after.some(({ endpoint_id: id }) => id === before?.endpoint_id))
})

t.test('one that was disabled there is made anew', async (t) => {
  const vendor = await aVendor(t)
  const publicUrl = 'https://voice.example'
  const first = await aHeyGenStage(t, { vendor, publicUrl })
  await registered(first)
  await first.close()
  const [before] = await endpointsOf(vendor)
  await fetch(`${vendor.baseUrl}/v3/webhooks/endpoints/${before?.endpoint_id}`, {
    method: 'PATCH',
    headers: { 'x-api-key': API_KEY, 'content-type': 'application/json' },
    body: '{"status":"disabled"}',
  })
  const second = await aHeyGenStage(t, { vendor, publicUrl, dataDir: first.dataDir })
  await eventually('it is another', async () => {
    const [kept] = await keptBy(second)
    return kept?.endpoint_id !== before?.endpoint_id
  })
  t.equal((await endpointsOf(vendor)).length, 1)
})

const FAULTS = [
  ['503', { kind: 'http', status: 503 }],
  ['a reset after it was made', { kind: 'reset', isProcessed: true }],
  ['no JSON', { kind: 'not-json' }],
  ['429', { kind: 'rate-limited' }],
] as const

for (const [name, fault] of FAULTS)
  t.test(`a registration that fails (${name}) is warned of once, and tried again`, async (t) => {
    const vendor = await aVendor(t)
    vendor.fail(fault, { of: 'POST /v3/webhooks/endpoints', times: 3 })
    const stage = await aHeyGenStage(t, { vendor })
    await registered(stage)
    t.equal((await endpointsOf(vendor)).length, 1)
    const warned = stage
      .logged()
      .split('\n')
      .filter((line) => line.includes('sends no webhooks'))
    t.equal(warned.length, 1)
    t.match(warned[0], /HEYGEN_WEBHOOK_SECRET/)
    t.notMatch(stage.logged(), /planted|whsec_/)
  })

t.test('nobody tries for ever, nor after the end', async (t) => {
  const vendor = await aVendor(t)
  vendor.fail({ kind: 'wrong-key' }, { of: 'GET /v3/webhooks/endpoints', times: 1000 })
  const asked = () => vendor.counts['GET /v3/webhooks/endpoints'] ?? 0
  const stage = await aHeyGenStage(t, { vendor, retry: { firstMs: 1, maxMs: 1 } })
  await eventually('it gave up', () => Promise.resolve(asked() === 12))
  await stage.close()
  const slow = await aHeyGenStage(t, { vendor, retry: { firstMs: 60_000, maxMs: 60_000 } })
  await eventually('it began', () => Promise.resolve(asked() === 13))
  await slow.close()
  t.equal(asked(), 13)
})

t.test('where nothing could be kept, nothing is registered', async (t) => {
  const vendor = await aVendor(t)
  const stage = await aHeyGenStage(t, { vendor, hasSecretsKey: false })
  t.match(stage.logged(), /SECRETS_KEY is not set/)
  const known = await aHeyGenStage(t, { vendor, hasSecretsKey: false, webhookSecret: SECRET })
  t.notMatch(known.logged(), /SECRETS_KEY/)
  t.same(vendor.counts, {})
})

t.test('a real HeyGen is told of https alone', async (t) => {
  const real = { baseUrl: 'https://heygen.invalid', apiKey: API_KEY }
  const heyGen = { ...vendorConfig(real), webhookSecret: undefined }
  const plain = await aStage(t, { media: { heyGen }, publicUrl: 'http://voice.example' })
  const secure = await aStage(t, { media: { heyGen }, publicUrl: 'https://voice.example' })
  const isAsked = /sends no webhooks/
  await eventually('it is asked', () => Promise.resolve(isAsked.test(secure.logged())))
  t.notMatch(plain.logged(), isAsked)
  t.notMatch((await plain.metrics.render()).body, /list_webhooks/)
})

const signedBy = (secret: string, body: string): string =>
  createHmac('sha256', secret).update(body).digest('hex')

t.test(
  'what is not signed right, or is old, is refused; what is repeated is taken once',
  async (t) => {
    const vendor = await aVendor(t)
    const stage = await aHeyGenStage(t, { vendor, webhookSecret: SECRET })
    const taskId = await aJob(stage, { provider: 'heygen', providerJobId: 'vid_1' })
    const body = JSON.stringify({
      event_type: 'avatar_video.success',
      event_data: { video_id: 'vid_1' },
    })
    const seconds = (ago = 0): string => String(Math.floor(Date.now() / 1000) - ago)
    const right = { 'heygen-signature': signedBy(SECRET, body), 'heygen-timestamp': seconds() }
    const post = (headers: Record<string, string>, text = body) =>
      fetch(`${stage.url}/webhooks/heygen`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: text,
      })
    const REFUSED: readonly Record<string, string>[] = [
      {},
      { 'heygen-timestamp': seconds() },
      { ...right, 'heygen-signature': signedBy('whsec_other', body) },
      { ...right, 'heygen-signature': signedBy('', body) },
      { ...right, 'heygen-signature': signedBy(SECRET, `${body} `) },
      { ...right, 'heygen-signature': 'ff' },
      { ...right, 'heygen-signature': '' },
      { ...right, 'heygen-timestamp': seconds(301) },
      { ...right, 'heygen-timestamp': seconds(-330) },
      { ...right, 'heygen-timestamp': 'now' },
      { signature: signedBy('whsec_other', body) },
    ]
    for (const headers of REFUSED) {
      const answer = await post(headers)
      t.equal(answer.status, 401, JSON.stringify(headers))
      t.match(await answer.json(), { code: 'SIGNATURE_INVALID' })
    }
    const counted = (result: string) =>
      sample(stage.metrics, `animation_webhooks_total{provider="heygen",result="${result}"}`)
    t.equal(await counted('refused'), REFUSED.length)
    t.equal(stage.woken.length, 0)
    t.equal((await post({ ...right, 'heygen-event-id': 'evt-1' })).status, 204)
    const AGAIN: readonly Record<string, string>[] = [
      { ...right, 'heygen-event-id': 'evt-1' },
      { ...right, 'heygen-event-id': 'evt-2' },
      { ...right, 'heygen-timestamp': seconds(200) },
      { signature: right['heygen-signature'].toUpperCase() },
      { signature: `sha256=${right['heygen-signature']}` },
    ]
    for (const headers of AGAIN) t.equal((await post(headers)).status, 204)
    t.equal(await counted('taken'), 1)
    t.equal(await counted('known'), AGAIN.length)
    t.same(stage.woken, [{ provider: 'heygen', providerJobId: 'vid_1' }])
    const byRef = (ref: string) => JSON.stringify({ event_data: { callback_id: ref } })
    const OTHERS = [
      [byRef(`${taskId}-2`), 'taken'],
      [byRef(`${aTaskId()}-1`), 'unknown'],
      [byRef('somebody else'), 'unknown'],
      [JSON.stringify({ event_data: { video_id: 'vid_2' } }), 'unknown'],
      ['[]', 'unknown'],
      ['not json', 'unknown'],
      ['', 'unknown'],
    ] as const
    for (const [text, result] of OTHERS) {
      const before = await counted(result)
      t.equal(
        (await post({ ...right, 'heygen-signature': signedBy(SECRET, text) }, text)).status,
        204,
      )
      t.equal(await counted(result), before + 1, text)
    }
    t.notMatch(stage.logged(), /planted/)
  },
)

t.test('who looks whether there is anybody finds somebody', async (t) => {
  const stage = await aStage(t)
  for (const method of ['GET', 'HEAD', 'OPTIONS']) {
    const answer = await fetch(`${stage.url}/webhooks/heygen`, { method })
    t.equal(answer.status, 204, method)
  }
  const told = await fetch(`${stage.url}/webhooks/heygen`, { method: 'POST', body: '{}' })
  t.equal(told.status, 401, 'but without a secret nothing is believed')
})

t.test('forged, stale and doubled webhooks of the vendor', async (t) => {
  const vendor = await aVendor(t)
  const stage = await aHeyGenStage(t, { vendor })
  await registered(stage)
  const SENT = [
    ['webhook-forged', [401], 0],
    ['webhook-stale', [401], 0],
    ['webhook-twice', [204, 204], 1],
    ['webhook-first', [204], 1],
    ['webhook-never', [], 0],
  ] as const
  for (const [kind, statuses, wakes] of SENT) {
    vendor.failJobs([{ kind }])
    const before = { sent: vendor.webhooks.length, woken: stage.woken.length }
    const taskId = await aJob(stage, { provider: 'heygen', taskId: aTaskId(), state: 'submitting' })
    await renders(t, stage, vendor, taskId)
    const sent = vendor.webhooks.slice(before.sent)
    t.same(
      sent.map(({ status }) => status),
      statuses,
      kind,
    )
    t.equal(stage.woken.length - before.woken, wakes, kind)
  }
})
