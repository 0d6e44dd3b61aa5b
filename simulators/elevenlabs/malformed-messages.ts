// What no vendor should send, by name: to show that a client survives it.

/** Text frames as they are; a Buffer is sent as a binary one. */
export const MALFORMED_MESSAGES = {
  'not-json': '{"type":"audio","audio_event":{',
  empty: '',
  array: '["audio"]',
  null: 'null',
  'no-type': '{"audio_event":{"audio_base_64":"//8=","event_id":1}}',
  'type-no-text': '{"type":7}',
  'unknown-type': '{"type":"weather_report","weather_report_event":{"sky":"blue","event_id":1}}',
  'no-wrapper': '{"type":"audio"}',
  'wrong-wrapper': '{"type":"interruption","interruption_event":"now"}',
  'no-id': '{"type":"ping","ping_event":{}}',
  'bad-base64': '{"type":"audio","audio_event":{"audio_base_64":"*no base64*","event_id":1}}',
  'audio-no-text': '{"type":"audio","audio_event":{"audio_base_64":[255,255],"event_id":1}}',
  'text-no-text':
    '{"type":"agent_response","agent_response_event":{"agent_response":{},"event_id":1}}',
  'tool-without-name': '{"type":"client_tool_call","client_tool_call":{"tool_call_id":"tc_0"}}',
  'tool-without-id': '{"type":"client_tool_call","client_tool_call":{"tool_name":"look_up"}}',
  'ids-of-letters': '{"type":"interruption","interruption_event":{"event_id":"soon"}}',
  binary: Buffer.from([0, 1, 2, 255]),
} as const satisfies Record<string, string | Buffer>

export type MalformedMessage = keyof typeof MALFORMED_MESSAGES

export const MALFORMED_NAMES = Object.keys(MALFORMED_MESSAGES) as readonly MalformedMessage[]
