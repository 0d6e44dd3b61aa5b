// Uploads as they should not be: each is refused with its reason, and leaves nothing behind.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Socket } from 'node:net'
import t, { type Test } from 'tap'
import sharp from 'sharp'
import { answersOn, openRaw, rawRequest } from '../../../support/raw-http.ts'
import { openStage, until, type Stage, type StageOptions } from '../../media-jobs/library/stage.ts'
import {
  concatOf,
  cutOff,
  freshFolder,
  hlsOf,
  HTML,
  makeVideo,
  NO_FFMPEG,
  rotten,
  SVG,
} from '../../media-jobs/video/made-videos.ts'

const PATH = '/api/v1/memorials/m/media/upload'
const BOUNDARY = 'x-boundary'

const part = (name: string, fileName?: string): string =>
  `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"` +
  `${fileName === undefined ? '' : `; filename="${fileName}"\r\nContent-Type: video/mp4`}\r\n\r\n`

const head = (length: number | 'chunked'): string =>
  [
    `POST ${PATH} HTTP/1.1`,
    'Host: 127.0.0.1',
    `Content-Type: multipart/form-data; boundary=${BOUNDARY}`,
    length === 'chunked' ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`,
    '\r\n',
  ].join('\r\n')

const chunk = (bytes: string | Buffer): Buffer =>
  Buffer.concat([
    Buffer.from(`${Buffer.byteLength(bytes).toString(16)}\r\n`),
    Buffer.from(bytes),
    Buffer.from('\r\n'),
  ])

const build = (t: Test, options: StageOptions = {}): Promise<Stage> =>
  openStage(t, { ...options, uploads: { lookEveryMs: 20, lingerMs: 300, ...options.uploads } })

async function nothingLeft(t: Test, stage: Stage): Promise<void> {
  await until('the work folder is empty', async () => (await stage.working()).length === 0)
  t.same(await stage.stored(), [])
  t.same(await stage.rows(), [])
}

const problemOf = async (response: Response) =>
  (await response.json()) as { code: string; detail: string; status: number }

const form = (...fields: readonly (readonly [name: string, value: Blob | string])[]): FormData => {
  const made = new FormData()
  for (const [name, value] of fields)
    if (typeof value === 'string') made.append(name, value)
    else made.append(name, value, 'x.png')
  return made
}

const photo = (width = 300): Promise<Buffer> =>
  sharp({ create: { width, height: 300, channels: 3, background: 'blue' } })
    .png()
    .toBuffer()

t.test('by their content they are no photo and no video', async (t) => {
  const stage = await build(t)
  const secret = join(stage.dataDir, 'voicegate.sqlite')
  const texts = [
    SVG,
    HTML,
    '',
    hlsOf(`file://${secret}`),
    hlsOf('http://127.0.0.1:1/x.ts'),
    concatOf(secret),
    `file:${secret}`,
    '%PDF-1.7\n',
    'GIF89a\u0001\u0000\u0001\u0000',
  ]
  for (const text of texts) {
    const response = await stage.upload(text, { name: 'video.mp4' })
    t.equal(response.status, 415, text.slice(0, 20))
    t.match(await problemOf(response), { code: 'MEDIA_REFUSED', detail: /no photo .* no video/ })
  }
  await nothingLeft(t, stage)
  const { body } = await stage.metrics.render()
  t.match(body, /media_uploads_total\{kind="unknown",result="refused"\} 9/)
})

t.test('damaged videos and photos are said to be so', { skip: NO_FFMPEG }, async (t) => {
  const stage = await build(t)
  const folder = await freshFolder(t)
  const out = (name: string) => join(folder, name)
  const cuts: string[] = []
  for (const ending of ['mp4', 'mkv', 'webm'])
    cuts.push(await cutOff(await makeVideo(folder, `w.${ending}`), out(`cut.${ending}`), 0.6))
  cuts.push(await rotten(out('w.mp4'), out('rotten.mp4')))
  for (const path of cuts) {
    const response = await stage.upload(await readFile(path))
    t.equal(response.status, 422, path)
    const problem = await problemOf(response)
    t.match(problem, { code: 'MEDIA_DAMAGED', detail: /s of it could be decoded|cut off/ })
    t.notMatch(problem.detail, stage.dataDir)
  }
  const whole = await photo()
  const cut = await stage.upload(whole.subarray(0, whole.length / 2))
  t.match(await problemOf(cut), { code: 'MEDIA_DAMAGED', status: 422 })
  const small = await stage.upload(await photo(100))
  t.match(await problemOf(small), { code: 'MEDIA_REFUSED', detail: /100 × 300/ })
  const heavy = await stage.upload(Buffer.concat([whole, Buffer.alloc(26 * 1024 ** 2)]))
  t.match(await problemOf(heavy), { code: 'MEDIA_TOO_LARGE', status: 413, detail: /25 MB/ })
  await nothingLeft(t, stage)
})

t.test('four gigabytes that are claimed are refused before they come', async (t) => {
  const stage = await build(t)
  const { answers } = await rawRequest(t, stage.target, head(4 * 1024 ** 3))
  t.equal(answers[0]?.status, 413)
  t.match(answers[0]?.body, /MEDIA_TOO_LARGE.*500 MB|500 MB.*MEDIA_TOO_LARGE/)
  await nothingLeft(t, stage)
})

/** Sends until the server has closed. */
async function pour(socket: Socket, bytes: Buffer): Promise<number> {
  let sent = 0
  while (!socket.destroyed && socket.writable && sent < 500 * 1024 ** 2) {
    sent += bytes.length
    if (!socket.write(bytes))
      await Promise.race(
        ['drain', 'close', 'error'].map(
          (event) => new Promise((resolve) => socket.once(event, resolve)),
        ),
      )
    await new Promise(setImmediate)
  }
  return sent
}

t.test('an endless stream is cut where its file, or its form, is too large', async (t) => {
  const stage = await build(t, { uploads: { maxBytes: 1024 ** 2 } })
  const beginnings = [part('file', 'x.mp4'), '', `--${BOUNDARY}\r\nX-Endless: `]
  for (const beginning of beginnings) {
    const socket = await openRaw(t, stage.target)
    const answered = answersOn(socket, 1000)
    socket.write(head('chunked'))
    if (beginning !== '') socket.write(chunk(beginning))
    await pour(socket, chunk(Buffer.alloc(64 * 1024, 'x')))
    const { answers, closed } = await answered
    t.match(answers[0]?.body, /MEDIA_TOO_LARGE|REQUEST_INVALID/, JSON.stringify(beginning))
    t.ok(answers[0]?.status === 413 || answers[0]?.status === 400)
    t.ok(closed, 'and the connection is closed')
  }
  await nothingLeft(t, stage)
})

t.test('one that trickles, stops or takes too long is sent away', async (t) => {
  const slow = await build(t, { uploads: { windowMs: 200, windowBytes: 1000 } })
  const socket = await openRaw(t, slow.target)
  const answered = answersOn(socket, 1000)
  socket.write(head(100_000) + part('file', 'x.mp4'))
  const timer = setInterval(() => socket.write('x'), 20)
  t.teardown(() => clearInterval(timer))
  const { answers, closed } = await answered
  clearInterval(timer)
  t.match(answers[0], { status: 408, body: /REQUEST_TOO_SLOW/ })
  t.ok(closed)
  await nothingLeft(t, slow)
  const silent = await rawRequest(t, slow.target, head(100_000), 1000)
  t.match(silent.answers[0], { status: 408 })
  const short = await build(t, { uploads: { totalMs: 100 } })
  const late = await rawRequest(t, short.target, head(100_000) + part('file', 'x.mp4'), 1000)
  t.match(late.answers[0], { status: 408, body: /too long/ })
  await nothingLeft(t, short)
})

t.test('a drip that never stops is sent away all the same', async (t) => {
  const uploads = { graceMs: 200, leastBytesPerSecond: 10_000, windowMs: 100, windowBytes: 1 }
  const stage = await build(t, { uploads })
  const socket = await openRaw(t, stage.target)
  const answered = answersOn(socket, 1000)
  socket.write(head(1_000_000) + part('file', 'x.mp4'))
  const timer = setInterval(() => socket.write('x'.repeat(10)), 5)
  t.teardown(() => clearInterval(timer))
  const { answers } = await answered
  clearInterval(timer)
  t.match(answers[0], { status: 408, body: /too slowly/ })
  await nothingLeft(t, stage)
})

t.test('whoever goes away in the middle leaves nothing', { skip: NO_FFMPEG }, async (t) => {
  const stage = await build(t)
  const socket = await openRaw(t, stage.target)
  socket.write(head(1_000_000) + part('file', 'x.mp4') + 'x'.repeat(50_000))
  await until('it is coming', async () => (await stage.working()).length === 1)
  socket.destroy()
  await nothingLeft(t, stage)
  await until('it is counted', async () => {
    const { body } = await stage.metrics.render()
    return /media_uploads_total\{kind="unknown",result="broken-off"\} 1/.test(body)
  })
  // While it is checked.
  const folder = await freshFolder(t)
  const bytes = await readFile(await makeVideo(folder, 'long.mp4', { times: 30 }))
  const other = await openRaw(t, stage.target)
  const end = `\r\n--${BOUNDARY}--\r\n`
  const whole = Buffer.concat([Buffer.from(part('file', 'x')), bytes, Buffer.from(end)])
  other.write(head(whole.length))
  other.write(whole)
  await until('it is checked', async () =>
    (await stage.working()).some((name) => name.startsWith('tools-')),
  )
  other.destroy()
  await nothingLeft(t, stage)
})

t.test('one file in one field is what a form has', async (t) => {
  const stage = await build(t)
  const file = new Blob([await photo()])
  const send = (body: string | FormData, headers: Record<string, string> = {}) =>
    stage.request(PATH, { method: 'POST', body, headers })
  const forms = [
    form(['file', file], ['file', file]),
    form(['file', file], ['title', 'words']),
    form(['title', 'words'], ['file', file]),
    form(['photo', file]),
    form(['file', 'words']),
    form(['__proto__', 'words'], ['file', file]),
    form(),
  ]
  for (const [at, body] of forms.entries()) {
    const response = await send(body)
    t.equal(response.status, 400, `form ${at}`)
    t.match(await problemOf(response), { code: 'REQUEST_INVALID', errors: [{ field: 'file' }] })
  }
  const multipart = { 'content-type': `multipart/form-data; boundary=${BOUNDARY}` }
  const odd = [
    '',
    'no form',
    part('file', 'x.png'),
    `${part('file', 'x.png')}no end`,
    `${part('file', 'x.png')}x\r\n--${BOUNDARY}`,
  ]
  for (const body of odd)
    t.equal((await send(body, multipart)).status, 400, JSON.stringify(body).slice(0, 40))
  t.equal((await send('x', { 'content-type': 'multipart/form-data' })).status, 400, 'no boundary')
  for (const type of ['application/json', 'video/mp4', 'text/plain']) {
    const response = await send('{}', { 'content-type': type })
    t.match(await problemOf(response), {
      code: 'UNSUPPORTED_MEDIA_TYPE',
      what_to_do: /multipart\/form-data with the field file/,
    })
  }
  t.equal((await stage.request(PATH.replace('/m/', '/a%2Fb/'), { method: 'POST' })).status, 400)
  for (const dots of ['.', '..', '...']) {
    const line = head(0).replace('/m/', `/${dots}/`)
    t.equal((await rawRequest(t, stage.target, line)).answers[0]?.status, 400, dots)
    t.equal((await stage.request(`/api/v1/media?memorial_id=${dots}`)).status, 400, dots)
  }
  t.equal((await stage.request('/api/v1/media?memorial_id=.a.')).status, 200)
  await nothingLeft(t, stage)
})

/** A warning without where in the program it was thrown. */
function overloaded(t: Test, stage: Stage, code: string): void {
  const lines = stage
    .logged()
    .split('\n')
    .filter((line) => line.includes(code))
    .map((line) => JSON.parse(line) as { level: unknown; route: string; err?: unknown })
  t.match(lines, [{ level: /^(warn|40)$/, route: /upload/ }])
  t.notOk(
    lines.some((line) => 'err' in line),
    'no stack',
  )
}

t.test('one key does not take all places', async (t) => {
  const stage = await build(t, { uploads: { maxUploads: 3, maxOfOneKey: 2 } })
  const beginning = `${part('file', 'x.mp4')}${'x'.repeat(50_000)}`
  const begin = async (key: string) => {
    const socket = await openRaw(t, stage.target)
    const headed = head(1_000_000).replace('Host:', `X-Test-Key: ${key}\r\nHost:`)
    socket.write(headed + beginning)
    return socket
  }
  const first = await begin('key_a')
  await begin('key_a')
  await until('both are coming', async () => (await stage.working()).length === 2)
  const send = async (key: string) => {
    const body = form(['file', new Blob([await photo()])])
    return stage.request(PATH, { method: 'POST', body, headers: { 'x-test-key': key } })
  }
  const refused = await send('key_a')
  t.match(await problemOf(refused), { code: 'MEDIA_BUSY', detail: /one key/ })
  t.equal(refused.headers.get('retry-after'), '10')
  t.equal((await send('key_b')).status, 201, 'another key has room')
  first.destroy()
  await until('it is gone', async () => (await stage.working()).length === 1)
  t.equal((await send('key_a')).status, 201)
})

t.test('more at a time than are taken are told to come again', async (t) => {
  const stage = await build(t, { uploads: { maxUploads: 1 } })
  const socket = await openRaw(t, stage.target)
  socket.write(head(1_000_000) + part('file', 'x.mp4') + 'x'.repeat(50_000))
  await until('it is coming', async () => (await stage.working()).length === 1)
  const refused = await stage.upload(await photo())
  t.equal(refused.status, 503)
  t.equal(refused.headers.get('retry-after'), '10')
  t.match(await problemOf(refused), { code: 'MEDIA_BUSY' })
  overloaded(t, stage, 'MEDIA_BUSY')
  socket.destroy()
  await nothingLeft(t, stage)
  t.equal((await stage.upload(await photo())).status, 201, 'the place is free again')
})

t.test('no room, no store, no programs: nothing is kept of it', { skip: NO_FFMPEG }, async (t) => {
  const full = await build(t, { uploads: { reservedBytes: 2 ** 60 } })
  t.match(await problemOf(await full.upload(await photo())), {
    code: 'STORAGE_UNAVAILABLE',
    detail: /disk is full/,
  })
  overloaded(t, full, 'STORAGE_UNAVAILABLE')
  await nothingLeft(t, full)
  const folder = await freshFolder(t)
  const video = await readFile(await makeVideo(folder, 'plain.mp4'))
  const bare = await build(t, { video: { programFolders: [] } })
  const missing = await bare.upload(video)
  t.equal(missing.status, 503)
  t.match(await problemOf(missing), { code: 'VIDEO_TOOLS_MISSING' })
  await nothingLeft(t, bare)
  t.equal((await bare.upload(await photo())).status, 201, 'photos need none')
  const broken = await build(t, {
    around: (store) =>
      new Proxy(store, {
        get(target, name) {
          const value = Reflect.get(target, name) as unknown
          if (name !== 'putFile')
            return typeof value === 'function' ? (value.bind(target) as unknown) : value
          return (key: string, path: string, type: string) =>
            key.endsWith('.preview.jpg')
              ? Promise.reject(Object.assign(new Error('full'), { code: 'STORAGE_UNAVAILABLE' }))
              : target.putFile(key, path, type)
        },
      }),
  })
  t.match(await problemOf(await broken.upload(video)), { code: 'STORAGE_UNAVAILABLE' })
  await nothingLeft(t, broken)
})

t.test('closing breaks off what comes', async (t) => {
  const stage = await build(t)
  const socket = await openRaw(t, stage.target)
  const answered = answersOn(socket, 500)
  socket.write(head(1_000_000) + part('file', 'x.mp4') + 'x'.repeat(50_000))
  await until('it is coming', async () => (await stage.working()).length === 1)
  await stage.library.close()
  t.match((await answered).answers[0], { status: 503, body: /DRAINING/ })
  await nothingLeft(t, stage)
})
