// The simulated ElevenLabs as its options ask for it: used by its own program and by that of the whole world.
import type { AskedFor } from '../command-line.ts'
import { pick, UsageError, type OptionText, type ProgramText } from '../command-line.ts'
import type { AgentScript } from './agent-script.ts'
import { FAULT_NAMES, NAMED_FAULTS, type NamedFault } from './named-faults.ts'
import type { ElevenLabsOptions } from './simulator.ts'
import { UNCERTAINTIES, type UncertainValue } from './uncertainties.ts'

export const VENDOR_OPTIONS: readonly OptionText[] = [
  { name: 'key', takes: 'KEY', what: 'what xi-api-key must be; without, every key is right' },
  { name: 'fault', takes: 'NAME', what: 'what goes wrong, see below', repeats: true },
  { name: 'fail-first', takes: 'N', what: 'only the first N attempts of an agent fail' },
  { name: 'switch', takes: 'NAME=VALUE', what: 'what is not known of the vendor', repeats: true },
  { name: 'max-sessions', takes: 'N', what: 'conversations at a time; 429 beyond' },
  { name: 'webhook', takes: 'URL', what: 'where post-call webhooks go; with --webhook-secret' },
  { name: 'webhook-secret', takes: 'SECRET', what: 'what they are signed with' },
  { name: 'agent', takes: 'JSON', what: 'what every agent does: an AgentScript (agent-script.ts)' },
]

export const VENDOR_SECTIONS: ProgramText['sections'] = [
  {
    title: 'faults:',
    lines: FAULT_NAMES.map((name) => `${name.padEnd(18)}${NAMED_FAULTS[name].meaning}`),
  },
  {
    title: 'switches, the first value is the default:',
    lines: UNCERTAINTIES.flatMap(({ name, question, values }) => [
      `${name}=${values.map((value) => value.name).join('|')}`,
      `    ${question}`,
    ]),
  },
]

/** @throws UsageError */
export function vendorOptionsOf(asked: AskedFor): ElevenLabsOptions {
  const faults = asked.all('fault').map((name): NamedFault => {
    return NAMED_FAULTS[pick(name, '--fault', FAULT_NAMES)]
  })
  const parts = [...asked.all('switch').map(valueOf), ...faults]
  const most = Number.MAX_SAFE_INTEGER
  const failFirst = asked.number('fail-first', { least: 1, most })
  const maxSessions = asked.number('max-sessions', { least: 0, most })
  const key = asked.text('key')
  return {
    ...(maxSessions === undefined ? {} : { maxSessions }),
    ...(key === undefined ? {} : { apiKey: key }),
    ...webhookOf(asked),
    ...merged(parts.map(({ options = {} }) => options)),
    defaultScript: {
      ...merged(parts.map(({ script = {} }) => script)),
      ...(failFirst === undefined ? {} : { failFirst }),
      ...agentOf(asked),
    },
  }
}

function webhookOf(asked: AskedFor): Pick<ElevenLabsOptions, 'webhook'> {
  const url = asked.text('webhook')
  const secret = asked.text('webhook-secret')
  if (url === undefined && secret === undefined) return {}
  if (url !== undefined && secret !== undefined && URL.canParse(url))
    return { webhook: { url, secret } }
  throw new UsageError('--webhook takes a URL, and --webhook-secret what to sign with')
}

const merged = <T extends object>(parts: readonly T[]): T => Object.assign({}, ...parts) as T

/** Trusted to be a script: whoever types it by hand sees at once when it is not. */
function agentOf(asked: AskedFor): AgentScript {
  const agent = asked.json('agent') ?? {}
  if (typeof agent === 'object' && !Array.isArray(agent)) return agent
  throw new UsageError('--agent takes a JSON object, such as \'{"firstMessage":null}\'')
}

function valueOf(text: string): UncertainValue {
  const [name = '', value = ''] = text.split('=')
  const names = UNCERTAINTIES.map((each) => each.name)
  const known = pick(name, '--switch', names)
  const values = UNCERTAINTIES.find((each) => each.name === known)?.values ?? []
  const wanted = pick(
    value,
    `--switch ${known}`,
    values.map((each) => each.name),
  )
  return values.find((each) => each.name === wanted) ?? { name: wanted }
}
