// What the doctor says of an agent's settings: what it finds in them is in test/control-api/elevenlabs.
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { AGENT, doctor, hasNoSecret, KEY } from './run-doctor.ts'

const EVENTS = ['audio', 'interruption', 'user_transcript', 'agent_response']
const GOOD = {
  conversation_config: {
    asr: { user_input_audio_format: 'ulaw_8000' },
    tts: { agent_output_audio_format: 'ulaw_8000' },
    turn: { silence_end_call_timeout: -1 },
    conversation: { client_events: EVENTS, max_duration_seconds: 600, text_only: false },
    agent: { first_message: 'Hello {{caller_number}}, it is {{system__time_utc}}.' },
  },
  platform_settings: {
    auth: { enable_auth: true, allowlist: [] },
    overrides: { conversation_config_override: { agent: { first_message: true, language: true } } },
  },
}

t.test('a clock that is off, and a key that may not read', async (t) => {
  const ask = async (status: number, date: Date, body: object) => {
    const server = createServer((request, response) => {
      const isSigned = request.url?.includes('get-signed-url') === true
      const { port } = server.address() as AddressInfo
      response.writeHead(isSigned ? 200 : status, { date: date.toUTCString() })
      response.end(JSON.stringify(isSigned ? { signed_url: `ws://127.0.0.1:${port}/x` } : body))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.teardown(() => server.close())
    const env = {
      ELEVENLABS_API_KEY: KEY,
      ELEVENLABS_AGENT_ID: AGENT,
      ELEVENLABS_BASE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    }
    return doctor(t, { env })
  }
  const [off, refused] = await Promise.all([
    ask(200, new Date(Date.now() - 3_600_000), GOOD),
    ask(403, new Date(), { detail: KEY }),
  ])
  t.equal(off.code, 1, off.text)
  t.match(
    off.text,
    /^fail {2}clock: the clock of this machine is 3\d\d\d s (ahead of|behind) that of ElevenLabs$/m,
  )
  t.match(off.text, /^ok {4}agent: it hears ulaw_8000 and speaks ulaw_8000/m)
  t.equal(refused.code, 0, refused.text)
  t.match(refused.text, /^info {2}agent: its settings cannot be read with this key \(HTTP 403\)/m)
  for (const seen of [off, refused]) hasNoSecret(t, seen)
})
