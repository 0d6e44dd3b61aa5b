// The recording of a call over real HTTP: whole, in parts, paused, missing, found late.
import { createHash, randomBytes } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { newCallId, type CallId, type RecordingAction } from '../../core/contracts/index.ts'
import { aFile } from '../contract/media-store.ts'
import { buildApp, eventually, freshDataDir, sample, type BuiltApp } from '../support/build-app.ts'

const CONTENT = randomBytes(300_044)
const SHA256 = createHash('sha256').update(CONTENT).digest('hex')
const ETAG = `"${SHA256}"`
const ENDED = { result: 'success', reason: 'hangup', by: 'caller', sipStatus: 200 } as const

async function storeRecording(t: Test, app: BuiltApp, callId: CallId): Promise<void> {
  const path = await aFile(t, CONTENT)
  const key = `recordings/${callId}.wav`
  const { bytes, sha256 } = await app.api.mediaStore.putFile(key, path, 'audio/wav')
  app.emit('recording.stored', callId, { key, bytes, sha256, durationMs: 9375 })
}

async function recordedCall(t: Test, app: BuiltApp): Promise<CallId> {
  const { callId } = await app.control.begin()
  app.emit('recording.started', callId, {})
  await storeRecording(t, app, callId)
  app.emit('call.ended', callId, { termination: ENDED })
  await app.recorded(callId, 3)
  return callId
}

const urlOf = (callId: string): string => `/api/calls/${callId}/recording`
const bytesOf = async (response: Response): Promise<Buffer> =>
  Buffer.from(await response.arrayBuffer())
const read = async (response: Response) => (await response.json()) as Record<string, unknown>

t.test('the whole recording, with all a player needs', async (t) => {
  const app = await buildApp(t)
  const callId = await recordedCall(t, app)
  const response = await app.request(urlOf(callId))
  t.equal(response.status, 200)
  t.match(Object.fromEntries(response.headers), {
    'content-type': 'audio/wav',
    'content-length': String(CONTENT.length),
    'accept-ranges': 'bytes',
    etag: ETAG,
    'cache-control': 'private, no-store',
    'content-disposition': `inline; filename="${callId}.wav"`,
    'x-content-type-options': 'nosniff',
  })
  t.ok(CONTENT.equals(await bytesOf(response)))
  t.match(await read(await app.request(`/api/calls/${callId}`)), { has_recording: true })
  const { items } = await read(await app.request(`/api/calls/${callId}/timeline`))
  t.match((items as object[])[1], {
    type: 'recording.stored',
    key: `recordings/${callId}.wav`,
    bytes: CONTENT.length,
    sha256: SHA256,
    duration_ms: 9375,
  })
})

t.test('parts of it', async (t) => {
  const app = await buildApp(t)
  const callId = await recordedCall(t, app)
  const total = CONTENT.length
  const cases: [string, number, number][] = [
    ['bytes=0-43', 0, 43],
    ['bytes=44-', 44, total - 1],
    ['bytes=-1000', total - 1000, total - 1],
    ['bytes=100000-200000', 100_000, 200_000],
    [`bytes=0-${total * 2}`, 0, total - 1],
  ]
  for (const [range, first, last] of cases) {
    const response = await app.request(urlOf(callId), { headers: { range } })
    t.equal(response.status, 206, range)
    t.equal(response.headers.get('content-range'), `bytes ${first}-${last}/${total}`)
    t.equal(response.headers.get('content-length'), String(last - first + 1))
    t.equal(response.headers.get('etag'), ETAG)
    t.ok(CONTENT.subarray(first, last + 1).equals(await bytesOf(response)), 'these bytes')
  }
  const behind = await app.request(urlOf(callId), { headers: { range: `bytes=${total}-` } })
  t.equal(behind.status, 416)
  t.equal(behind.headers.get('content-range'), `bytes */${total}`)
  t.equal(behind.headers.get('etag'), null)
  t.match(await read(behind), {
    code: 'RANGE_NOT_SATISFIABLE',
    detail: 'The recording has no bytes from there on.',
  })
  for (const range of ['bytes=0-1,5-6', 'lines=0-1', 'bytes=9-1']) {
    const response = await app.request(urlOf(callId), { headers: { range } })
    t.equal(response.status, 200, `${range} is ignored`)
    t.ok(CONTENT.equals(await bytesOf(response)))
  }
})

t.test('If-Range, If-None-Match and HEAD', async (t) => {
  const app = await buildApp(t)
  const callId = await recordedCall(t, app)
  const status = async (headers: Record<string, string>, method = 'GET') => {
    const response = await app.request(urlOf(callId), { headers, method })
    await response.arrayBuffer()
    return response.status
  }
  const range = 'bytes=0-9'
  t.equal(await status({ range, 'if-range': ETAG }), 206)
  t.equal(await status({ range, 'if-range': '"other"' }), 200)
  t.equal(await status({ range, 'if-range': `W/${ETAG}` }), 200, 'only a strong one')
  t.equal(await status({ range, 'if-range': 'Fri, 20 Nov 2026 10:00:00 GMT' }), 200)
  t.equal(await status({ 'if-none-match': `"x", W/${ETAG}` }), 304)
  t.equal(await status({ 'if-none-match': '*' }), 304)
  t.equal(await status({ 'if-none-match': '"x"' }), 200)
  const head = await app.request(urlOf(callId), { method: 'HEAD', headers: { range } })
  t.equal(head.status, 200, 'Range means nothing to HEAD')
  t.equal(head.headers.get('content-length'), String(CONTENT.length))
  t.equal(head.headers.get('accept-ranges'), 'bytes')
  t.equal(head.headers.get('etag'), ETAG)
  t.equal((await app.request(urlOf(newCallId()), { method: 'HEAD' })).status, 404)
  const lines = app.logged().split('\n')
  const levels = (method: string) =>
    lines
      .filter((line) => line.includes(`"method":"${method}"`))
      .map((line) => (JSON.parse(line) as { level: unknown }).level)
  t.same([...new Set(levels('HEAD'))], [...new Set(levels('GET'))], 'both are only reading')
  t.equal(levels('HEAD').length, 2)
})

t.test('why there is none', async (t) => {
  const app = await buildApp(t)
  const why = async (callId: string): Promise<unknown> => {
    const response = await app.request(urlOf(callId))
    t.equal(response.status, 404)
    const { code, detail } = await read(response)
    return `${String(code)} ${String(detail)}`
  }
  t.match(await why(newCallId()), /^NOT_FOUND /)
  t.match(await why('x'), /^NOT_FOUND /)
  const { callId } = await app.control.begin()
  t.match(await why(callId), /^RECORDING_NOT_FOUND Nothing /)
  app.emit('recording.started', callId, {})
  await app.recorded(callId, 1)
  t.match(await why(callId), /^RECORDING_NOT_FOUND .*not finished/)
  t.match(await read(await app.request(`/api/calls/${callId}`)), { has_recording: false })
  app.emit('recording.failed', callId, { detail: 'ENOSPC' })
  await app.recorded(callId, 2)
  t.match(await why(callId), /^RECORDING_NOT_FOUND .*could not be kept/)
  // The part before the failure was kept after all.
  await storeRecording(t, app, callId)
  await app.recorded(callId, 3)
  t.equal((await app.request(urlOf(callId))).status, 200)
  await app.api.mediaStore.delete(`recordings/${callId}.wav`)
  t.match(await why(callId), /^RECORDING_NOT_FOUND .*deleted/)
})

t.test('one in which nothing was said is none, and no failure', async (t) => {
  const app = await buildApp(t)
  const { callId } = await app.control.begin()
  app.emit('recording.started', callId, {})
  app.emit('recording.empty', callId, {})
  app.emit('call.ended', callId, { termination: ENDED })
  await app.recorded(callId, 3)
  const response = await app.request(urlOf(callId))
  t.match(await read(response), { status: 404, detail: 'Nothing of this call was recorded.' })
  t.match(await read(await app.request(`/api/calls/${callId}`)), { has_recording: false })
  t.equal(await sample(app.metrics, 'recordings_total{result="empty"}'), 1)
  t.equal(await sample(app.metrics, 'recordings_total{result="failed"}'), 0)
})

t.test('a listener who hangs up costs nothing: no file stays open', async (t) => {
  const app = await buildApp(t)
  const { callId } = await app.control.begin()
  const key = `recordings/${callId}.wav`
  const path = await aFile(t, randomBytes(20_000_000))
  const { bytes, sha256 } = await app.api.mediaStore.putFile(key, path, 'audio/wav')
  app.emit('recording.stored', callId, { key, bytes, sha256, durationMs: 1 })
  await app.recorded(callId, 1)
  for (let times = 0; times < 10; times += 1) await hangUpEarly(app.url + urlOf(callId))
  await eventually('no file of the store is open', async () => !(await isOpen(key)))
})

function hangUpEarly(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const asked = request(url, (response) => {
      response.once('data', () => {
        response.destroy()
        resolve()
      })
    })
    asked.once('error', reject)
    asked.end()
  })
}

async function isOpen(key: string): Promise<boolean> {
  const { readlink } = await import('node:fs/promises')
  const handles = await readdir('/proc/self/fd')
  const paths = await Promise.all(
    handles.map((one) => readlink(`/proc/self/fd/${one}`).catch(() => '')),
  )
  return paths.some((path) => path.endsWith(key))
}

t.test('recording by hand', async (t) => {
  const app = await buildApp(t)
  const post = async (callId: string, action: RecordingAction) => {
    const response = await app.request(`${urlOf(callId)}/${action}`, { method: 'POST' })
    return { status: response.status, ...(await read(response)) }
  }
  const { callId } = await app.control.begin()
  t.match(await post(callId, 'start'), { status: 202, call_id: callId, recording: 'recording' })
  t.match(await post(callId, 'pause'), { status: 202, call_id: callId, recording: 'paused' })
  t.match(await post(callId, 'resume'), { status: 202, recording: 'recording' })
  t.same(
    app.control.recorded.map(({ action }) => action),
    ['start', 'pause', 'resume'],
  )
  const refusals = [
    ['off', 'RECORD_CALLS is off.'],
    ['not-answered', 'The call is not answered yet: start it then.'],
    ['not-started', 'Recording was not started: POST /api/calls/{id}/recording/start first.'],
    ['over', 'The recording has ended.'],
  ] as const
  for (const [refusal, detail] of refusals) {
    app.control.refusal = refusal
    t.match(await post(callId, 'pause'), { status: 409, code: 'NOT_RECORDING', detail })
  }
  app.control.live.delete(callId)
  t.match(await post(callId, 'pause'), { status: 409, code: 'CALL_ENDED' })
  t.match(await post(newCallId(), 'pause'), { status: 404, code: 'NOT_FOUND' })
  t.match(await post('x', 'resume'), { status: 404, code: 'NOT_FOUND' })
  const down = await buildApp(t, { gateway: false })
  const waiting = await down.control.begin()
  const response = await down.request(`${urlOf(waiting.callId)}/pause`, { method: 'POST' })
  t.match(await read(response), { status: 503, code: 'SIP_UNAVAILABLE' })
})

t.test('a recording that the next start found is added to the ended call', async (t) => {
  const dataDir = await freshDataDir(t)
  const before = await buildApp(t, { dataDir })
  const { callId } = await before.control.begin()
  before.emit('recording.started', callId, {})
  before.emit('call.ended', callId, { termination: ENDED })
  await before.recorded(callId, 2)
  await before.close()
  const app = await buildApp(t, { dataDir })
  await storeRecording(t, app, callId)
  await app.recorded(callId, 3)
  const response = await app.request(urlOf(callId))
  t.equal(response.status, 200)
  t.ok(CONTENT.equals(await bytesOf(response)))
  const { items } = await read(await app.request(`/api/calls/${callId}/timeline`))
  t.same(
    (items as { type: string }[]).map(({ type }) => type),
    ['recording.started', 'call.ended', 'recording.stored'],
  )
  app.emit('recording.stored', newCallId(), { key: 'a.wav', bytes: 1, sha256: '', durationMs: 1 })
  await eventually('a stranger is told', () =>
    Promise.resolve(app.logged().includes('a recording of no known call')),
  )
  t.equal(await sample(app.metrics, 'calls_active'), 0)
})

t.test('the document shows the routes; without a key nobody hears anything', async (t) => {
  const key = 'k'.repeat(40)
  const app = await buildApp(t, {
    config: { requireKey: true, apiKey: key },
    headers: { authorization: `Bearer ${key}` },
  })
  const document = (await read(await app.request('/openapi.json'))) as {
    paths: Record<string, Record<string, { responses: object }>>
  }
  const path = '/api/calls/{call_id}/recording'
  t.match(document.paths[path]?.['get']?.responses, {
    200: { content: { 'audio/wav': {} } },
    206: { content: { 'audio/wav': {} } },
    404: { content: { 'application/problem+json': {} } },
  })
  for (const action of ['start', 'pause', 'resume'])
    t.ok(document.paths[`${path}/${action}`]?.['post'], action)
  const { callId } = await app.control.begin()
  t.equal((await app.request(urlOf(callId))).status, 401)
  t.equal((await app.request(urlOf(callId), { method: 'HEAD' })).status, 401)
  t.equal((await app.request(`${urlOf(callId)}/pause`, { method: 'POST' })).status, 401)
})

t.test('a store that fails is told by its code', async (t) => {
  const app = await buildApp(t)
  const callId = await recordedCall(t, app)
  const folder = join(app.dataDir, 'media', 'recordings')
  await rm(folder, { recursive: true })
  const { symlink } = await import('node:fs/promises')
  await symlink('recordings', folder)
  const response = await app.request(urlOf(callId))
  t.match(await read(response), { status: 503, code: 'STORAGE_UNAVAILABLE', detail: /ELOOP/ })
})

t.test('one that was kept as the process died is in the record after the next start', async (t) => {
  const dataDir = await freshDataDir(t)
  const before = await buildApp(t, { dataDir })
  const { callId } = await before.control.begin()
  before.emit('recording.started', callId, {})
  before.emit('call.ended', callId, { termination: ENDED })
  const unheard = await before.control.begin()
  before.emit('recording.started', unheard.callId, {})
  before.emit('call.ended', unheard.callId, { termination: ENDED })
  await before.recorded(unheard.callId, 2)
  const header = Buffer.alloc(44)
  header.writeUInt32LE(32_000, 28)
  const content = Buffer.concat([header, randomBytes(48_000)])
  const path = await aFile(t, content)
  await before.api.mediaStore.putFile(`recordings/${callId}.wav`, path, 'audio/wav')
  await before.close()

  const after = await buildApp(t, { dataDir })
  t.ok(content.equals(await bytesOf(await after.request(urlOf(callId)))))
  const { items } = await read(await after.request(`/api/calls/${callId}/timeline`))
  t.match((items as object[]).at(-1), { type: 'recording.stored', duration_ms: 1500 })
  t.equal((await after.request(urlOf(unheard.callId))).status, 404, 'the other has none')
})
