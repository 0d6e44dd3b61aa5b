// Retention and erasure delete in the bucket, and what is still on the disk of before.
import t from 'tap'
import { ms, type CallId } from '../../../core/contracts/index.ts'
import { buildApp, eventually, freshDataDir, json, type BuiltApp } from '../../support/build-app.ts'
import { keysIn } from '../../support/media-rows.ts'
import { openFaultyProxy, openS3Server } from '../../support/s3-server.ts'
import { NUMBER, plantCall } from './support.ts'

const erasureJob = { settle: ms(0) }
const retentionDays = { audio: 30, transcripts: 30, events: 30 }
const OTHER = '+4930111222333'
const keyOf = (callId: CallId): string => `recordings/${callId}.wav`

async function erase(app: BuiltApp): Promise<() => Promise<{ readonly erased?: object }>> {
  const response = await app.request('/api/erasures', json({ number: NUMBER }))
  const { erasure_id: id } = (await response.json()) as { erasure_id: string }
  return async () => (await (await app.request(`/api/erasures/${id}`)).json()) as object
}

t.test('what is over its time goes there, and what is erased, wherever it lies', async (t) => {
  const dataDir = await freshDataDir(t)
  const before = await buildApp(t, { dataDir })
  const onDisk = await plantCall(before, { conversationId: 'conv_1' })
  const ofOther = await plantCall(before, { number: OTHER, conversationId: 'conv_2' })
  await before.close()

  const proxy = await openFaultyProxy(t, await openS3Server(t))
  const s3 = proxy.config
  const first = await buildApp(t, { dataDir, config: { s3, erasureJob } })
  const old = await plantCall(first, { daysAgo: 60, number: OTHER, conversationId: 'conv_3' })
  const fresh = await plantCall(first, { conversationId: 'conv_4' })
  const all = [onDisk, ofOther, old, fresh].map(keyOf).toSorted()
  t.same(await keysIn(first.api.mediaStore), all)
  await first.close()

  const app = await buildApp(t, { dataDir, config: { s3, erasureJob, retentionDays } })
  const left = () => keysIn(app.api.mediaStore)
  await eventually('the old one is swept', async () => !(await left()).includes(keyOf(old)))
  t.equal((await left()).length, 3)

  const read = await erase(app)
  await eventually('both are erased', async () => (await left()).length === 1)
  t.same(await left(), [keyOf(ofOther)])
  await eventually('it is in the receipt', async () =>
    JSON.stringify(await read()).includes('"recordings":2'),
  )
})

t.test('while the bucket is away nothing is said to be erased', async (t) => {
  const proxy = await openFaultyProxy(t, await openS3Server(t))
  const app = await buildApp(t, { config: { s3: proxy.config, erasureJob } })
  const callId = await plantCall(app)
  let refused = 0
  proxy.fault = ({ method }) => {
    if (method !== 'DELETE') return undefined
    refused += 1
    return { kind: 'answer', status: 403, code: 'AccessDenied' }
  }
  const read = await erase(app)
  await eventually('it was tried', () => Promise.resolve(refused > 0))
  t.notMatch(await read(), { state: 'done' })
  t.equal((await app.request(`/api/calls/${callId}/recording`)).status, 200, 'it is still there')
  t.same(await keysIn(app.api.mediaStore), [keyOf(callId)])
})
