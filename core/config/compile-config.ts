// Text in, configuration or the list of everything that is wrong out. Pure: the environment is read elsewhere.
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { ms } from '../contracts/index.ts'
import type { ConfigProblem } from './config-problem.ts'
import type { Config, TrunkConfig } from './config.ts'
import { listenProblems } from './listen-rules.ts'
import { hostOf, isLoopback, isWildcard } from './loopback.ts'
import { nearestName } from './nearest-name.ts'
import type { SipListenAddress } from './sip-setting.ts'
import { FOREIGN_PREFIXES, NOT_BUILT, VARIABLES, type Values, type VariableName } from './schema.ts'
import { readSipTls, type SipTlsTexts, type Surroundings } from './sip-tls.ts'
import { agentConfigured, trunkConfigured, trunkProblems } from './trunk-rules.ts'

export type Compiled = { readonly config: Config } | { readonly problems: readonly ConfigProblem[] }

type Source = Readonly<Record<string, string | undefined>>

const THIS_MACHINE: Surroundings = {
  readFile: (path) => readFileSync(path, 'utf8'),
  now: () => Date.now(),
}

/**
 * @param environment the process's environment; unknown names in it are other programs' business
 * @param file the keys of `.env`; unknown ones are mistakes
 * @param surroundings for the files that settings name
 */
export function compileConfig(
  environment: Source,
  file: Source,
  surroundings = THIS_MACHINE,
): Compiled {
  const source: Source = { ...file, ...dropEmpty(environment) }
  const problems = [...unknownKeys(file), ...notBuilt(source)]
  const values = readValues(source, problems)
  const isGiven = (name: VariableName): boolean => (source[name]?.trim() ?? '') !== ''
  problems.push(
    ...contradictions(values, isGiven),
    ...listenProblems(values),
    ...trunkProblems(values, isGiven),
  )
  const sipTls = readSipTls(values, surroundings, (name, problem) =>
    problems.push({ name, problem }),
  )
  return problems.length > 0 ? { problems } : { config: assemble(values, sipTls) }
}

const dropEmpty = (source: Source): Source =>
  Object.fromEntries(Object.entries(source).filter(([, value]) => value?.trim()))

function unknownKeys(file: Source): ConfigProblem[] {
  const known = [...Object.keys(VARIABLES), ...Object.keys(NOT_BUILT)]
  return Object.keys(file)
    .filter((name) => !known.includes(name))
    .filter((name) => !FOREIGN_PREFIXES.some((prefix) => name.startsWith(prefix)))
    .map((name) => {
      const meant = nearestName(name, Object.keys(VARIABLES))
      const question = meant === undefined ? '' : `; did you mean ${meant}?`
      return { name, problem: `is not a setting of ours${question}` }
    })
}

function notBuilt(source: Source): ConfigProblem[] {
  return Object.entries(NOT_BUILT).flatMap(([name, { neutral }]) => {
    const value = source[name]?.trim() ?? ''
    if (value === '' || value === neutral) return []
    if (name === 'DATABASE_URL' && /^(sqlite|mysql)/.test(value)) {
      const problem =
        'names a database of the replaced systems; it is not opened in place but brought over by the import, ' +
        'which is not built yet. Leave it empty to start with our own SQLite'
      return [{ name, problem }]
    }
    return [{ name, problem: 'is not built yet; leave it empty' }]
  })
}

function readValues(source: Source, problems: ConfigProblem[]): Values {
  const read = Object.entries(VARIABLES).map(([name, variable]) => {
    const given = source[name]?.trim()
    const written = given === undefined || given === '' ? variable.default : given
    if (written === undefined) return [name, undefined] as const
    const parsed = variable.setting.parse(written)
    if ('value' in parsed) return [name, parsed.value] as const
    problems.push({ name, problem: parsed.problem })
    return [name, undefined] as const
  })
  return Object.fromEntries(read) as Values
}

/** The first is needed by the second: neither is of any use alone. */
const PAIRS = [
  ['SIP_TLS_CERT', 'SIP_TLS_KEY'],
  ['SIP_TLS_KEY', 'SIP_TLS_CERT'],
  ['TOOL_SERVER_SECRET', 'TOOL_SERVER_URL'],
  ['TOOL_SERVER_URL', 'TOOL_SERVER_SECRET'],
] as const
const MIN_TOOL_SECRET = 16

/** Port 0 is none: the one really bound is shown. */
const namesPort = (advertise: string | undefined): boolean =>
  advertise !== undefined && isIP(advertise) === 0 && /:0*[1-9]\d*$/.test(advertise)

/** Each 0 becomes another port. */
const portOf = ({ port }: SipListenAddress, at: number): string =>
  port === 0 ? `free ${at}` : String(port)

function contradictions(values: Values, isGiven: (name: VariableName) => boolean): ConfigProblem[] {
  const problems: ConfigProblem[] = []
  const found = (name: VariableName, problem: string): void => void problems.push({ name, problem })
  if (values.API_KEY !== undefined && values.API_KEY.length < 32)
    found('API_KEY', 'must have at least 32 characters')
  if (values.ELEVENLABS_API_KEY !== undefined && values.ELEVENLABS_AGENT_ID === undefined)
    found('ELEVENLABS_AGENT_ID', 'is missing: ELEVENLABS_API_KEY needs the agent it is for')
  if ((values.RTP_PORT_MAX ?? 0) - (values.RTP_PORT_MIN ?? 0) < 3)
    found('RTP_PORT_MAX', 'must be at least 3 above RTP_PORT_MIN')
  const listen = values.SIP_LISTEN ?? []
  if (listen.some(({ host }) => isWildcard(host)) && values.SIP_ADVERTISE === undefined)
    found('SIP_ADVERTISE', 'is missing: SIP_LISTEN takes every address, so say which one to show')
  if (namesPort(values.SIP_ADVERTISE) && new Set(listen.map(portOf)).size > 1)
    found(
      'SIP_ADVERTISE',
      'names one port, but SIP_LISTEN has several: leave its port out, and each address shows its own',
    )
  if ((values.TOOL_SERVER_SECRET?.length ?? MIN_TOOL_SECRET) < MIN_TOOL_SECRET)
    found('TOOL_SERVER_SECRET', `must have at least ${MIN_TOOL_SECRET} characters`)
  for (const [name, other] of PAIRS)
    if (!isGiven(name) && values[other] !== undefined) found(name, `is missing: ${other} needs it`)
  if (listen.some(({ host }) => !isLoopback(host)) && isLoopback(values.RTP_HOST ?? ''))
    found('RTP_HOST', 'is loopback while SIP_LISTEN is not: callers could not reach the audio')
  if (isWildcard(values.RTP_HOST ?? ''))
    found('RTP_HOST', 'must be one address: it is written into the SDP')
  return problems
}

/** After validation: what is still undefined here is optional, or its problem was already reported. */
function assemble(values: Values, sipTls: SipTlsTexts): Config {
  const rehearsal = !agentConfigured(values) && !trunkConfigured(values)
  const hosts = [
    values.HTTP_HOST,
    values.RTP_HOST,
    ...(values.SIP_LISTEN ?? []).map(({ host }) => host),
  ]
  return {
    rehearsal,
    requireKey:
      !rehearsal || values.API_KEY !== undefined || hosts.some((host) => !isLoopback(host ?? '')),
    httpHost: required(values.HTTP_HOST),
    httpPort: required(values.HTTP_PORT),
    publicUrl: values.PUBLIC_URL,
    apiKey: values.API_KEY,
    dataDir: rehearsal ? join(required(values.DATA_DIR), 'rehearsal') : required(values.DATA_DIR),
    sipListen: required(values.SIP_LISTEN),
    sipAdvertise: values.SIP_ADVERTISE,
    rtpAdvertise: addressIn(values.SIP_ADVERTISE),
    sipTls,
    trunk: assembleTrunk(values),
    rtpHost: required(values.RTP_HOST),
    rtpPortMin: required(values.RTP_PORT_MIN),
    rtpPortMax: required(values.RTP_PORT_MAX),
    agent: {
      apiKey: values.ELEVENLABS_API_KEY,
      agentId: values.ELEVENLABS_AGENT_ID,
      restUrl: required(values.ELEVENLABS_BASE_URL),
      wsUrl: values.ELEVENLABS_WS_URL,
      pricePerMinute: required(values.ELEVENLABS_PRICE_PER_MINUTE),
      variables: required(values.AGENT_VARIABLES),
      frameMs: FRAME_LENGTHS[required(values.AGENT_FRAME_MS)],
      dtmf: required(values.AGENT_DTMF),
      fallbackMessage: values.AGENT_FALLBACK_MESSAGE,
      voiceId: required(values.ELEVENLABS_VOICE_ID),
      toolServer: toolServer(values),
    },
    recordCalls: values.RECORD_CALLS ?? (rehearsal ? 'always' : 'off'),
    dialAllowPrefixes: values.DIAL_ALLOW_PREFIXES ?? (rehearsal ? ['+'] : []),
    maxConcurrentCalls: required(values.MAX_CONCURRENT_CALLS),
    maxOutboundCallsPerSecond: required(values.MAX_OUTBOUND_CALLS_PER_SECOND),
    maxInboundCallsPerSecond: required(values.MAX_INBOUND_CALLS_PER_SECOND),
    drain: ms(
      (values.DRAIN_SECONDS ?? (rehearsal ? REHEARSAL_DRAIN_SECONDS : DRAIN_SECONDS)) * 1000,
    ),
    logLevel: required(values.LOG_LEVEL),
  }
}

const DRAIN_SECONDS = 10
/** Nobody waits for a simulated caller. */
const REHEARSAL_DRAIN_SECONDS = 1
const FRAME_LENGTHS = { 20: 20, 40: 40, 60: 60 } as const

function toolServer(values: Values): Config['agent']['toolServer'] {
  const { TOOL_SERVER_URL: address, TOOL_SERVER_SECRET: secret } = values
  return address === undefined || secret === undefined ? undefined : { url: address, secret }
}

function assembleTrunk(values: Values): TrunkConfig | undefined {
  if (!trunkConfigured(values)) return undefined
  const domain = required(values.EXOLVE_SIP_DOMAIN)
  return {
    name: 'exolve',
    user: required(values.EXOLVE_SIP_USER),
    password: required(values.EXOLVE_SIP_PASS),
    domain: isIP(domain) === 6 ? `[${domain}]` : domain,
    proxy: values.EXOLVE_SIP_PROXY?.uri,
  }
}

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a setting with a default has no value')
  return value
}

function addressIn(advertised: string | undefined): string | undefined {
  const host = hostOf(advertised ?? '')
  return isIP(host) > 0 ? host : undefined
}
