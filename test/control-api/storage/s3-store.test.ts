// What only a bucket can do: be away, refuse, stall, break off, and give links.
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { buffer } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { openS3Store } from '../../../control-api/storage/s3/open-s3-store.ts'
import type { S3Config } from '../../../core/config/index.ts'
import { createLogger, createMetrics } from '../../../core/telemetry/index.ts'
import { aFile, exists, read } from '../../contract/media-store.ts'
import { BUCKET, openFaultyProxy, openS3Server, type Fault } from '../../support/s3-server.ts'

const KEY = 'recordings/call_1.wav'
const WAV = 'audio/wav'
const HASTY = { connectMs: 500, answerMs: 400, partMs: 1500, idleMs: 200, probeMs: 1000 }

async function openStore(t: Test, config: S3Config) {
  let logged = ''
  const sink = new Writable({
    write: (chunk, _encoding, done) => {
      logged += String(chunk)
      done()
    },
  })
  const metrics = createMetrics()
  const logger = createLogger('debug', sink)
  const store = await openS3Store(config, { logger, metrics, timing: HASTY })
  t.teardown(() => {
    store.close()
  })
  return { store, metrics, logged: () => logged }
}

async function behindProxy(t: Test) {
  const proxy = await openFaultyProxy(t, await openS3Server(t))
  return { proxy, ...(await openStore(t, proxy.config)) }
}

const answered = (status: number, code?: string) => (): Fault => ({
  kind: 'answer',
  status,
  ...(code === undefined ? {} : { code }),
})

interface Failure {
  readonly code?: string
  readonly message: string
  readonly details?: object
}

const failure = (work: Promise<unknown>): Promise<Failure> =>
  work.then(
    () => ({ message: 'it did not fail' }),
    (thrown: unknown) => thrown as Failure,
  )

t.test('a file that cannot be brought there stays where it is', async (t) => {
  const { store, proxy } = await behindProxy(t)
  const path = await aFile(t, randomBytes(1000))
  const faults: [Fault, RegExp][] = [
    [{ kind: 'answer', status: 500 }, /^InternalError$/],
    [{ kind: 'answer', status: 503, code: 'SlowDown' }, /^SlowDown$/],
    [{ kind: 'answer', status: 403, code: 'AccessDenied' }, /^AccessDenied$/],
    [{ kind: 'answer', status: 404, code: 'NoSuchBucket' }, /^NoSuchBucket$/],
    [{ kind: 'silent' }, /^(TimeoutError|ETIMEDOUT)$/],
    [{ kind: 'hang up' }, /^(ECONNRESET|EPIPE)$/],
  ]
  for (const [fault, code] of faults) {
    proxy.fault = () => fault
    const error = await failure(store.putFile(KEY, path, WAV))
    t.match(error, { code: 'STORAGE_UNAVAILABLE', details: { system_code: code } })
    t.notMatch(error.message, /call_1|recordings|secret-bucket|127\.0\.0\.1/)
    t.ok(await exists(path), JSON.stringify(fault))
  }
  proxy.fault = () => undefined
  t.equal(await store.size(KEY), undefined, 'nothing of it is there')
  t.match(await store.putFile(KEY, path, WAV), { bytes: 1000 })
})

t.test('a large file goes in parts, and its checksum with it', async (t) => {
  const { store, proxy } = await behindProxy(t)
  const content = randomBytes(20 * 1024 * 1024)
  const sha256 = createHash('sha256').update(content).digest('hex')
  let told: unknown
  proxy.fault = ({ url, headers }) => {
    if (url?.includes('uploads') === true) told = headers['x-amz-meta-sha256']
    return undefined
  }
  t.match(await store.putFile(KEY, await aFile(t, content), WAV), { sha256 })
  t.equal(told, sha256)
  t.equal(proxy.requests.filter((one) => one.includes('partNumber=')).length, 3)
  t.ok((await read(store, KEY))?.equals(content))
})

t.test('an upload that breaks off in the middle leaves nothing there', async (t) => {
  const { store, proxy } = await behindProxy(t)
  const path = await aFile(t, randomBytes(20 * 1024 * 1024))
  proxy.fault = ({ url }) =>
    url?.includes('partNumber=2') === true ? { kind: 'hang up' } : undefined
  t.match(await failure(store.putFile(KEY, path, WAV)), { code: 'STORAGE_UNAVAILABLE' })
  t.ok(await exists(path))
  t.ok(
    proxy.requests.some((one) => /^DELETE .*uploadId=/.test(one)),
    'its parts are given up',
  )
  t.equal(await store.size(KEY), undefined)
  let failures = 0
  proxy.fault = ({ url }) =>
    url?.includes('partNumber=2') === true && (failures += 1) === 1
      ? { kind: 'hang up' }
      : undefined
  t.match(await store.putFile(KEY, path, WAV), { bytes: 20 * 1024 * 1024 }, 'one part again')
})

t.test('missing and forbidden are told apart', async (t) => {
  const { store, proxy } = await behindProxy(t)
  const all = [() => store.open(KEY), () => store.size(KEY), () => store.delete(KEY)] as const
  t.same(await Promise.all(all.map((ask) => ask())), [undefined, undefined, false])
  for (const [status, code] of [
    [403, 'AccessDenied'],
    [404, 'NoSuchBucket'],
    [500, 'InternalError'],
  ] as const) {
    proxy.fault = ({ method }) =>
      // A HEAD has no body: whether it is the bucket that is missing, it cannot say.
      method === 'HEAD' && status === 404 ? undefined : answered(status, code)()
    for (const ask of all)
      if (status !== 404 || ask !== all[1])
        t.match(await failure(ask()), { code: 'STORAGE_UNAVAILABLE', details: { status } }, code)
    const list = Array.fromAsync(store.entries(''))
    t.match(await failure(list), { details: { system_code: code, status } })
  }
})

t.test('what breaks off or stalls while it is read, fails as ours and holds nothing', async (t) => {
  const { store, proxy } = await behindProxy(t)
  const content = randomBytes(2_000_000)
  await store.putFile(KEY, await aFile(t, content), WAV)
  for (const kind of ['cut', 'stall'] as const) {
    proxy.fault = () => ({ kind, afterBytes: 100_000 })
    const opened = await store.open(KEY)
    const error = await failure(opened ? buffer(opened.stream) : Promise.resolve())
    t.match(error, { code: 'STORAGE_UNAVAILABLE' }, kind)
    t.notMatch(error.message, /call_1|127\.0\.0\.1/)
  }
  proxy.fault = () => undefined
  for (let n = 0; n < 5; n += 1) {
    const opened = await store.open(KEY)
    opened?.stream.destroy()
    // Some is read before.
    const begun = await store.open(KEY, { first: 10, last: 1_900_000 })
    if (begun) await once(begun.stream, 'readable')
    begun?.stream.destroy()
  }
  // One whose answer was read to its end may be kept.
  for (let n = 0; n < 100 && proxy.connections() > 1; n += 1) await sleep(20)
  t.ok(proxy.connections() <= 1, String(proxy.connections()))
  t.ok((await read(store, KEY))?.equals(content))
})

t.test('a reader who pauses is waited for', async (t) => {
  const { store } = await behindProxy(t)
  const content = randomBytes(3_000_000)
  await store.putFile(KEY, await aFile(t, content), WAV)
  const opened = await store.open(KEY)
  if (!opened) throw new Error('it is there')
  await once(opened.stream, 'readable')
  await sleep(HASTY.idleMs * 4)
  t.ok(content.equals(await buffer(opened.stream)))
})

t.test('a server that does not honour a range is not believed', async (t) => {
  const { store, proxy } = await behindProxy(t)
  await store.putFile(KEY, await aFile(t, randomBytes(1000)), WAV)
  proxy.fault = ({ headers }) => {
    delete headers.range
    return undefined
  }
  t.match(await failure(store.open(KEY, { first: 5, last: 9 })), {
    code: 'STORAGE_UNAVAILABLE',
    details: { system_code: 'OtherRange' },
  })
})

t.test('entries come page by page', async (t) => {
  const { store, proxy } = await behindProxy(t)
  // The server itself has one page alone: its tokens need a cipher that is not built any more.
  const page = (keys: readonly string[], more: string): string =>
    `<ListBucketResult>${more}${keys
      .map(
        (key) =>
          `<Contents><Key>${key}</Key><Size>7</Size><LastModified>2026-01-02T03:04:05.000Z</LastModified></Contents>`,
      )
      .join('')}</ListBucketResult>`
  const next =
    '<IsTruncated>true</IsTruncated><NextContinuationToken>a+b/c=</NextContinuationToken>'
  proxy.fault = ({ url = '' }) => {
    const asked = new URL(url, 'http://x').searchParams
    if (asked.get('prefix') !== 'media/') return undefined
    const isSecond = asked.get('continuation-token') === 'a+b/c='
    const body = isSecond
      ? page(['media/c.jpg'], '<IsTruncated>false</IsTruncated>')
      : page(['media/a.jpg', 'media/Not ours.jpg', 'media/b.jpg'], next)
    return { kind: 'answer', status: 200, body }
  }
  const found = await Array.fromAsync(store.entries('media/'))
  t.same(
    found.map(({ key }) => key),
    ['media/a.jpg', 'media/b.jpg', 'media/c.jpg'],
    'what is no key of ours is nothing of ours',
  )
  t.match(found[0], { bytes: 7, changedAt: Date.UTC(2026, 0, 2, 3, 4, 5) })
})

t.test('a link is good for what it says, and not for ever', async (t) => {
  const server = await openS3Server(t, { isStrict: true })
  const { store } = await openStore(t, server.config)
  await store.putFile(KEY, await aFile(t, Buffer.from('words')), WAV)
  const link = await store.link(KEY, { fileName: 'call_1.wav' })
  const url = new URL(link ?? '')
  t.equal(await (await fetch(url)).text(), 'words')
  t.equal(url.searchParams.get('X-Amz-Expires'), '300')
  t.notMatch(url.href, /SECRET/i)
  const other = new URL(url)
  other.pathname = other.pathname.replace('call_1', 'call_2')
  t.equal((await fetch(other)).status, 403, 'not for another object')
  const late = new URL(url)
  late.searchParams.set('X-Amz-Expires', '3000')
  t.equal((await fetch(late)).status, 403, 'nor for longer')
  const old = new URL(url)
  old.searchParams.set('X-Amz-Date', '20200101T000000Z')
  t.equal((await fetch(old)).status, 403, 'nor afterwards')
})

t.test('a bucket that refuses ends the start, in one line', async (t) => {
  const server = await openS3Server(t)
  const proxy = await openFaultyProxy(t, server)
  const wrong = { ...server.config, bucket: 'no-such-bucket' }
  const foreign = { accessKeyId: 'NOBODY', secretAccessKey: 'NOTHING' }
  const cases: [S3Config, RegExp][] = [
    [wrong, /NoSuchBucket/],
    [{ ...server.config, credentials: foreign }, /InvalidAccessKeyId/],
  ]
  for (const [config, code] of cases) {
    const error = await failure(openStore(t, config))
    t.match(error, { code: 'CONFIGURATION_INVALID', message: code })
    t.match(error.message, /AWS_S3_BUCKET/)
    t.notMatch(error.message, /no-such-bucket|NOBODY|NOTHING|127\.0\.0\.1|\n/)
  }
  for (const code of ['AccessDenied', 'SignatureDoesNotMatch', 'PermanentRedirect']) {
    proxy.fault = answered(code === 'PermanentRedirect' ? 301 : 403, code)
    const error = await failure(openStore(t, proxy.config))
    t.match(error, { code: 'CONFIGURATION_INVALID', message: new RegExp(code) })
  }
  proxy.fault = ({ method }) => (method === 'DELETE' ? answered(403, 'AccessDenied')() : undefined)
  t.match(await failure(openStore(t, proxy.config)), { code: 'CONFIGURATION_INVALID' }, 'delete')
})

t.test('one that does not answer is a warning, and used as soon as it does', async (t) => {
  const proxy = await openFaultyProxy(t, await openS3Server(t))
  for (const fault of [answered(503, 'SlowDown'), (): Fault => ({ kind: 'silent' })]) {
    proxy.fault = fault
    const { store, logged } = await openStore(t, proxy.config)
    t.equal(logged().match(/does not answer/g)?.length, 1)
    t.notMatch(logged(), new RegExp(`127\\.0\\.0\\.1|${BUCKET}/probe`))
    t.match(await failure(store.size(KEY)), { code: 'STORAGE_UNAVAILABLE' })
    proxy.fault = () => undefined
    t.equal(await store.size(KEY), undefined)
  }
  const away = await openS3Server(t)
  await away.stop()
  const { store, logged } = await openStore(t, away.config)
  t.match(logged(), /ECONNREFUSED/)
  t.match(await failure(store.size(KEY)), { details: { system_code: 'ECONNREFUSED' } })
})

t.test(
  'a bucket that keeps old versions is warned of, once, when something is deleted',
  async (t) => {
    const { store, proxy, logged } = await behindProxy(t)
    await store.putFile(KEY, await aFile(t, randomBytes(10)), WAV)
    t.equal(await store.delete(KEY), true)
    t.notMatch(logged(), /old versions/)
    await store.putFile(KEY, await aFile(t, randomBytes(10)), WAV)
    const headers = { 'x-amz-delete-marker': 'true', 'x-amz-version-id': 'v1' }
    proxy.fault = ({ method }) =>
      method === 'DELETE' ? { kind: 'answer', status: 204, headers } : undefined
    for (let n = 0; n < 2; n += 1) t.equal(await store.delete(KEY), true)
    t.equal(logged().match(/old versions/g)?.length, 1)
  },
)

t.test('its requests are counted', async (t) => {
  const { store, proxy, metrics } = await behindProxy(t)
  await store.putFile(KEY, await aFile(t, randomBytes(10)), WAV)
  await read(store, KEY)
  await store.size('recordings/none.wav')
  proxy.fault = answered(403)
  await failure(store.size(KEY))
  proxy.fault = answered(500)
  await failure(store.size(KEY))
  const { body: text } = await metrics.render()
  for (const [operation, result] of [
    ['put_object', 'ok'],
    ['get_object', 'ok'],
    ['delete_object', 'ok'],
    ['head_object', 'missing'],
    ['head_object', 'refused'],
    ['head_object', 'failed'],
  ] as const) {
    const labels = `vendor="s3",operation="${operation}",result="${result}"`
    t.match(text, new RegExp(`vendor_requests_total\\{${labels}\\} [1-9]`), labels)
  }
})
