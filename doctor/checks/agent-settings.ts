// How the agent is set up at its vendor, as far as a telephone call cares: its audio, what it tells us, what it lets us
// say. Read with GET /v1/convai/agents/{id} (read autumn 2026); what the answer does not say is told, and nothing more.
import { AGENT_AUDIO_FORMATS } from '#core/contracts'
import { fail, info, ok, warn, type Finding } from '../finding.ts'

const PAGE = 'the agent’s page at ElevenLabs'

/** What we cannot talk without, and what is lost without the others. */
const EVENTS: Readonly<Record<string, string>> = {
  interruption: 'the caller cannot interrupt it',
  user_transcript: 'what callers say is missing from transcripts',
  agent_response: 'what it says is missing from transcripts',
}

export interface SettingsContext {
  /** What we tell it of every call. */
  readonly variables: readonly string[]
}

export function judgeAgentSettings(
  settings: unknown,
  { variables }: SettingsContext,
): readonly Finding[] {
  const config = at(settings, 'conversation_config')
  return [
    ...judgeFormats(config),
    ...judgeEvents(at(config, 'conversation', 'client_events')),
    ...judgeLimits(config),
    ...judgeOverrides(at(settings, 'platform_settings', 'overrides')),
    ...judgeFirstMessage(at(config, 'agent', 'first_message'), variables),
    ...judgeAccess(at(settings, 'platform_settings', 'auth')),
  ]
}

function judgeFormats(config: unknown): readonly Finding[] {
  const input = at(config, 'asr', 'user_input_audio_format')
  const output = at(config, 'tts', 'agent_output_audio_format')
  if (typeof input !== 'string' || typeof output !== 'string')
    return [
      warn(
        'agent',
        'ElevenLabs does not say which audio formats it uses',
        `Look at ${PAGE}: µ-law 8000 Hz both ways costs least.`,
      ),
    ]
  const unknown = [input, output].filter((format) => !isKnown(format))
  if (unknown.length > 0)
    return [
      fail(
        'agent',
        `its audio format is one that we do not know: ${unknown.map(word).join(', ')}`,
        `Set it to µ-law 8000 Hz (ulaw_8000) on ${PAGE}, for what it hears and for what it says.`,
      ),
    ]
  const seen = `it hears ${input} and speaks ${output}`
  return input === 'ulaw_8000' && output === 'ulaw_8000'
    ? [ok('agent', `${seen}, as the telephone does`)]
    : [
        info(
          'agent',
          `${seen}: that works and is converted; µ-law 8000 Hz (ulaw_8000) both ways, on ${PAGE}, costs less`,
        ),
      ]
}

const isKnown = (format: string): boolean =>
  (AGENT_AUDIO_FORMATS as readonly string[]).includes(format)

function judgeEvents(events: unknown): readonly Finding[] {
  if (!Array.isArray(events))
    return [info('agent', 'ElevenLabs does not say which events it sends us')]
  const missing = Object.entries(EVENTS).filter(([name]) => !events.includes(name))
  const todo = (names: readonly string[]): string =>
    `Add ${names.join(' and ')} to the client events on ${PAGE}.`
  const silent = events.includes('audio')
    ? []
    : [fail('agent', 'it does not send audio: callers would hear nothing', todo(['audio']))]
  if (missing.length === 0)
    return silent.length > 0 ? silent : [ok('agent', 'it sends the events that we need')]
  const lost = missing.map(([name, what]) => `without ${name} ${what}`).join('; ')
  return [...silent, warn('agent', lost, todo(missing.map(([name]) => name)))]
}

function judgeLimits(config: unknown): readonly Finding[] {
  if (at(config, 'conversation', 'text_only') === true)
    return [fail('agent', 'it only writes and does not speak', `Turn off “text only” on ${PAGE}.`)]
  const seconds = at(config, 'conversation', 'max_duration_seconds')
  const silence = at(config, 'turn', 'silence_end_call_timeout')
  const hangsUp =
    typeof silence === 'number' && silence > 0
      ? `, and when nobody speaks for ${silence} s`
      : ', not when nobody speaks (we watch for that)'
  return typeof seconds === 'number'
    ? [info('agent', `it ends a talk after ${seconds} s${hangsUp}`)]
    : []
}

/** Of what POST /api/calls may send; a field that is not allowed ends the session at once (close 1008). */
function judgeOverrides(overrides: unknown): readonly Finding[] {
  const agent = at(overrides, 'conversation_config_override', 'agent')
  if (agent === undefined)
    return [
      info(
        'agent',
        'ElevenLabs does not say whether first_message and language of a call may replace its own',
      ),
    ]
  const refused = ['first_message', 'language'].filter((field) => at(agent, field) !== true)
  if (refused.length === 0)
    return [ok('agent', 'first_message and language of a call may replace its own')]
  const seen = `a call that sends ${refused.join(' or ')} is refused by it: not allowed under overrides on ${PAGE}`
  return [info('agent', seen)]
}

const PLACEHOLDER = /\{\{\s*([A-Za-z_]\w{0,63})\s*\}\}/g

/** A variable that is missing in the first message ends the session at once, too. */
function judgeFirstMessage(message: unknown, variables: readonly string[]): readonly Finding[] {
  if (typeof message !== 'string') return []
  const names = [...message.matchAll(PLACEHOLDER)].map(([, name = '']) => name)
  const missing = [...new Set(names)].filter(
    (name) => !name.startsWith('system__') && !variables.includes(name),
  )
  if (missing.length === 0) return []
  return [
    warn(
      'agent',
      `its first message needs ${missing.join(', ')}, which we do not send by ourselves: calls that come in would fail`,
      `Take it out of the first message on ${PAGE}, or send it with each call in dynamic_variables and take no calls in.`,
    ),
  ]
}

function judgeAccess(auth: unknown): readonly Finding[] {
  const allowed = at(auth, 'allowlist')
  const lists =
    Array.isArray(allowed) && allowed.length > 0
      ? [
          warn(
            'agent',
            'it has a list of the web sites that may use it: a telephone call comes from none',
            `If calls are refused, empty the allowlist on ${PAGE}.`,
          ),
        ]
      : []
  if (at(auth, 'enable_auth') !== false) return lists
  return [
    ...lists,
    warn(
      'agent',
      'it is public: whoever knows its id can talk to it, and you pay',
      `Turn on authentication on ${PAGE}; the key opens it for us all the same.`,
    ),
  ]
}

/** Words of the vendor, for the terminal. */
const word = (text: string): string => text.replaceAll(/[^\w.-]/g, '?').slice(0, 40)

function at(value: unknown, ...path: readonly string[]): unknown {
  let found: unknown = value
  for (const key of path)
    found =
      typeof found === 'object' && found !== null
        ? (found as Readonly<Record<string, unknown>>)[key]
        : undefined
  return found
}
