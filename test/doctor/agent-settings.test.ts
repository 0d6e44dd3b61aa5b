// What the doctor says of an agent's settings, for every answer the vendor may give.
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { judgeAgentSettings } from '../../doctor/checks/agent-settings.ts'
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

type Change = (settings: typeof GOOD) => void
const judged = (change: Change = () => undefined) => {
  const settings = structuredClone(GOOD)
  change(settings)
  return judgeAgentSettings(settings, { variables: ['caller_number'] })
}

t.test('an agent set up for the telephone', async (t) => {
  t.same(
    judged().map(({ verdict }) => verdict),
    ['ok', 'ok', 'info', 'ok'],
  )
  t.match(judged()[2]?.seen, /ends a talk after 600 s, not when nobody speaks/)
})

const PROBLEMS: readonly (readonly [Change, 'info' | 'warn' | 'fail', RegExp])[] = [
  [
    (s) => (s.conversation_config.tts.agent_output_audio_format = 'pcm_16000'),
    'info',
    /hears ulaw_8000 and speaks pcm_16000: that works and is converted/,
  ],
  [
    (s) => (s.conversation_config.asr.user_input_audio_format = 'opus_\u001b[2J'),
    'fail',
    /one that we do not know: opus_\?\?2J$/,
  ],
  [
    (s) => (s.conversation_config.conversation.client_events = ['audio', 'user_transcript']),
    'warn',
    /without interruption the caller cannot interrupt it; without agent_response/,
  ],
  [
    (s) => (s.conversation_config.conversation.client_events = EVENTS.slice(1)),
    'fail',
    /does not send audio/,
  ],
  [(s) => (s.conversation_config.conversation.text_only = true), 'fail', /only writes/],
  [
    (s) => (s.platform_settings.overrides.conversation_config_override.agent.first_message = false),
    'info',
    /a call that sends first_message is refused by it/,
  ],
  [
    (s) => (s.conversation_config.agent.first_message = 'Hello {{ name }}'),
    'warn',
    /its first message needs name, which we do not send by ourselves/,
  ],
  [(s) => (s.platform_settings.auth.enable_auth = false), 'warn', /it is public/],
  [(s) => s.platform_settings.auth.allowlist.push('example.com' as never), 'warn', /web sites/],
]

t.test('each thing that is not right, and what to do', async (t) => {
  for (const [change, verdict, seen] of PROBLEMS) {
    const found = judged(change).filter((finding) => seen.test(finding.seen))
    t.equal(found.length, 1, String(seen))
    t.equal(found[0]?.verdict, verdict)
    if (verdict !== 'info') t.match(found[0]?.todo, /\w.*\.$/)
  }
})

t.test('an answer that says nothing is no defect', async (t) => {
  for (const answer of [{}, null, [], 'x', { conversation_config: [] }])
    for (const { verdict } of judgeAgentSettings(answer, { variables: [] }))
      t.match(verdict, /^(info|warn)$/)
})

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
