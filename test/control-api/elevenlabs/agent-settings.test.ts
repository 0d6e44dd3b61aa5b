// What is said of an agent's settings, for every answer the vendor may give.
import t from 'tap'
import { judgeAgentSettings } from '../../../control-api/elevenlabs/agent-settings.ts'

const EVENTS = [
  'audio',
  'interruption',
  'user_transcript',
  'agent_response',
  'agent_response_correction',
]
const GOOD = {
  conversation_config: {
    asr: { user_input_audio_format: 'ulaw_8000' },
    tts: { agent_output_audio_format: 'ulaw_8000' },
    turn: { silence_end_call_timeout: -1 },
    conversation: { client_events: EVENTS, max_duration_seconds: 600, text_only: false },
    agent: {
      first_message: 'Hello {{caller_number}}, it is {{system__time_utc}}.',
      prompt: {
        prompt: 'You answer {{caller_number}}.',
        tools: [{ type: 'client', name: 'transfer_to_human' }],
        built_in_tools: {
          end_call: { name: 'end_call' } as object | null,
          voicemail_detection: { name: 'voicemail_detection' } as object | null,
          transfer_to_number: null as object | null,
        },
      },
    },
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
    ['ok', 'ok', 'info', 'ok', 'ok'],
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
  [
    (s) => (s.conversation_config.agent.prompt.prompt = 'You know {{ order_id }}.'),
    'warn',
    /its prompt needs order_id/,
  ],
  [(s) => (s.conversation_config.conversation.max_duration_seconds = 20), 'warn', /after 20 s/],
  [(s) => void s.conversation_config.conversation.client_events.splice(4, 1), 'info', /correction/],
  [
    (s) => (s.conversation_config.agent.prompt.built_in_tools.end_call = null),
    'info',
    /cannot end a call/,
  ],
  [
    (s) => (s.conversation_config.agent.prompt.built_in_tools.voicemail_detection = null),
    'info',
    /answering machines/,
  ],
  [
    (s) => (s.conversation_config.agent.prompt.built_in_tools.transfer_to_number = {}),
    'warn',
    /nobody is transferred by it/,
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
