// Webhooks of D-ID, which nobody signs: what they may do, and what they may not.
import t, { type Test } from 'tap'
import { startDId } from '../../../../simulators/d-id/index.ts'
import { eventually, sample } from '../../../support/build-app.ts'
import { A_VIDEO, someFiles, still, submissionOf } from './provider-stage.ts'
import { aJob, aStage, aTaskId, vendorConfig, type StageOptions } from './webhook-stage.ts'

const API_KEY = 'dXNlcg==:planted-key-of-d-id'

async function aDIdStage(t: Test, options: StageOptions & { readonly webhookUrl?: string } = {}) {
  const vendor = await startDId({ video: A_VIDEO, apiKey: API_KEY })
  t.teardown(() => vendor.close())
  const dId = { ...vendorConfig(vendor), webhookUrl: options.webhookUrl }
  const stage = await aStage(t, { ...options, media: { dId } })
  const post = (url: string, body: string = '{}', headers: Record<string, string> = {}) =>
    fetch(url, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...headers },
    })
  const counted = (result: string) =>
    sample(stage.metrics, `animation_webhooks_total{provider="d-id",result="${result}"}`)
  const urlOf = (taskId: string): string => String(stage.providers.webhookUrl('d-id', taskId))
  return { ...stage, vendor, post, counted, urlOf, stage }
}

t.test('the end of a job wakes it', async (t) => {
  const { stage, vendor, providers, woken, urlOf } = await aDIdStage(t)
  const taskId = await aJob(stage)
  const provider = providers.find('d-id')
  if (provider === undefined) throw new Error('no D-ID')
  const { photo } = await someFiles(t)
  const { ref } = await provider.uploadImage(photo, still())
  const submission = { clientRef: `${taskId}-1`, webhookUrl: urlOf(taskId) }
  const id = await provider.submit(submissionOf(ref, submission), still())
  await vendor.waitForEnd(id)
  t.match(vendor.webhooks, [{ status: 204, answer: '' }])
  await eventually('it is woken', () => Promise.resolve(woken.length > 0))
  t.same(woken, [{ provider: 'd-id', taskId }])
})

t.test('told twice, a job is woken once', async (t) => {
  const { stage, post, woken, counted, urlOf } = await aDIdStage(t)
  const url = urlOf(await aJob(stage))
  const answers = await Promise.all([1, 2, 3].map(() => post(url, '{"status":"done"}')))
  t.same(
    answers.map(({ status }) => status),
    [204, 204, 204],
  )
  t.equal(await counted('taken'), 1)
  t.equal(await counted('known'), 2)
  t.equal((await post(url, '{"status":"started"}')).status, 204)
  t.equal(await counted('taken'), 2, 'but another message is another')
  await eventually('both are woken', () => Promise.resolve(woken.length === 2))
})

t.test('nobody else has an address to tell at', async (t) => {
  const { stage, post, woken, counted, urlOf, url } = await aDIdStage(t)
  const taskId = await aJob(stage)
  const right = urlOf(taskId)
  const mac = String(right.split('.').at(-1))
  const FORGED = [
    right.slice(0, -1),
    `${right}a`,
    `${right}.a`,
    right.replace(taskId, aTaskId()),
    `${url}/webhooks/d-id/${taskId}`,
    `${url}/webhooks/d-id/${taskId}.`,
    `${url}/webhooks/d-id/.${mac}`,
    `${url}/webhooks/d-id/${mac}`,
    `${url}/webhooks/d-id/${taskId}.${'A'.repeat(43)}`,
    `${url}/webhooks/d-id/${taskId}.${'ä'.repeat(10)}`,
    `${url}/webhooks/d-id/x`,
  ]
  for (const address of FORGED) {
    const answer = await post(address)
    t.equal(answer.status, 404)
    const body = (await answer.json()) as { detail: string; code: string }
    t.match(body, { detail: 'There is no such route.', code: 'NOT_FOUND' })
  }
  t.equal(await counted('refused'), FORGED.length)
  t.equal(woken.length, 0)
  t.equal((await post(right)).status, 204)
})

t.test('a job that is gone is no secret to whoever knows its address', async (t) => {
  const { post, woken, counted, urlOf } = await aDIdStage(t)
  t.equal((await post(urlOf(aTaskId()))).status, 204)
  t.equal(await counted('unknown'), 1)
  t.equal(woken.length, 0)
})

t.test('bodies of any type are taken, up to a size', async (t) => {
  const { stage, post, urlOf } = await aDIdStage(t)
  const url = urlOf(await aJob(stage))
  t.equal((await post(url, 'not json', { 'content-type': 'text/plain' })).status, 204)
  t.equal((await post(url, '{', { 'content-type': 'application/json' })).status, 204)
  t.equal((await fetch(url, { method: 'POST' })).status, 204)
  const large = 'x'.repeat(256 * 1024 + 1)
  const refused = await post(url, large)
  t.equal(refused.status, 413)
  t.match(await refused.json(), { code: 'PAYLOAD_TOO_LARGE' })
  t.equal((await post(`${url}x`, large).catch(() => ({ status: 404 }))).status, 404)
})

t.test('the answer does not wait for the job', async (t) => {
  const stuck = Promise.withResolvers<undefined>()
  const { stage, post, urlOf, close, logged } = await aDIdStage(t, {
    wake: async () => {
      await stuck.promise
      throw new Error('the database is away')
    },
  })
  t.equal((await post(urlOf(await aJob(stage)))).status, 204)
  let isClosed = false
  const closing = close().then(() => (isClosed = true))
  await new Promise((resolve) => setTimeout(resolve, 50))
  t.notOk(isClosed, 'whoever closes waits for it')
  stuck.resolve(undefined)
  await closing
  t.match(logged(), /waking an animation failed/)
})

t.test('too many at once are told to come again', async (t) => {
  const stuck = Promise.withResolvers<undefined>()
  const { stage, post, urlOf } = await aDIdStage(t, { wake: () => stuck.promise })
  t.teardown(() => stuck.resolve(undefined))
  const url = urlOf(await aJob(stage))
  for (let n = 0; n < 100; n += 1) await (await post(url, String(n))).text()
  const busy = await post(url, 'one more')
  t.equal(busy.status, 429)
  t.equal(busy.headers.get('retry-after'), '5')
  stuck.resolve(undefined)
  await eventually('there is room', async () => (await post(url, 'one more')).status === 204)
})

t.test('messages are forgotten after a month', async (t) => {
  let now = Date.now()
  const { stage, post, urlOf, counted, database } = await aDIdStage(t, { now: () => now })
  const url = urlOf(await aJob(stage))
  await post(url, 'one')
  await post(url, 'two')
  now += 31 * 24 * 3_600_000
  await post(url, 'three')
  const rows = await database.query.selectFrom('animation_messages').selectAll().execute()
  t.equal(rows.length, 1)
  t.equal(await counted('taken'), 3)
})

t.test('where D-ID can reach us', async (t) => {
  const taskId = aTaskId()
  const simulated = await aDIdStage(t)
  t.match(simulated.urlOf(taskId), `${simulated.url}/webhooks/d-id/${taskId}.`)
  const real = (options: StageOptions & { readonly webhookUrl?: string }) => {
    const { webhookUrl, ...others } = options
    const vendor = { baseUrl: 'https://api.d-id.com', apiKey: API_KEY }
    return aStage(t, { ...others, media: { dId: { ...vendorConfig(vendor), webhookUrl } } })
  }
  const plain = await real({})
  t.equal(plain.providers.webhookUrl('d-id', taskId), undefined, 'it takes https alone')
  const open = await real({ publicUrl: 'https://voice.example/' })
  const ours = open.providers.webhookUrl('d-id', taskId)
  t.match(ours, `https://voice.example/webhooks/d-id/${taskId}.`)
  const told = await real({ webhookUrl: 'https://proxy.example/d-id/' })
  const theirs = told.providers.webhookUrl('d-id', taskId)
  t.match(theirs, `https://proxy.example/d-id/${taskId}.`)
  t.equal(theirs?.split('.').at(-1), ours?.split('.').at(-1))
  t.equal(told.providers.webhookUrl('heygen', taskId), undefined)
  t.notMatch(told.logged(), /DID_WEBHOOK_URL/)
  const bare = await real({ webhookUrl: 'http://proxy.example/d-id' })
  t.equal(bare.providers.webhookUrl('d-id', taskId), undefined)
  t.match(bare.logged(), /DID_WEBHOOK_URL is not used/)
  t.notMatch([ours, theirs].join(), /planted/)
  const nobody = await aStage(t)
  t.equal(nobody.providers.webhookUrl('d-id', taskId), undefined)
  const answer = await fetch(`${nobody.url}/webhooks/d-id/x`, { method: 'POST' })
  t.equal(answer.status, 404)
})

t.test('no token and no key is in the log', async (t) => {
  const { stage, post, urlOf, logged } = await aDIdStage(t)
  const url = urlOf(await aJob(stage))
  await post(url)
  await post(`${url}x`)
  t.notMatch(logged(), /planted-key/)
  t.notMatch(logged(), String(url.split('.').at(-1)))
})
