// Recordings of calls in a bucket: kept, heard in parts, deleted there, and brought there late.
import { readdirSync } from 'node:fs'
import t, { type Test } from 'tap'
import { openS3Store } from '../../control-api/storage/s3/open-s3-store.ts'
import { createLogger, createMetrics } from '../../core/telemetry/index.ts'
import { keysIn } from '../support/media-rows.ts'
import { eventually, temporaryFolder } from '../support/process.ts'
import { openFaultyProxy, openS3Server, type S3Server } from '../support/s3-server.ts'
import { startProduct, type Product } from '../support/start-product.ts'

const NUMBER = '+4930555300'
const SETTINGS = { RECORD_CALLS: 'always', AWS_REGION: 'us-east-1', AWS_S3_BUCKET: 'media' }
const KEY = { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' }
const at = (S3_ENDPOINT = '') => ({ ...SETTINGS, ...KEY, S3_ENDPOINT })

/** A call of some seconds that the agent speaks in, to its end. */
async function talk({ view }: Product): Promise<string> {
  const callId = await view.place(NUMBER)
  await eventually('the agent is heard', 10_000, async () =>
    (await view.timeline(callId)).some(({ type }) => type === 'agent.first_audio'),
  )
  await view.hangUp(callId)
  return callId
}

const told = ({ view }: Product, callId: string, type: string): Promise<object> =>
  eventually(type, 10_000, async () =>
    (await view.timeline(callId)).find((item) => item.type === type),
  )

async function lookInto(t: Test, server: S3Server): Promise<() => Promise<readonly string[]>> {
  const deps = { logger: createLogger('silent'), metrics: createMetrics() }
  const store = await openS3Store(server.config, deps)
  t.teardown(() => {
    store.close()
  })
  return () => keysIn(store)
}

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map(({ name }) => name)

t.test('a call is recorded into the bucket, heard from there, and deleted there', async (t) => {
  const server = await openS3Server(t)
  const keys = await lookInto(t, server)
  const dataDir = temporaryFolder(t, 'data')
  const settings = { ...at(server.config.endpoint), DATA_DIR: dataDir }
  const product = await startProduct(t, { settings })
  const callId = await talk(product)
  const stored = await told(product, callId, 'recording.stored')
  const key = `recordings/${callId}.wav`
  t.match(stored, { key, sha256: /^[0-9a-f]{64}$/ })
  t.same(await keys(), [key])
  t.same(
    filesBelow(dataDir).filter((name) => name.includes(callId)),
    [],
    'nothing of it is on the disk',
  )

  const path = `/api/calls/${callId}/recording`
  const whole = await product.view.request(path)
  const audio = Buffer.from(await whole.arrayBuffer())
  t.equal(whole.headers.get('content-type'), 'audio/wav')
  t.equal(audio.subarray(0, 4).toString(), 'RIFF')
  t.match(stored, { bytes: audio.length })
  const part = await product.view.request(path, { headers: { range: 'bytes=44-1043' } })
  t.equal(part.status, 206)
  t.equal(part.headers.get('content-range'), `bytes 44-1043/${audio.length}`)
  t.ok(audio.subarray(44, 1044).equals(Buffer.from(await part.arrayBuffer())))
  const last = await product.view.request(path, { headers: { range: 'bytes=-100' } })
  t.ok(audio.subarray(-100).equals(Buffer.from(await last.arrayBuffer())))
  t.equal((await product.view.request(`${path}/peaks`)).status, 200)

  t.equal((await product.view.request(path, { method: 'DELETE' })).status, 204)
  t.same(await keys(), [])
  t.equal((await product.view.request(path)).status, 404)
})

t.test('what could not be brought there waits for the next start', async (t) => {
  const server = await openS3Server(t)
  const proxy = await openFaultyProxy(t, server)
  const keys = await lookInto(t, server)
  const settings = { ...at(proxy.config.endpoint), DATA_DIR: temporaryFolder(t, 'data') }
  const product = await startProduct(t, { settings })
  proxy.fault = () => ({ kind: 'answer', status: 503, code: 'SlowDown' })
  const callId = await talk(product)
  const failed = await told(product, callId, 'recording.failed')
  t.match(failed, { detail: /SlowDown/ })
  t.notMatch(JSON.stringify(failed), /127\.0\.0\.1|secret-bucket/)
  await product.stop()
  proxy.fault = () => undefined
  t.same(await keys(), [])
  const again = await startProduct(t, { settings })
  await told(again, callId, 'recording.stored')
  t.same(await keys(), [`recordings/${callId}.wav`])
  t.equal((await again.view.request(`/api/calls/${callId}/recording`)).status, 200)
})

t.test('a bucket that is none ends the start, and says which setting', async (t) => {
  const server = await openS3Server(t)
  const settings = { ...at(server.config.endpoint), AWS_S3_BUCKET: 'no-such-bucket' }
  await t.rejects(startProduct(t, { settings }), {
    code: 'CONFIGURATION_INVALID',
    message: /AWS_S3_BUCKET.*NoSuchBucket/,
  })
})
