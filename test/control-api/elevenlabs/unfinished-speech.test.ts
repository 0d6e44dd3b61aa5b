// A vendor that begins to speak and does not end: half a sentence is worse than none, and would be kept for ever.
import t from 'tap'
import { once } from 'node:events'
import { readdir, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createLogger } from '../../../core/telemetry/index.ts'
import { createSpeechSource } from '../../../control-api/elevenlabs/speech-source.ts'

t.test('words that the vendor does not finish are not spoken, and not kept', async (t) => {
  const spoken = Buffer.alloc(12_000, 0x55)
  let finishes = false
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'audio/basic' })
    if (finishes) response.end(spoken)
    else response.write(spoken.subarray(0, 4000))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cacheDir = `${t.testdir({})}/speech`
  const { port } = server.address() as AddressInfo
  const baseUrl = `http://127.0.0.1:${port}`
  const source = createSpeechSource(
    { logger: createLogger('silent') },
    { apiKey: 'sk_test_0123456789abcdef0123456789abcdef', baseUrl, voiceId: 'v', cacheDir },
  )
  t.teardown(async () => {
    await source.close()
    server.closeAllConnections()
    server.close()
  })
  await t.rejects(source.speak({ text: 'half a sentence' }), {
    code: 'SPEECH_UNAVAILABLE',
    message: /did not finish in time/,
  })
  t.same(await readdir(cacheDir).catch(() => []), [])
  finishes = true
  t.same(Buffer.from(await source.speak({ text: 'half a sentence' })), spoken)
  const [file = ''] = await readdir(cacheDir)
  t.equal((await stat(cacheDir)).mode & 0o777, 0o700, 'nobody else reads them')
  t.equal((await stat(`${cacheDir}/${file}`)).mode & 0o777, 0o600)
})
