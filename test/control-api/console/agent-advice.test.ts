// Everything that the pre-flight check of an agent can say has words in each language of the console.
import t from 'tap'
import { judgeAgentSettings } from '../../../control-api/elevenlabs/agent-settings.ts'
import { adviceWords } from '../../../control-api/console/pages/agents/advice-words.ts'
import { sortFindings, verdictOf } from '../../../control-api/console/pages/agents/verdict.ts'

const agentOf = (config: object, platform: object = {}) => ({
  conversation_config: config,
  platform_settings: platform,
})
const formats = (input: string, output: string) => ({
  asr: { user_input_audio_format: input },
  tts: { agent_output_audio_format: output },
})
const allowing = (agent: object) => ({ overrides: { conversation_config_override: { agent } } })

const ALL_EVENTS = [
  'audio',
  'interruption',
  'user_transcript',
  'agent_response',
  'agent_response_correction',
]

/** Together they make it say each of its sentences. */
const SETTINGS: readonly unknown[] = [
  {},
  agentOf(
    {
      ...formats('ulaw_8000', 'ulaw_8000'),
      conversation: { client_events: ALL_EVENTS, max_duration_seconds: 600 },
      turn: { silence_end_call_timeout: 30 },
      agent: { prompt: { tools: [], built_in_tools: { end_call: {}, voicemail_detection: {} } } },
    },
    { ...allowing({ first_message: true, language: true }), auth: { enable_auth: true } },
  ),
  agentOf(
    {
      ...formats('pcm_16000', 'pcm_16000'),
      conversation: { client_events: [], max_duration_seconds: 20 },
      turn: { silence_end_call_timeout: -1 },
      agent: {
        first_message: 'Hello {{name}} of {{town}}',
        prompt: { prompt: 'You know {{plan}}', built_in_tools: { transfer_to_number: {} } },
      },
    },
    {
      ...allowing({}),
      auth: { enable_auth: false, allowlist: [{ hostname: 'example.com' }] },
    },
  ),
  agentOf(
    {
      ...formats('opus', 'flac'),
      conversation: { client_events: ['audio', 'interruption'], max_duration_seconds: 600 },
      turn: { silence_end_call_timeout: -1 },
    },
    allowing({ first_message: true }),
  ),
  agentOf({ conversation: { text_only: true } }),
]

t.test('each finding and each advice is said in Russian and German', async (t) => {
  const found = SETTINGS.flatMap((settings) => judgeAgentSettings(settings, { variables: [] }))
  const texts = [...new Set(found.flatMap(({ seen, todo }) => (todo ? [seen, todo] : [seen])))]
  t.ok(texts.length >= 34, `${texts.length} sentences`)
  for (const text of texts) {
    t.equal(adviceWords(text, 'en'), text)
    t.match(adviceWords(text, 'ru'), /[а-я]/, text)
    const german = adviceWords(text, 'de')
    t.ok(german !== undefined && german !== text, text)
    for (const words of [adviceWords(text, 'ru') ?? '', german ?? ''])
      t.notMatch(words, /\$\d| (?:and|or|the|is) /, words)
  }
})

t.test('what it says in another way stays as it is', async (t) => {
  t.equal(adviceWords('something new', 'de'), undefined)
})

t.test('the worst decides, and comes first', async (t) => {
  const [ok, info, warn, fail] = (['ok', 'info', 'warn', 'fail'] as const).map((verdict) => {
    return { verdict, seen: verdict, todo: null }
  })
  if (!ok || !info || !warn || !fail) return
  t.equal(verdictOf([ok, info]), 'ready')
  t.equal(verdictOf([ok, warn]), 'advised')
  t.equal(verdictOf([warn, fail, ok]), 'broken')
  t.same(sortFindings([ok, warn, info, fail]), { urgent: [fail, warn], others: [info, ok] })
})
