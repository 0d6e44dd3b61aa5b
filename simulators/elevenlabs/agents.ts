// Agents by REST: list and get, as the vendor describes them (GET /v1/convai/agents, read autumn 2026).
import { lineText, type CompleteAgentScript } from './agent-script.ts'
import { problem, type Answer } from './answer.ts'

const DEFAULT_PAGE = 30
const MAX_PAGE = 100
/** When all simulated agents were made. */
const CREATED_UNIX_SECS = 1_760_000_000

/** @param ids of those with a script: all others are made up as they are asked for */
export function listAgents(ids: readonly string[], asked: URLSearchParams): Answer {
  const size = Number(asked.get('page_size') ?? DEFAULT_PAGE)
  if (!Number.isInteger(size) || size < 1 || size > MAX_PAGE)
    return problem(422, 'invalid_page_size', 'page_size must be between 1 and 100')
  const search = asked.get('search')?.toLowerCase() ?? ''
  const found = ids.filter((id) => id.toLowerCase().includes(search))
  const rest = found.slice(found.indexOf(asked.get('cursor') ?? '') + 1)
  const page = rest.slice(0, size)
  const hasMore = rest.length > page.length
  return {
    status: 200,
    body: {
      agents: page.map((id) => ({
        agent_id: id,
        name: id,
        voice_id: 'voice_simulated',
        tags: [],
        created_at_unix_secs: CREATED_UNIX_SECS,
        access_info: {
          is_creator: true,
          creator_name: 'Simulator',
          creator_email: 'simulator@example.com',
          role: 'admin',
        },
        last_call_time_unix_secs: null,
        archived: false,
      })),
      next_cursor: hasMore ? (page.at(-1) ?? null) : null,
      has_more: hasMore,
    },
  }
}

export function getAgent(id: string, script: CompleteAgentScript, isPrivate: boolean): Answer {
  const { firstMessage, allowedOverrides, maxDurationMs } = script
  const allows = (field: 'first_message' | 'language'): boolean => allowedOverrides.includes(field)
  const settings = {
    conversation_config: {
      asr: {
        quality: 'high',
        provider: 'scribe_realtime',
        user_input_audio_format: script.inputFormat,
      },
      turn: { turn_timeout: 7, silence_end_call_timeout: -1, mode: 'turn' },
      tts: {
        model_id: 'eleven_flash_v2',
        voice_id: 'voice_simulated',
        agent_output_audio_format: script.outputFormat,
      },
      conversation: {
        text_only: false,
        max_duration_seconds: maxDurationMs === undefined ? 600 : maxDurationMs / 1000,
        client_events: CLIENT_EVENTS,
      },
      agent: {
        first_message: firstMessage === null ? '' : lineText(firstMessage),
        language: 'en',
        dynamic_variables: { dynamic_variable_placeholders: {} },
        prompt: {
          prompt: 'You answer the telephone.',
          llm: 'gemini-2.5-flash',
          tools: [],
          built_in_tools: { end_call: END_CALL, voicemail_detection: null },
        },
      },
    },
    platform_settings: {
      auth: { enable_auth: isPrivate, allowlist: [] },
      overrides: {
        conversation_config_override: {
          agent: { first_message: allows('first_message'), language: allows('language') },
        },
      },
      call_limits: { agent_concurrency_limit: -1, daily_limit: 100_000, bursting_enabled: true },
      privacy: { record_voice: true, retention_days: -1 },
    },
  }
  const metadata = {
    created_at_unix_secs: CREATED_UNIX_SECS,
    updated_at_unix_secs: CREATED_UNIX_SECS,
  }
  return {
    status: 200,
    body: { agent_id: id, name: id, ...settings, ...script.settings, metadata, tags: [] },
  }
}

const CLIENT_EVENTS = [
  'audio',
  'interruption',
  'agent_response',
  'user_transcript',
  'agent_response_correction',
  'agent_tool_response',
]

const END_CALL = {
  type: 'system',
  name: 'end_call',
  description: '',
  params: { system_tool_type: 'end_call' },
}
