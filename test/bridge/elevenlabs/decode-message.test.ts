// Every server message of the facts, each with twins that must not pass.
import t from 'tap'
import { decodeMessage } from '../../../bridge/elevenlabs/decode-message.ts'

interface Row {
  readonly type: string
  readonly wrapper: string
  readonly body: Record<string, unknown>
  /** Fields without which the message is malformed; the wrapper itself counts when there are any. */
  readonly required?: readonly string[]
}

const ROWS: readonly Row[] = [
  {
    type: 'conversation_initiation_metadata',
    wrapper: 'conversation_initiation_metadata_event',
    body: {
      conversation_id: 'conv_1',
      agent_output_audio_format: 'ulaw_8000',
      user_input_audio_format: 'ulaw_8000',
    },
    required: ['conversation_id'],
  },
  {
    type: 'ping',
    wrapper: 'ping_event',
    body: { event_id: 3, ping_ms: 12 },
    required: ['event_id'],
  },
  {
    type: 'audio',
    wrapper: 'audio_event',
    body: { audio_base_64: '//8=', event_id: 4, is_final: true },
    required: ['audio_base_64'],
  },
  {
    type: 'interruption',
    wrapper: 'interruption_event',
    body: { event_id: 12, reason: 'speech' },
  },
  {
    type: 'user_transcript',
    wrapper: 'user_transcription_event',
    body: { user_transcript: 'yes', event_id: 9 },
    required: ['user_transcript'],
  },
  {
    type: 'tentative_user_transcript',
    wrapper: 'tentative_user_transcription_event',
    body: { user_transcript: 'ye', event_id: 9 },
    required: ['user_transcript'],
  },
  {
    type: 'agent_response',
    wrapper: 'agent_response_event',
    body: { agent_response: 'Hi', event_id: 4 },
    required: ['agent_response'],
  },
  {
    type: 'agent_response_correction',
    wrapper: 'agent_response_correction_event',
    body: { original_agent_response: 'Hi you', corrected_agent_response: 'Hi...', event_id: 12 },
    required: ['corrected_agent_response'],
  },
  {
    type: 'agent_chat_response_part',
    wrapper: 'text_response_part',
    body: { text: 'Hi', type: 'delta' },
    required: ['text'],
  },
  {
    type: 'agent_reasoning_response_part',
    wrapper: 'reasoning_response_part',
    body: { text: 'Hm', type: 'delta' },
    required: ['text'],
  },
  {
    type: 'agent_response_complete',
    wrapper: 'agent_response_complete_event',
    body: { event_id: 4 },
  },
  {
    type: 'agent_response_metadata',
    wrapper: 'agent_response_metadata_event',
    body: { metadata: {} },
  },
  {
    type: 'client_tool_call',
    wrapper: 'client_tool_call',
    body: {
      tool_name: 'lookup',
      tool_call_id: 'tc_1',
      parameters: { order: 'A17' },
      event_id: 14,
      expects_response: true,
    },
    required: ['tool_name', 'tool_call_id'],
  },
  {
    type: 'agent_tool_request',
    wrapper: 'agent_tool_request',
    body: { tool_name: 'end_call', tool_call_id: 'tc_9', tool_type: 'system', event_id: 30 },
    required: ['tool_name'],
  },
  {
    type: 'agent_tool_response',
    wrapper: 'agent_tool_response',
    body: { tool_name: 'end_call', tool_call_id: 'tc_9', is_error: false, is_called: true },
    required: ['tool_name'],
  },
  {
    type: 'agent_tool_response_full_payload',
    wrapper: 'agent_tool_response_full_payload',
    body: { tool_name: 'end_call' },
    required: ['tool_name'],
  },
  {
    type: 'mcp_tool_call',
    wrapper: 'mcp_tool_call',
    body: { tool_call_id: 'm1', tool_name: 'pay', state: 'awaiting_approval' },
    required: ['tool_call_id', 'tool_name', 'state'],
  },
  {
    type: 'mcp_connection_status',
    wrapper: 'mcp_connection_status',
    body: { integrations: [] },
  },
  {
    type: 'vad_score',
    wrapper: 'vad_score_event',
    body: { vad_score: 0.5 },
    required: ['vad_score'],
  },
  { type: 'context_usage', wrapper: 'context_usage_event', body: { model: 'm' } },
  { type: 'asr_initiation_metadata', wrapper: 'asr_initiation_metadata_event', body: {} },
  { type: 'guardrail_triggered', wrapper: 'guardrail_triggered_event', body: {} },
  {
    type: 'queue_status',
    wrapper: 'queue_status_event',
    body: { status: 'waiting' },
    required: ['status'],
  },
  {
    type: 'error',
    wrapper: 'error_event',
    body: { code: 1000, error_type: 'max_duration_exceeded', message: 'm', reason: 'r' },
  },
  { type: 'client_error', wrapper: 'error_event', body: { code: 1008, message: 'm' } },
  { type: 'agent_typing', wrapper: 'agent_typing_event', body: { is_typing: true } },
  { type: 'external_agent_connected', wrapper: 'external_agent_connected_event', body: {} },
  { type: 'external_agent_disconnected', wrapper: 'external_agent_disconnected_event', body: {} },
  { type: 'rich_content', wrapper: 'rich_content', body: { component: 'x' } },
  {
    type: 'internal_turn_probability',
    wrapper: 'turn_probability_internal_event',
    body: { turn_probability: 0.1 },
  },
  {
    type: 'internal_tentative_agent_response',
    wrapper: 'tentative_agent_response_internal_event',
    body: { tentative_agent_response: 'x' },
  },
  { type: 'dtmf_request', wrapper: 'dtmf_request', body: { digits: '1' } },
]

const decode = (message: unknown): unknown => decodeMessage(JSON.stringify(message))

t.test('each message decodes to itself', async (t) => {
  for (const { type, wrapper, body } of ROWS) {
    t.strictSame(decode({ type, [wrapper]: body }), { type, [wrapper]: body }, type)
  }
  t.equal(new Set(ROWS.map(({ type }) => type)).size, 32, 'all 32 of the facts')
})

t.test('unknown fields are dropped or kept inside opaque payloads, never an error', async (t) => {
  for (const { type, wrapper, body } of ROWS) {
    const decoded = decode({ type, extra: 1, [wrapper]: { ...body, brand_new_field: { a: 1 } } })
    t.match(decoded, { type }, type)
  }
})

t.test('a required field that is missing or of the wrong kind makes it malformed', async (t) => {
  for (const { type, wrapper, body, required = [] } of ROWS) {
    for (const field of required) {
      const without = { ...body, [field]: undefined } // JSON leaves it out.
      t.match(
        decode({ type, [wrapper]: without }),
        { kind: 'malformed' },
        `${type} without ${field}`,
      )
      for (const wrong of [null, {}, [], true]) {
        t.match(
          decode({ type, [wrapper]: { ...body, [field]: wrong } }),
          { kind: 'malformed', why: RegExp(`${type}: ${field}`) },
          `${type} with ${field} ${JSON.stringify(wrong)}`,
        )
      }
    }
    const expected = required.length > 0 ? { kind: 'malformed' } : { type }
    for (const wrong of [undefined, null, 'text', 7, []]) {
      t.match(decode({ type, [wrapper]: wrong }), expected, `${type} in ${JSON.stringify(wrong)}`)
    }
  }
})

t.test('optional fields of the wrong kind are left out', async (t) => {
  t.strictSame(decode({ type: 'ping', ping_event: { event_id: 1, ping_ms: null } }), {
    type: 'ping',
    ping_event: { event_id: 1 },
  })
  t.strictSame(
    decode({ type: 'audio', audio_event: { audio_base_64: '', event_id: 'x', is_final: 'no' } }),
    { type: 'audio', audio_event: { audio_base_64: '' } },
  )
})

t.test('ids may be the text of a number', async (t) => {
  t.match(decode({ type: 'ping', ping_event: { event_id: '17' } }), {
    ping_event: { event_id: 17 },
  })
  t.match(decode({ type: 'interruption', interruption_event: { event_id: '9' } }), {
    interruption_event: { event_id: 9 },
  })
  for (const bad of ['', ' ', '1a', 'Infinity', 'NaN']) {
    t.match(decode({ type: 'ping', ping_event: { event_id: bad } }), { kind: 'malformed' }, bad)
  }
})

t.test('a missing input format is the vendor’s default, not ours', async (t) => {
  t.match(
    decode({
      type: 'conversation_initiation_metadata',
      conversation_initiation_metadata_event: {
        conversation_id: 'c',
        agent_output_audio_format: 'ulaw_8000',
      },
    }),
    { conversation_initiation_metadata_event: { user_input_audio_format: 'pcm_16000' } },
  )
})

t.test('an unnamed output format is an unknown one: a guess could be noise', async (t) => {
  for (const format of [undefined, null, 7, {}]) {
    t.match(
      decode({
        type: 'conversation_initiation_metadata',
        conversation_initiation_metadata_event: {
          conversation_id: 'c',
          agent_output_audio_format: format,
        },
      }),
      { conversation_initiation_metadata_event: { agent_output_audio_format: 'unnamed' } },
    )
  }
})

t.test('an alignment is whole, or left out', async (t) => {
  const audio = (alignment: unknown): unknown =>
    decode({ type: 'audio', audio_event: { audio_base_64: '//8=', alignment } })
  const whole = { chars: ['H', 'i'], char_start_times_ms: [0, 60], char_durations_ms: [60, 90] }
  t.strictSame(audio(whole), {
    type: 'audio',
    audio_event: { audio_base_64: '//8=', alignment: { chars: ['H', 'i'], startMs: [0, 60] } },
  })
  const table = [
    null,
    'x',
    [],
    {},
    { chars: ['H'] },
    { chars: ['H', 'i'], char_start_times_ms: [0] },
    { chars: ['H', 7], char_start_times_ms: [0, 60] },
    { chars: ['H', 'i'], char_start_times_ms: [0, null] },
    { chars: 'Hi', char_start_times_ms: [0, 60] },
    { chars: [], char_start_times_ms: [] },
  ]
  for (const wrong of table) {
    const expected = { type: 'audio', audio_event: { audio_base_64: '//8=' } }
    t.strictSame(audio(wrong), expected, JSON.stringify(wrong))
  }
})

t.test('digits may be asked for under either wrapper', async (t) => {
  for (const wrapper of ['dtmf_request', 'dtmf_request_event']) {
    t.match(decode({ type: 'dtmf_request', [wrapper]: { digits: '12' } }), {
      dtmf_request: { digits: '12' },
    })
  }
})

t.test('a full payload may come under the name of the short one', async (t) => {
  t.match(
    decode({
      type: 'agent_tool_response_full_payload',
      agent_tool_response: { tool_name: 'end_call' },
    }),
    { agent_tool_response_full_payload: { tool_name: 'end_call' } },
  )
})

t.test('what is no message at all', async (t) => {
  const table: [string, Record<string, unknown>][] = [
    ['', { kind: 'malformed' }],
    ['{', { kind: 'malformed', why: 'not JSON' }],
    ['null', { kind: 'malformed' }],
    ['[]', { kind: 'malformed' }],
    ['"ping"', { kind: 'malformed' }],
    ['{}', { kind: 'malformed' }],
    ['{"type":1}', { kind: 'malformed' }],
    ['{"type":"brand_new"}', { kind: 'unknown', type: 'brand_new' }],
    ['{"type":"toString"}', { kind: 'unknown', type: 'toString' }],
    ['{"type":"__proto__"}', { kind: 'unknown', type: '__proto__' }],
    ['{"type":"constructor"}', { kind: 'unknown', type: 'constructor' }],
  ]
  for (const [text, expected] of table) t.match(decodeMessage(text), expected, text)
})

t.test('cut and flipped messages never throw, and never quote what they hold', async (t) => {
  const secret = 'PLANTED'
  for (const { type, wrapper, body } of ROWS) {
    const text = JSON.stringify({ type, [wrapper]: { ...body, secret } })
    for (let at = 0; at < text.length; at += 1) {
      const twins = [text.slice(0, at), `${text.slice(0, at)}\u0000${text.slice(at + 1)}`]
      for (const twin of twins) {
        const decoded = decodeMessage(twin)
        if ('kind' in decoded && decoded.kind === 'malformed') {
          if (decoded.why.includes(secret)) t.fail('quotes the message', { twin })
        }
      }
    }
  }
  t.pass('all twins decoded')
})
