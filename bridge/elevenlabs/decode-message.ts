// Text frame of the agent socket → one ServerMessage. The only place where the vendor's JSON is trusted to be
// anything: wrong or missing required fields make it malformed, unknown fields are dropped, ids may be strings.
import type { Alignment } from '../audio/utterance.ts'
import { isTooIntricate } from './intricate-text.ts'
import type {
  AgentToolOutcome,
  ErrorEvent,
  JsonObject,
  ServerMessage,
  ServerMessageOf,
  ServerMessageType,
  UserTranscription,
} from './protocol.ts'

/** What a text frame can be besides a message we know. */
export type Undecoded =
  | { readonly kind: 'unknown'; readonly type: string }
  | { readonly kind: 'malformed'; readonly why: string }

/** Never throws. `why` names fields, never values: they may be personal. */
export function decodeMessage(text: string): ServerMessage | Undecoded {
  if (isTooIntricate(text)) return { kind: 'malformed', why: 'it would take too long to read' }
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    // The parser's own words would quote the text.
    return { kind: 'malformed', why: 'not JSON' }
  }
  if (!isObject(parsed)) return { kind: 'malformed', why: 'not an object' }
  const type = parsed['type']
  if (typeof type !== 'string') return { kind: 'malformed', why: 'type is not a string' }
  if (!isKnown(type)) return { kind: 'unknown', type }
  try {
    return DECODERS[type](parsed)
  } catch (error) {
    if (error instanceof MalformedField)
      return { kind: 'malformed', why: `${type}: ${error.message}` }
    throw error
  }
}

const MAX_ID_CHARS = 1024
/** Of one chunk of audio: more than a quarter of an hour of speech. */
const MAX_LETTERS = 16 * 1024

class MalformedField extends Error {}

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isKnown = (type: string): type is ServerMessageType => Object.hasOwn(DECODERS, type)

/** The wrapper object; `{}` where the vendor leaves it out of messages that carry nothing. */
function optionalObject(from: JsonObject, key: string): JsonObject {
  const value = from[key]
  return isObject(value) ? value : {}
}

function object(from: JsonObject, key: string): JsonObject {
  const value = from[key]
  if (isObject(value)) return value
  throw new MalformedField(`${key} is not an object`)
}

function string(from: JsonObject, key: string): string {
  const value = from[key]
  if (typeof value === 'string') return value
  throw new MalformedField(`${key} is not a string`)
}

/** An id or a name: they are remembered, so none may have megabytes. */
function shortString(from: JsonObject, key: string): string {
  const value = string(from, key)
  if (value.length <= MAX_ID_CHARS) return value
  throw new MalformedField(`${key} is longer than any id`)
}

function id(from: JsonObject, key: string): number {
  const value = optionalNumber(from, key)[key]
  if (value !== undefined) return value
  throw new MalformedField(`${key} is not a number`)
}

function number(from: JsonObject, key: string): number {
  const value = from[key]
  if (typeof value === 'number') return value
  throw new MalformedField(`${key} is not a number`)
}

type Optional<K extends string, T> = { readonly [P in K]?: T }

/** The field when it is a number or the text of one, else nothing. */
function optionalNumber<K extends string>(from: JsonObject, key: K): Optional<K, number> {
  const value = from[key]
  const asNumber = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof asNumber === 'number' && Number.isFinite(asNumber)
    ? ({ [key]: asNumber } as Optional<K, number>)
    : {}
}

function optionalString<K extends string>(from: JsonObject, key: K): Optional<K, string> {
  const value = from[key]
  return typeof value === 'string' ? ({ [key]: value } as Optional<K, string>) : {}
}

function optionalBoolean<K extends string>(from: JsonObject, key: K): Optional<K, boolean> {
  const value = from[key]
  return typeof value === 'boolean' ? ({ [key]: value } as Optional<K, boolean>) : {}
}

function transcription(from: JsonObject, key: string): UserTranscription {
  const body = object(from, key)
  return { user_transcript: string(body, 'user_transcript'), ...optionalNumber(body, 'event_id') }
}

function tool(from: JsonObject, key: string): AgentToolOutcome {
  const body = object(from, key)
  return {
    tool_name: shortString(body, 'tool_name'),
    ...('tool_call_id' in body && typeof body['tool_call_id'] === 'string'
      ? { tool_call_id: shortString(body, 'tool_call_id') }
      : {}),
    ...optionalString(body, 'tool_type'),
    ...optionalNumber(body, 'event_id'),
    ...optionalBoolean(body, 'is_error'),
    ...optionalBoolean(body, 'is_called'),
  }
}

/** Where the letters are; left out unless it is whole, for nothing but the account of what was heard needs it. */
function alignmentIn(audio: JsonObject): { readonly alignment?: Alignment } {
  const { chars, char_start_times_ms: startMs } = optionalObject(audio, 'alignment')
  if (!isListOf(chars, 'string') || !isListOf(startMs, 'number')) return {}
  if (chars.length !== startMs.length || chars.length > MAX_LETTERS) return {}
  // Letters are counted by their length: those without any would never be too many.
  const isLetter = (_: unknown, index: number): boolean => chars[index] !== ''
  const letters = { chars: chars.filter(isLetter), startMs: startMs.filter(isLetter) }
  return letters.chars.length > 0 ? { alignment: letters } : {}
}

interface Primitives {
  string: string
  number: number
}

const isListOf = <K extends keyof Primitives>(
  value: unknown,
  kind: K,
): value is readonly Primitives[K][] =>
  Array.isArray(value) && value.every((one) => typeof one === kind)

function textPart(from: JsonObject, key: string): { text: string; type?: string } {
  const body = object(from, key)
  return { text: string(body, 'text'), ...optionalString(body, 'type') }
}

function errorEvent(from: JsonObject): ErrorEvent {
  const body = optionalObject(from, 'error_event')
  return {
    ...optionalNumber(body, 'code'),
    ...optionalString(body, 'error_type'),
    ...optionalString(body, 'message'),
    ...optionalString(body, 'reason'),
  }
}

const DECODERS: {
  readonly [T in ServerMessageType]: (from: JsonObject) => ServerMessageOf<T>
} = {
  conversation_initiation_metadata(from) {
    const body = object(from, 'conversation_initiation_metadata_event')
    return {
      type: 'conversation_initiation_metadata',
      conversation_initiation_metadata_event: {
        conversation_id: string(body, 'conversation_id'),
        // Here a guess could be noise in the caller's ear: an unnamed format is an unknown one.
        agent_output_audio_format:
          optionalString(body, 'agent_output_audio_format').agent_output_audio_format ?? 'unnamed',
        // The vendor's own client takes the default of the agent when the field is missing.
        user_input_audio_format:
          optionalString(body, 'user_input_audio_format').user_input_audio_format ?? 'pcm_16000',
      },
    }
  },
  ping(from) {
    const body = object(from, 'ping_event')
    return {
      type: 'ping',
      ping_event: { event_id: id(body, 'event_id'), ...optionalNumber(body, 'ping_ms') },
    }
  },
  audio(from) {
    const body = object(from, 'audio_event')
    return {
      type: 'audio',
      audio_event: {
        audio_base_64: string(body, 'audio_base_64'),
        ...optionalNumber(body, 'event_id'),
        ...optionalBoolean(body, 'is_final'),
        ...alignmentIn(body),
      },
    }
  },
  // Whatever it leaves out, it says that the caller speaks over the agent.
  interruption(from) {
    const body = optionalObject(from, 'interruption_event')
    return {
      type: 'interruption',
      interruption_event: {
        ...optionalNumber(body, 'event_id'),
        ...optionalString(body, 'reason'),
      },
    }
  },
  user_transcript: (from) => ({
    type: 'user_transcript',
    user_transcription_event: transcription(from, 'user_transcription_event'),
  }),
  tentative_user_transcript: (from) => ({
    type: 'tentative_user_transcript',
    tentative_user_transcription_event: transcription(from, 'tentative_user_transcription_event'),
  }),
  agent_response(from) {
    const body = object(from, 'agent_response_event')
    return {
      type: 'agent_response',
      agent_response_event: {
        agent_response: string(body, 'agent_response'),
        ...optionalNumber(body, 'event_id'),
      },
    }
  },
  agent_response_correction(from) {
    const body = object(from, 'agent_response_correction_event')
    return {
      type: 'agent_response_correction',
      agent_response_correction_event: {
        corrected_agent_response: string(body, 'corrected_agent_response'),
        ...optionalString(body, 'original_agent_response'),
        ...optionalNumber(body, 'event_id'),
      },
    }
  },
  agent_chat_response_part: (from) => ({
    type: 'agent_chat_response_part',
    text_response_part: textPart(from, 'text_response_part'),
  }),
  agent_reasoning_response_part: (from) => ({
    type: 'agent_reasoning_response_part',
    reasoning_response_part: textPart(from, 'reasoning_response_part'),
  }),
  agent_response_complete: (from) => ({
    type: 'agent_response_complete',
    agent_response_complete_event: optionalNumber(
      optionalObject(from, 'agent_response_complete_event'),
      'event_id',
    ),
  }),
  agent_response_metadata: (from) => ({
    type: 'agent_response_metadata',
    agent_response_metadata_event: optionalObject(from, 'agent_response_metadata_event'),
  }),
  client_tool_call(from) {
    const body = object(from, 'client_tool_call')
    return {
      type: 'client_tool_call',
      client_tool_call: {
        tool_name: string(body, 'tool_name'),
        tool_call_id: shortString(body, 'tool_call_id'),
        parameters: optionalObject(body, 'parameters'),
        ...optionalNumber(body, 'event_id'),
        ...optionalBoolean(body, 'expects_response'),
      },
    }
  },
  agent_tool_request: (from) => ({
    type: 'agent_tool_request',
    agent_tool_request: tool(from, 'agent_tool_request'),
  }),
  agent_tool_response: (from) => ({
    type: 'agent_tool_response',
    agent_tool_response: tool(from, 'agent_tool_response'),
  }),
  // The facts say "same key": the wrapper has been seen under both names.
  agent_tool_response_full_payload: (from) => ({
    type: 'agent_tool_response_full_payload',
    agent_tool_response_full_payload: tool(
      from,
      'agent_tool_response_full_payload' in from
        ? 'agent_tool_response_full_payload'
        : 'agent_tool_response',
    ),
  }),
  mcp_tool_call(from) {
    const body = object(from, 'mcp_tool_call')
    return {
      type: 'mcp_tool_call',
      mcp_tool_call: {
        tool_call_id: shortString(body, 'tool_call_id'),
        tool_name: string(body, 'tool_name'),
        state: string(body, 'state'),
      },
    }
  },
  mcp_connection_status: (from) => ({
    type: 'mcp_connection_status',
    mcp_connection_status: optionalObject(from, 'mcp_connection_status'),
  }),
  vad_score: (from) => ({
    type: 'vad_score',
    vad_score_event: { vad_score: number(object(from, 'vad_score_event'), 'vad_score') },
  }),
  context_usage: (from) => ({
    type: 'context_usage',
    context_usage_event: optionalObject(from, 'context_usage_event'),
  }),
  asr_initiation_metadata: (from) => ({
    type: 'asr_initiation_metadata',
    asr_initiation_metadata_event: optionalObject(from, 'asr_initiation_metadata_event'),
  }),
  guardrail_triggered: (from) => ({
    type: 'guardrail_triggered',
    guardrail_triggered_event: optionalObject(from, 'guardrail_triggered_event'),
  }),
  queue_status: (from) => ({
    type: 'queue_status',
    queue_status_event: { status: string(object(from, 'queue_status_event'), 'status') },
  }),
  error: (from) => ({ type: 'error', error_event: errorEvent(from) }),
  client_error: (from) => ({ type: 'client_error', error_event: errorEvent(from) }),
  agent_typing: (from) => ({
    type: 'agent_typing',
    agent_typing_event: optionalObject(from, 'agent_typing_event'),
  }),
  external_agent_connected: (from) => ({
    type: 'external_agent_connected',
    external_agent_connected_event: optionalObject(from, 'external_agent_connected_event'),
  }),
  external_agent_disconnected: (from) => ({
    type: 'external_agent_disconnected',
    external_agent_disconnected_event: optionalObject(from, 'external_agent_disconnected_event'),
  }),
  rich_content: (from) => ({
    type: 'rich_content',
    rich_content: optionalObject(from, 'rich_content'),
  }),
  internal_turn_probability: (from) => ({
    type: 'internal_turn_probability',
    turn_probability_internal_event: optionalObject(from, 'turn_probability_internal_event'),
  }),
  internal_tentative_agent_response: (from) => ({
    type: 'internal_tentative_agent_response',
    tentative_agent_response_internal_event: optionalObject(
      from,
      'tentative_agent_response_internal_event',
    ),
  }),
  // Undocumented: with either wrapper, or with none.
  dtmf_request: (from) => {
    const wrapped = from['dtmf_request'] ?? from['dtmf_request_event']
    return { type: 'dtmf_request', dtmf_request: isObject(wrapped) ? wrapped : from }
  },
}
