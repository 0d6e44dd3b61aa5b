// Words as an MP3 file, against the simulated vendor, and a server of ours that answers badly.
import t, { type Test } from 'tap'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createLogger, createMetrics } from '../../../core/telemetry/index.ts'
import { createClock } from '../../../core/time/index.ts'
import { createDIdProvider } from '../../../control-api/media-jobs/providers/d-id/d-id-provider.ts'
import { createHeyGenProvider } from '../../../control-api/media-jobs/providers/heygen/heygen-provider.ts'
import { createHeyGenRequests } from '../../../control-api/media-jobs/providers/heygen/heygen-requests.ts'
import {
  createSpokenFiles,
  type SpokenFilesOptions,
  type WordsToSpeak,
} from '../../../control-api/elevenlabs/spoken-file.ts'
import { startDId } from '../../../simulators/d-id/index.ts'
import { spokenMp3, startElevenLabs } from '../../../simulators/elevenlabs/index.ts'
import { startHeyGen } from '../../../simulators/heygen/index.ts'

const API_KEY = 'sk_test_0123456789abcdef0123456789abcdef'
const TEXT = 'Dear grandchildren, how you have grown.'

type Answer = (response: ServerResponse, request: IncomingMessage) => void

const sends =
  (type: string, body: string | Buffer): Answer =>
  (response) =>
    void response.writeHead(200, { 'content-type': type }).end(body)
const refuses =
  (status: number, slug: string, headers: Record<string, string> = {}): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(JSON.stringify({ detail: { status: slug, message: `no: ${API_KEY}` } }))
  }

async function badVendor(t: Test, answer: Answer) {
  const vendor = { answer, asked: 0 }
  const server = createServer((request, response) => {
    vendor.asked += 1
    request.resume().on('end', () => vendor.answer(response, request))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const restUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return Object.assign(vendor, { restUrl })
}

function stage(t: Test, options: Partial<SpokenFilesOptions> & { restUrl: string }) {
  const folder = t.testdir({})
  const metrics = createMetrics()
  const files = createSpokenFiles({ metrics }, { apiKey: API_KEY, voiceId: 'voice_1', ...options })
  const path = `${folder}/words.mp3`
  const speak = (words: Partial<WordsToSpeak> = {}) =>
    files.speakTo(path, {
      text: TEXT,
      voiceId: null,
      signal: new AbortController().signal,
      ...words,
    })
  return { speak, path, folder, metrics }
}

const failure = (promise: Promise<unknown>): Promise<Error & Record<string, unknown>> =>
  promise.then(
    () => Promise.reject(new Error('it should have failed')),
    (error: unknown) => error as Error & Record<string, unknown>,
  )

t.test('words become a file of the vendor’s MP3, and another try replaces it', async (t) => {
  const vendor = await startElevenLabs({ apiKey: API_KEY })
  t.teardown(() => vendor.close())
  const { speak, path, metrics } = stage(t, { restUrl: vendor.restUrl })
  await writeFile(path, 'x'.repeat(200_000))
  const mp3 = spokenMp3(TEXT)
  t.same(await speak(), { contentType: 'audio/mpeg', bytes: mp3.length })
  t.ok(mp3.equals(await readFile(path)))
  await speak({ voiceId: 'voice/2' })
  t.match(vendor.spokenRequests, [
    { voiceId: 'voice_1', text: TEXT, outputFormat: 'mp3_44100_128', status: 200 },
    { voiceId: 'voice/2', text: TEXT, outputFormat: 'mp3_44100_128', status: 200 },
  ])
  const { body } = await metrics.render()
  t.match(body, /vendor_requests_total\{[^}]*"text_to_speech_file",result="ok"\} 2/)
})

t.test('both providers of animations take the file', async (t) => {
  const [vendor, dId, heyGen] = await Promise.all([
    startElevenLabs({ apiKey: API_KEY }),
    startDId(),
    startHeyGen(),
  ])
  t.teardown(() => Promise.all([vendor.close(), dId.close(), heyGen.close()]))
  const { speak, path, metrics } = stage(t, { restUrl: vendor.restUrl })
  const { contentType } = await speak()
  const deps = { metrics, clock: createClock(), logger: createLogger('silent') }
  const { signal } = new AbortController()
  const keyOf = ({ apiKey, baseUrl }: { apiKey: string; baseUrl: string }) => ({ apiKey, baseUrl })
  for (const provider of [
    createDIdProvider(deps, keyOf(dId)),
    createHeyGenProvider(createHeyGenRequests(deps, keyOf(heyGen))),
  ]) {
    const { ref } = await provider.uploadAudio({ path, contentType }, signal)
    t.ok(ref.length > 0, provider.name)
  }
})

t.test(
  'what the vendor refuses is said in words, without the key, and leaves no file',
  async (t) => {
    const vendor = await badVendor(t, refuses(500, ''))
    const { speak, folder, metrics } = stage(t, vendor)
    const cases = [
      {
        answer: refuses(401, 'invalid_api_key'),
        says: /401 invalid_api_key: the key is not valid/,
      },
      { answer: refuses(401, 'quota_exceeded'), says: /401 quota_exceeded: the account's quota/ },
      { answer: refuses(404, 'voice_not_found'), says: /404 voice_not_found: the voice voice_1/ },
      { answer: refuses(422, 'invalid_text'), says: /422 invalid_text: the text/ },
      { answer: refuses(503, 'system_busy'), says: /503 system_busy: it is out of order/ },
      { answer: sends('application/json', '{"detail":"busy"}'), says: /sent no MP3/ },
      { answer: sends('audio/mpeg', '{"detail":"busy"}'), says: /sent no MP3/ },
      { answer: sends('audio/basic', Buffer.alloc(800, 0x7f)), says: /sent no MP3/ },
      { answer: sends('audio/mpeg', ''), says: /sent no audio/ },
    ]
    for (const { answer, says } of cases) {
      vendor.answer = answer
      const error = await failure(speak())
      t.equal(error['code'], 'SPEECH_UNAVAILABLE')
      t.match(error.message, says)
      t.notMatch(`${error.message} ${String(error.stack)}`, API_KEY)
    }
    t.equal(vendor.asked, cases.length, 'none of them is tried again: whoever asks counts')
    t.same(await readdir(folder), [])
    const { body } = await metrics.render()
    t.match(body, /"text_to_speech_file",result="failed"\} 9/)
  },
)

t.test('too much at once says when to come back', async (t) => {
  const vendor = await badVendor(t, refuses(429, 'too_many_requests', { 'retry-after': '7' }))
  const error = await failure(stage(t, vendor).speak())
  t.match(error, { code: 'SPEECH_UNAVAILABLE', retryAfterSeconds: 7 })
  t.match(error.message, /429 too_many_requests/)
})

t.test('a file that is cut off, too long or too slow is gone', async (t) => {
  const mp3 = spokenMp3(TEXT)
  const vendor = await badVendor(t, (response) => {
    response.writeHead(200, { 'content-type': 'audio/mpeg', 'content-length': mp3.length })
    response.write(mp3.subarray(0, 2000), () => response.destroy())
  })
  const { speak, folder } = stage(t, { ...vendor, timeoutMs: 300 })
  t.equal((await failure(speak()))['code'], 'SPEECH_UNAVAILABLE')
  vendor.answer = sends('audio/mpeg', mp3)
  t.match((await failure(speak({ maxBytes: 5000 }))).message, /longer than fits into 5000 bytes/)
  vendor.answer = (response) => {
    response.writeHead(200, { 'content-type': 'audio/mpeg' }).write(mp3.subarray(0, 2000))
  }
  t.match((await failure(speak())).message, /did not finish in time/)
  t.same(await readdir(folder), [])
})

t.test('whoever gives up hears his own reason', async (t) => {
  const stop = new AbortController()
  const reason = new Error('canceled')
  const vendor = await badVendor(t, () => stop.abort(reason))
  const { speak, folder } = stage(t, vendor)
  t.equal(await failure(speak({ signal: stop.signal })), reason)
  t.equal(await failure(speak({ signal: stop.signal })), reason)
  t.equal(vendor.asked, 1, 'given up before it began')
  t.same(await readdir(folder), [])
})

t.test('the key follows no redirect', async (t) => {
  const other = await badVendor(t, sends('audio/mpeg', spokenMp3(TEXT)))
  const vendor = await badVendor(t, (response, { url }) => {
    response.writeHead(307, { location: `${other.restUrl}${url ?? ''}` }).end()
  })
  t.equal((await failure(stage(t, vendor).speak()))['code'], 'SPEECH_UNAVAILABLE')
  t.equal(other.asked, 0)
})

t.test('what makes no sense to ask for is refused here', async (t) => {
  const vendor = await badVendor(t, refuses(500, ''))
  const { speak } = stage(t, vendor)
  t.match((await failure(speak({ text: ' ' }))).message, /there are none/)
  t.match((await failure(speak({ text: 'x'.repeat(10_001) }))).message, /10000 characters/)
  const nobody = stage(t, { ...vendor, voiceId: undefined })
  t.equal((await failure(nobody.speak()))['code'], 'VOICE_REQUIRED')
  t.equal(vendor.asked, 0)
})

t.test('a folder that is not there is named as ours', async (t) => {
  const vendor = await badVendor(t, sends('audio/mpeg', spokenMp3(TEXT)))
  const files = createSpokenFiles({ metrics: createMetrics() }, { ...vendor, voiceId: 'voice_1' })
  const words = { text: TEXT, voiceId: null, signal: new AbortController().signal }
  const error = await failure(files.speakTo(`${t.testdir({})}/missing/words.mp3`, words))
  t.match(error.message, /its file cannot be written/)
})
