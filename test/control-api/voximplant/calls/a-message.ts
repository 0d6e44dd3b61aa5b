// Messages as the generated scenario makes them.

export interface MessageFields {
  readonly event?: string
  readonly session_id?: string
  readonly token?: string | null
  readonly direction?: string
  readonly from?: string | null
  readonly to?: string
  readonly at?: Readonly<Record<string, number | null>>
  readonly [name: string]: unknown
}

export const aMessage = (fields: MessageFields = {}): Record<string, unknown> => ({
  event: 'started',
  seq: 0,
  sent_at: Date.now(),
  session_id: '77',
  token: null,
  call_id: null,
  direction: 'outbound',
  from: '+4930555100',
  to: '+4930123456',
  conversation_id: null,
  control_url: null,
  consent: null,
  machine: null,
  recording_url: null,
  agent_close: null,
  ended: null,
  ...fields,
  at: {
    started: null,
    ringing: null,
    connected: null,
    agent_requested: null,
    agent_opened: null,
    first_audio: null,
    agent_closed: null,
    recording: null,
    ended: null,
    ...fields.at,
  },
})
