// An hour of talk with two thousand events, as the API would tell it; with a recording that is served in parts.

export const HOUR_MS = 3_600_000
/** When the recording begins. */
export const RECORDING_FROM_MS = 2400
/** At this moment a message passed, a key was pressed, and the agent began to speak. */
export const KNOWN_MS = 1_834_560
const CREATED = Date.parse('2026-05-01T10:00:00.000Z')
const TURN_EVERY_MS = 9000
const SAMPLE_RATE = 8000
const MOST_SERVED = 1_000_000
const PEAKS_PER_SECOND = 50

type Item = Readonly<Record<string, unknown>>

const at = (offset: number): string => new Date(CREATED + offset).toISOString()
const item = (offset: number, type: string, more: Item = {}): Item => ({
  at: at(offset),
  offset_ms: offset,
  type,
  ...more,
})

export interface HourLong {
  readonly call: Item
  readonly items: readonly Item[]
  readonly transcript: Item
  readonly silences: Item
  readonly peaks: Item
  recording(range: string | undefined): {
    readonly status: number
    readonly headers: Record<string, string>
    readonly body: Buffer
  }
}

export function hourLong(callId: string): HourLong {
  const turns = Array.from({ length: 390 }, (_, index) => turn(index))
  const known = { ...turn(0), role: 'agent', at: at(KNOWN_MS), offset_ms: KNOWN_MS }
  const spoken = { ...known, ended_at: at(KNOWN_MS + 1200), text: 'Known words of the agent' }
  const all = [...turns.filter(({ offset_ms: from }) => Math.abs(from - KNOWN_MS) > 5000), spoken]
  return {
    call: callOf(callId),
    items: itemsOf(),
    transcript: {
      call_id: callId,
      status: 'final',
      source: 'socket',
      items: all.toSorted((one, other) => one.offset_ms - other.offset_ms),
    },
    silences: { items: silences(), speech: [] },
    peaks: peaks(),
    recording,
  }
}

function turn(index: number) {
  const offset = 3000 + index * TURN_EVERY_MS
  const role = index % 2 === 0 ? 'agent' : 'caller'
  return {
    role,
    at: at(offset),
    offset_ms: offset,
    ended_at: role === 'agent' ? at(offset + 4000) : null,
    text: `What the ${role} says, the ${index}th time, in so many words`,
    tentative: false,
    interrupted: false,
    heard: role === 'agent' ? 'whole' : null,
    heard_text: null,
    heard_text_by: null,
    heard_ms: null,
    spoken_ms: null,
    prompt_id: null,
  }
}

function itemsOf(): Item[] {
  const wire = { direction: 'received', protocol: 'udp' }
  const begin = [
    item(10, 'sip.invite', { direction: 'outbound', trunk: 'rehearsal', sip_call_id: 'a' }),
    item(40, 'sip.message', { ...wire, method: 'INVITE', sip_status: 100 }),
    item(400, 'sip.provisional', { sip_status: 180, early_media: false }),
    item(2300, 'sip.answered', { cseq: 1, dialog: 'a;b' }),
    item(2310, 'agent.attempted', { attempt: 1 }),
    item(2360, 'agent.opened', {}),
    item(RECORDING_FROM_MS, 'recording.started'),
    item(2900, 'agent.first_audio'),
  ]
  const kinds = ['agent.tool_called', 'agent.tool_answered', 'agent.interrupted', 'dtmf'] as const
  const middle = Array.from({ length: 1970 }, (_, index) => {
    const type = kinds[index % kinds.length] ?? 'dtmf'
    const more = type.startsWith('agent.tool') ? { tool_name: 'look_up', is_error: false } : {}
    return item(3000 + index * 1820, type, more)
  }).filter(({ offset_ms: offset }) => Math.abs(Number(offset) - KNOWN_MS) > 4000)
  const refreshes = Array.from({ length: 20 }, (_, index) =>
    item(60_000 + index * 170_000, 'sip.message', { ...wire, method: 'UPDATE' }),
  )
  const known = [
    item(KNOWN_MS, 'sip.message', { ...wire, method: 'INFO' }),
    item(KNOWN_MS, 'dtmf', { source: 'sip-info', duration_ms: 100 }),
  ]
  const end = [
    item(HOUR_MS - 20, 'sip.bye', { direction: 'received' }),
    item(HOUR_MS - 10, 'agent.closed', { reason: 'call-ended', seconds: 3597.7, detail: '' }),
    item(HOUR_MS, 'call.ended', {
      termination: { result: 'success', reason: 'hangup', by: 'callee', sip_status: null },
    }),
  ]
  return [...begin, ...middle, ...refreshes, ...known, ...end].toSorted(
    (one, other) => Number(one['offset_ms']) - Number(other['offset_ms']),
  )
}

const silences = (): Item[] =>
  (['carrier', 'gateway', 'agent', 'caller'] as const).flatMap((cause, row) =>
    Array.from({ length: 25 }, (_, index) => {
      const from = 20_000 + (index * 4 + row) * 35_000
      const reason = ['audio-stalled', 'tool-running', 'answer-slow', 'callers-turn'][row]
      return { from_ms: from, to_ms: from + 1500, cause, reason, detail: 'It was silent.' }
    }),
  )

function peaks(): Item {
  const seconds = (HOUR_MS - RECORDING_FROM_MS) / 1000
  const side = (phase: number): number[] =>
    Array.from({ length: Math.ceil(seconds * PEAKS_PER_SECOND) }, (_, index) => {
      const isTalking = Math.floor(index / 200) % 2 === phase
      return isTalking ? 20 + ((index * 37) % 90) : 1
    })
  return {
    duration_seconds: seconds,
    offset_ms: RECORDING_FROM_MS,
    points_per_second: PEAKS_PER_SECOND,
    channels: { caller: side(1), agent: side(0) },
  }
}

/** Silence in G.711 would do as well; 8 bits a sample need no table. */
function recording(range: string | undefined): ReturnType<HourLong['recording']> {
  const samples = ((HOUR_MS - RECORDING_FROM_MS) / 1000) * SAMPLE_RATE
  const head = wavHead(samples)
  const total = head.length + samples
  const first = Number(/bytes=(\d+)-/.exec(range ?? '')?.[1] ?? 0)
  const asked = Number(/-(\d+)$/.exec(range ?? '')?.[1] ?? total - 1)
  const last = Math.min(asked, first + MOST_SERVED - 1, total - 1)
  const body = Buffer.alloc(last - first + 1, 128)
  if (first < head.length) head.copy(body, 0, first)
  const headers = {
    'content-type': 'audio/wav',
    'accept-ranges': 'bytes',
    'content-range': `bytes ${first}-${last}/${total}`,
  }
  return { status: 206, headers, body }
}

/** RIFF, PCM of 8 bits, one channel. */
function wavHead(samples: number): Buffer {
  const head = Buffer.alloc(44)
  head.write('RIFF', 0)
  head.writeUInt32LE(36 + samples, 4)
  head.write('WAVEfmt ', 8)
  head.writeUInt32LE(16, 16)
  head.writeUInt16LE(1, 20)
  head.writeUInt16LE(1, 22)
  head.writeUInt32LE(SAMPLE_RATE, 24)
  head.writeUInt32LE(SAMPLE_RATE, 28)
  head.writeUInt16LE(1, 32)
  head.writeUInt16LE(8, 34)
  head.write('data', 36)
  head.writeUInt32LE(samples, 40)
  return head
}

function callOf(callId: string): Item {
  return {
    call_id: callId,
    provider: 'sip',
    direction: 'outbound',
    from: '+4930555100',
    to: '+493023125900',
    trunk: 'rehearsal',
    application_id: null,
    status: 'ended',
    outcome: 'answered',
    review_status: null,
    termination: { result: 'success', reason: 'hangup', by: 'callee', sip_status: null },
    created_at: at(0),
    invited_at: at(10),
    ringing_at: at(400),
    answered_at: at(2300),
    ended_at: at(HOUR_MS),
    duration_seconds: 3597.7,
    agent: {
      agent_id: 'agent_rehearsal',
      conversation_id: null,
      opened_at: at(2360),
      closed_at: at(HOUR_MS - 10),
      close_reason: 'call-ended',
      sessions: 1,
      open_ms_after_answer: 60,
    },
    machine: null,
    consent: null,
    cost: {
      amount_minor: 480,
      currency: 'USD',
      parts: [{ kind: 'agent', seconds: 3597.7, price_per_minute: 0.08, amount_minor: 480 }],
    },
    language: null,
    attempt: 1,
    retry_of: null,
    next_attempt_at: null,
    placed_by: null,
    has_recording: true,
    has_transcript: true,
    metadata: {},
  }
}
