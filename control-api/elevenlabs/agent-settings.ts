// How the agent is set up at its vendor, as far as a telephone call cares: its audio, what it tells us, what it lets us
// say, when it ends. Read with GET /v1/convai/agents/{id} (read autumn 2026); what the answer does not say is told, and
// nothing more. Used by GET /api/agents/{id}/check and by the doctor.
import { AGENT_AUDIO_FORMATS } from '#core/contracts'

/** `info`: neither right nor wrong, but good to know. `fail`: calls with it do not work. */
export interface AgentFinding {
  readonly verdict: 'ok' | 'info' | 'warn' | 'fail'
  readonly seen: string
  /** Of every `warn` and `fail`, and where something could be better. */
  readonly todo?: string
}

const ok = (seen: string): AgentFinding => ({ verdict: 'ok', seen })
const info = (seen: string, todo?: string): AgentFinding => ({
  verdict: 'info',
  seen,
  ...(todo === undefined ? {} : { todo }),
})
const warn = (seen: string, todo: string): AgentFinding => ({ verdict: 'warn', seen, todo })
const fail = (seen: string, todo: string): AgentFinding => ({ verdict: 'fail', seen, todo })

const PAGE = 'the agent’s page at ElevenLabs'

/** What we cannot talk without, and what is lost without the others. */
const EVENTS: Readonly<Record<string, string>> = {
  interruption: 'the caller cannot interrupt it',
  user_transcript: 'what callers say is missing from transcripts',
  agent_response: 'what it says is missing from transcripts',
}

/** Without it the transcript says too much after an interruption; nothing else is lost. */
const USEFUL_EVENTS = ['agent_response_correction']

export interface SettingsContext {
  /** What we tell it of every call. */
  readonly variables: readonly string[]
}

export function judgeAgentSettings(
  settings: unknown,
  { variables }: SettingsContext,
): readonly AgentFinding[] {
  const config = at(settings, 'conversation_config')
  return [
    ...judgeFormats(config),
    ...judgeEvents(at(config, 'conversation', 'client_events')),
    ...judgeLimits(config),
    ...judgeOverrides(at(settings, 'platform_settings', 'overrides')),
    ...judgeVariables(at(config, 'agent'), variables),
    ...judgeTools(at(config, 'agent', 'prompt')),
    ...judgeAccess(at(settings, 'platform_settings', 'auth')),
  ]
}

function judgeFormats(config: unknown): readonly AgentFinding[] {
  const input = at(config, 'asr', 'user_input_audio_format')
  const output = at(config, 'tts', 'agent_output_audio_format')
  if (typeof input !== 'string' || typeof output !== 'string')
    return [
      warn(
        'ElevenLabs does not say which audio formats it uses',
        `Look at ${PAGE}: µ-law 8000 Hz both ways costs least.`,
      ),
    ]
  const unknown = [input, output].filter((format) => !isKnown(format))
  if (unknown.length > 0)
    return [
      fail(
        `its audio format is one that we do not know: ${unknown.map(word).join(', ')}`,
        `Set it to µ-law 8000 Hz (ulaw_8000) on ${PAGE}, for what it hears and for what it says.`,
      ),
    ]
  const seen = `it hears ${input} and speaks ${output}`
  return input === 'ulaw_8000' && output === 'ulaw_8000'
    ? [ok(`${seen}, as the telephone does`)]
    : [
        info(
          `${seen}: that works and is converted; µ-law 8000 Hz (ulaw_8000) both ways, on ${PAGE}, costs less`,
        ),
      ]
}

const isKnown = (format: string): boolean =>
  (AGENT_AUDIO_FORMATS as readonly string[]).includes(format)

function judgeEvents(events: unknown): readonly AgentFinding[] {
  if (!Array.isArray(events)) return [info('ElevenLabs does not say which events it sends us')]
  const missing = Object.entries(EVENTS).filter(([name]) => !events.includes(name))
  const todo = (names: readonly string[]): string =>
    `Add ${names.join(' and ')} to the client events on ${PAGE}.`
  const silent = events.includes('audio')
    ? []
    : [fail('it does not send audio: callers would hear nothing', todo(['audio']))]
  const useful = USEFUL_EVENTS.filter((name) => !events.includes(name)).map((name) =>
    info(`without ${name} it does not tell how much of an answer was heard`, todo([name])),
  )
  if (missing.length === 0)
    return [...(silent.length > 0 ? silent : [ok('it sends the events that we need')]), ...useful]
  const lost = missing.map(([name, what]) => `without ${name} ${what}`).join('; ')
  return [...silent, warn(lost, todo(missing.map(([name]) => name))), ...useful]
}

/** A talk that is cut off sooner than this was hardly meant to be. */
const SHORT_TALK_SECONDS = 60

function judgeLimits(config: unknown): readonly AgentFinding[] {
  if (at(config, 'conversation', 'text_only') === true)
    return [fail('it only writes and does not speak', `Turn off “text only” on ${PAGE}.`)]
  const seconds = at(config, 'conversation', 'max_duration_seconds')
  const silence = at(config, 'turn', 'silence_end_call_timeout')
  const hangsUp =
    typeof silence === 'number' && silence > 0
      ? `, and when nobody speaks for ${silence} s`
      : ', not when nobody speaks (we watch for that)'
  if (typeof seconds !== 'number') return []
  const seen = `it ends a talk after ${seconds} s${hangsUp}`
  if (seconds < SHORT_TALK_SECONDS)
    return [warn(seen, `Raise the maximum duration of a conversation on ${PAGE}.`)]
  return silence === -1
    ? [info(seen, `Set a silence timeout, such as 30 s, on ${PAGE}: silence costs as talk does.`)]
    : [info(seen)]
}

/** The vendor's own tools; they run there, and some of them only on its own telephony. */
function judgeTools(prompt: unknown): readonly AgentFinding[] {
  const builtIn = at(prompt, 'built_in_tools')
  const listed = at(prompt, 'tools')
  if (builtIn === undefined && !Array.isArray(listed)) return []
  const names = new Set([
    ...(Array.isArray(listed) ? listed : [])
      .filter((tool) => at(tool, 'type') === 'system')
      .map((tool) => at(tool, 'name')),
    ...Object.entries(builtIn ?? {}).flatMap(([name, tool]) => (tool === null ? [] : [name])),
  ])
  const endCall = names.has('end_call')
    ? [ok('it can end a call by itself')]
    : [
        info(
          'it cannot end a call: somebody has to hang up on it',
          `Add the system tool “end call” on ${PAGE}.`,
        ),
      ]
  const voicemail = names.has('voicemail_detection')
    ? []
    : [
        info(
          'it does not notice answering machines: a call that one takes goes on until it is full',
          `For calls that go out, add the system tool “voicemail detection” on ${PAGE}.`,
        ),
      ]
  const transfer = names.has('transfer_to_number')
    ? [
        warn(
          'its system tool transfer_to_number works on the telephony of ElevenLabs alone: here nobody is transferred by it',
          `Take it out on ${PAGE}, and define a client tool of the name transfer_to_human.`,
        ),
      ]
    : []
  return [...endCall, ...voicemail, ...transfer]
}

/** Of what POST /api/calls may send; a field that is not allowed ends the session at once (close 1008). */
function judgeOverrides(overrides: unknown): readonly AgentFinding[] {
  const agent = at(overrides, 'conversation_config_override', 'agent')
  if (agent === undefined)
    return [
      info(
        'ElevenLabs does not say whether first_message and language of a call may replace its own',
      ),
    ]
  const refused = ['first_message', 'language'].filter((field) => at(agent, field) !== true)
  if (refused.length === 0) return [ok('first_message and language of a call may replace its own')]
  const seen = `a call that sends ${refused.join(' or ')} is refused by it: not allowed under overrides on ${PAGE}`
  return [info(seen)]
}

const PLACEHOLDER = /\{\{\s*([A-Za-z_]\w{0,63})\s*\}\}/g

/** A variable that is missing ends the session at once, too. */
function judgeVariables(agent: unknown, variables: readonly string[]): readonly AgentFinding[] {
  const texts = [
    ['first message', at(agent, 'first_message')],
    ['prompt', at(agent, 'prompt', 'prompt')],
  ] as const
  return texts.flatMap(([where, text]) => {
    const missing = missingIn(text, variables)
    if (missing.length === 0) return []
    return [
      warn(
        `its ${where} needs ${missing.join(', ')}, which we do not send by ourselves: calls that come in would fail`,
        `Take it out of the ${where} on ${PAGE}, or send it with each call in dynamic_variables and take no calls in.`,
      ),
    ]
  })
}

function missingIn(text: unknown, variables: readonly string[]): readonly string[] {
  if (typeof text !== 'string') return []
  const names = [...text.matchAll(PLACEHOLDER)].map(([, name = '']) => name)
  return [...new Set(names)].filter(
    (name) => !name.startsWith('system__') && !variables.includes(name),
  )
}

function judgeAccess(auth: unknown): readonly AgentFinding[] {
  const allowed = at(auth, 'allowlist')
  const lists =
    Array.isArray(allowed) && allowed.length > 0
      ? [
          warn(
            'it has a list of the web sites that may use it: a telephone call comes from none',
            `If calls are refused, empty the allowlist on ${PAGE}.`,
          ),
        ]
      : []
  if (at(auth, 'enable_auth') !== false) return lists
  return [
    ...lists,
    warn(
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
