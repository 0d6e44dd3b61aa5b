// Text to speech by the vendor's own library, against a server of ours that answers as the vendor does, and badly.
import t, { type Test } from 'tap'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLogger, createMetrics } from '../../../core/telemetry/index.ts'
import { createSpeechSource } from '../../../control-api/elevenlabs/speech-source.ts'
import { longestTurnMs } from '../../support/processor-time.ts'
import { spokenText, startElevenLabs } from '../../../simulators/elevenlabs/index.ts'

const API_KEY = 'sk_test_0123456789abcdef0123456789abcdef'
const SPOKEN = Buffer.from(Uint8Array.from({ length: 12_000 }, (_, index) => index % 251))

interface Asked {
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: Record<string, unknown>
}

type Answer = (response: ServerResponse, asked: Asked) => void

const speaks: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'audio/basic' }).end(SPOKEN)
}
const refuses =
  (status: number, slug: string): Answer =>
  (response) => {
    const message = `no: ${API_KEY}`
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ detail: { status: slug, message } }))
  }

async function stage(t: Test, answer: Answer, maxCachedFiles?: number) {
  const asked: Asked[] = []
  const vendor = { answer }
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      const url = new URL(request.url ?? '', 'http://vendor')
      const body = JSON.parse(Buffer.concat(parts).toString()) as Record<string, unknown>
      const { headers } = request
      asked.push({ path: url.pathname, query: url.searchParams, headers, body })
      vendor.answer(response, asked.at(-1)!)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const cacheDir = `${t.testdir({})}/speech`
  const logged: string[] = []
  const logger = createLogger('debug', { write: (line: string) => void logged.push(line) })
  const metrics = createMetrics()
  const open = (more: { voiceId?: string; baseUrl?: string; apiKey?: string } = {}) => {
    const source = createSpeechSource(
      { logger, metrics },
      {
        apiKey: API_KEY,
        baseUrl,
        voiceId: 'voice_1',
        cacheDir,
        ...(maxCachedFiles !== undefined && { maxCachedFiles }),
        ...more,
      },
    )
    t.teardown(() => source.close())
    return source
  }
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { source: open(), open, asked, vendor, cacheDir, logged, metrics }
}

/** One for the tests that ask for nothing else: each source loads the vendor's library, for a core's second and more. */
const shared = await stage(t, speaks)

/** As if nothing had been asked of it yet. */
function anew(): typeof shared {
  shared.vendor.answer = speaks
  shared.asked.length = 0
  shared.logged.length = 0
  return shared
}

const failure = (promise: Promise<unknown>): Promise<Error & { code: string }> =>
  promise.then(
    () => Promise.reject(new Error('it should have failed')),
    (error: unknown) => error as Error & { code: string },
  )

t.test('words are asked for as the vendor wants it, and come back byte for byte', async (t) => {
  const { source, asked, metrics, logged } = shared
  t.same(Buffer.from(await source.speak({ text: 'Guten Tag', language: 'de' })), SPOKEN)
  t.equal(asked.length, 1)
  t.equal(asked[0]!.path, '/v1/text-to-speech/voice_1')
  t.equal(asked[0]!.query.get('output_format'), 'ulaw_8000')
  t.same(asked[0]!.body, {
    text: 'Guten Tag',
    model_id: 'eleven_flash_v2_5',
    language_code: 'de',
  })
  t.equal(asked[0]!.headers['xi-api-key'], API_KEY)
  t.notMatch(asked[0]!.headers.accept ?? '', /mpeg/, 'a header that would change the format')
  const { body } = await metrics.render()
  t.match(
    body,
    /vendor_requests_total\{vendor="elevenlabs",operation="text_to_speech",result="ok"\} 1/,
  )
  const line = logged.find((one) => one.includes('importMs'))
  t.match(line, /"level":"debug".*"importMs":\d+/)
  t.comment(line)
})

t.test('the simulated vendor speaks too, and refuses a wrong key', async (t) => {
  const vendor = await startElevenLabs({ apiKey: API_KEY })
  t.teardown(() => vendor.close())
  const { open } = await stage(t, speaks)
  const text = 'One moment, please.'
  t.same(Buffer.from(await open({ baseUrl: vendor.restUrl }).speak({ text })), spokenText(text))
  const stranger = open({ baseUrl: vendor.restUrl, apiKey: 'sk_wrong' })
  t.match((await failure(stranger.speak({ text: 'Hello' }))).message, /401 invalid_api_key/)
})

t.test('the same words are asked for once: together, later, and after a restart', async (t) => {
  const { source, open, asked, cacheDir } = await stage(t, speaks)
  const [one, two] = await Promise.all([
    source.speak({ text: 'Hello' }),
    source.speak({ text: 'Hello' }),
  ])
  t.same(one, two)
  await source.speak({ text: 'Hello' })
  t.same(Buffer.from(await open().speak({ text: 'Hello' })), SPOKEN)
  t.equal(asked.length, 1)
  const files = await readdir(cacheDir)
  t.equal(files.length, 1)
  t.match(files[0], /^[0-9a-f]{64}\.ulaw$/)
  await source.speak({ text: 'Hello', language: 'en' })
  await open({ voiceId: 'voice_2' }).speak({ text: 'Hello' })
  t.equal(asked.length, 3, 'another language, another voice')
  t.notOk(asked[0]!.body['language_code'])
})

t.test('what the vendor refuses is said in words, without the key', async (t) => {
  const { source, vendor, asked, logged, cacheDir } = anew()
  const kept = await readdir(cacheDir)
  const cases = [
    { status: 401, slug: 'invalid_api_key', says: /401 invalid_api_key: the key is not valid/ },
    { status: 401, slug: 'quota_exceeded', says: /401 quota_exceeded: the account's quota/ },
    { status: 402, slug: 'payment_required', says: /402 payment_required: the account's quota/ },
    { status: 404, slug: 'voice_not_found', says: /404 voice_not_found: the voice voice_1/ },
    { status: 422, slug: 'invalid_text', says: /422 invalid_text: the text, model or language/ },
  ]
  for (const { status, slug, says } of cases) {
    vendor.answer = refuses(status, slug)
    const error = await failure(source.speak({ text: `Hello ${status} ${slug}` }))
    t.equal(error.code, 'SPEECH_UNAVAILABLE')
    t.match(error.message, says)
    t.notMatch(`${error.message} ${String(error.stack)}`, API_KEY)
  }
  t.equal(asked.length, cases.length, 'none of them is tried again')
  t.notMatch(logged.join(''), API_KEY)
  t.same(await readdir(cacheDir), kept, 'and none is kept')
})

t.test('what may pass is tried once more', async (t) => {
  const { source, vendor, asked } = anew()
  vendor.answer = (response, one) =>
    asked.length === 1 ? refuses(503, 'system_busy')(response, one) : speaks(response, one)
  t.same(Buffer.from(await source.speak({ text: 'again' })), SPOKEN)
  t.equal(asked.length, 2)
  vendor.answer = refuses(429, 'too_many_concurrent_requests')
  const error = await failure(source.speak({ text: 'too much' }))
  t.match(error.message, /429 too_many_concurrent_requests: too much was asked at once/)
  t.equal(asked.length, 4)
})

t.test('text, another format and nothing are never taken for audio', async (t) => {
  const { source, vendor } = anew()
  const says = async (type: string, body: string | Buffer): Promise<string> => {
    vendor.answer = (response) => {
      response.writeHead(200, { 'content-type': type }).end(body)
    }
    return (await failure(source.speak({ text: `${type} ${body.length}` }))).message
  }
  t.match(await says('application/json', '{"detail":"busy"}'), /no audio but text/)
  t.match(await says('application/octet-stream', '{"detail":"busy"}'), /no audio but text/)
  t.match(await says('text/html', '<html>'), /no audio but text/)
  t.match(await says('audio/mpeg', SPOKEN), /sent audio\/mpeg, not µ-law/)
  t.match(await says('audio/basic', ''), /sent no audio/)
  t.match(await says('audio/basic', Buffer.alloc(2_400_001, 1)), /more than five minutes/)
  vendor.answer = (response) => {
    response.writeHead(200, { 'content-type': 'audio/basic' }).end(Buffer.from('{{ is audio'))
  }
  t.equal((await source.speak({ text: 'braces' })).length, 11, 'audio may begin with a brace')
})

t.test('a vendor that is away is named by its fault', async (t) => {
  const { open, vendor, source } = anew()
  const closed = createServer().listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const { port } = closed.address() as AddressInfo
  closed.close()
  const away = open({ baseUrl: `http://127.0.0.1:${port}` })
  t.match(
    (await failure(away.speak({ text: 'Hello' }))).message,
    /could not be reached \(ECONNREFUSED\)/,
  )
  vendor.answer = (response) => {
    response.writeHead(200, { 'content-type': 'audio/basic', 'content-length': '12000' })
    response.write(SPOKEN.subarray(0, 100), () => response.destroy())
  }
  const error = await failure(source.speak({ text: 'cut off' }))
  t.equal(error.code, 'SPEECH_UNAVAILABLE', error.message)
})

t.test('words that make no sense to ask for are refused here', async (t) => {
  const { source, asked } = await stage(t, speaks)
  t.match((await failure(source.speak({ text: '  ' }))).message, /there are none/)
  t.match((await failure(source.speak({ text: 'x'.repeat(2001) }))).message, /2000 characters/)
  t.equal(asked.length, 0)
})

t.test('the folder is bounded: what was not used for longest goes', async (t) => {
  const { source, asked, cacheDir } = await stage(t, speaks, 3)
  await mkdir(cacheDir, { recursive: true })
  const old = new Date(Date.now() - 120_000)
  await writeFile(`${cacheDir}/half.ulaw.1-1.part`, 'half')
  await utimes(`${cacheDir}/half.ulaw.1-1.part`, old, old)
  await writeFile(`${cacheDir}/notes.txt`, 'not ours')
  for (const text of ['one', 'two', 'three']) {
    await source.speak({ text })
    await sleep(15)
  }
  await source.speak({ text: 'one' })
  await source.speak({ text: 'four' })
  t.equal(asked.length, 4)
  const names = await readdir(cacheDir)
  t.equal(names.filter((name) => name.endsWith('.ulaw')).length, 3)
  t.notOk(names.some((name) => name.endsWith('.part')))
  t.ok(names.includes('notes.txt'), 'what is not ours stays')
  await source.speak({ text: 'one' })
  t.equal(asked.length, 4, 'used lately')
  await source.speak({ text: 'two' })
  t.equal(asked.length, 5, 'the oldest was gone')
})

t.test('a folder that cannot be written costs money, not the prompt', async (t) => {
  const { cacheDir, source, asked, logged } = await stage(t, speaks)
  await writeFile(cacheDir, 'a file where the folder should be')
  t.same(Buffer.from(await source.speak({ text: 'Hello' })), SPOKEN)
  t.same(Buffer.from(await source.speak({ text: 'Hello' })), SPOKEN)
  t.equal(asked.length, 2)
  t.equal(logged.join('').match(/cannot be kept on disk/g)?.length, 1, 'said once')
})

t.test('loading the library holds up nobody here; close ends what is asked', async (t) => {
  const { source } = await stage(t, () => undefined)
  const asked = failure(source.speak({ text: 'never answered' }))
  const longestMs = await longestTurnMs(sleep(1500))
  t.comment(`the longest turn of this thread meanwhile took ${longestMs.toFixed(1)} ms`)
  t.ok(longestMs < 400, 'loading it here takes more than half a second', { longestMs })
  await source.close()
  await source.close()
  t.match((await asked).message, /shutting down/)
  t.match((await failure(source.speak({ text: 'later' }))).message, /shutting down/)
})
