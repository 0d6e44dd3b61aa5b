// Text in, configuration or the list of everything that is wrong out. Pure: the environment is read elsewhere.
import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { ms } from '../contracts/index.ts'
import type { ConfigProblem } from './config-problem.ts'
import type { Config, IvrConfig, ServerAccess, TwilioConfig } from './config.ts'
import { listenProblems } from './listen-rules.ts'
import { hostOf, isLoopback } from './loopback.ts'
import { mediaOf, mediaProblems, s3Of } from './media-rules.ts'
import { nearestName } from './nearest-name.ts'
import { contradictions, transferProblems } from './setting-rules.ts'
import { FOREIGN_PREFIXES, NOT_BUILT, VARIABLES, type Values, type VariableName } from './schema.ts'
import { readSipTls, type SipTlsTexts, type Surroundings } from './sip-tls.ts'
import { agentConfigured, readAllTrunks, type AllTrunks } from './all-trunks.ts'
import { serverProblems } from './server-rules.ts'
import { readTracing, withoutTracing } from './tracing/read-tracing.ts'
import { twilioProblems } from './twilio-rules.ts'
import { readTrunksFile } from './trunks-file/read-trunks-file.ts'

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
  const source: Source = withoutTracing({ ...file, ...dropEmpty(environment) })
  const found: ConfigProblem[] = []
  const values = readValues(source, found)
  const isGiven = (name: VariableName): boolean => isFilled(source[name])
  const lookup = (name: string): string | undefined =>
    isFilled(source[name]) ? source[name] : undefined
  const all = readAllTrunks(values, isGiven, (path) =>
    readTrunksFile(path, surroundings.readFile, lookup),
  )
  const { tracing, problems: tracingProblems } = readTracing(source, values, surroundings)
  const hasServer = values.DRACHTIO_HOST !== undefined
  const rehearsal =
    !agentConfigured(values) &&
    all.trunks.length === 0 &&
    !hasServer &&
    !isGiven('TWILIO_AUTH_TOKEN') &&
    !isGiven('TWILIO_ACCOUNT_SID') &&
    !isGiven('DID_API_KEY') &&
    !isGiven('HEYGEN_API_KEY')
  const problems = [
    ...unknownKeys(file, all.variables),
    ...notBuilt(source),
    ...found,
    ...contradictions(values, isGiven),
    ...transferProblems(values, rehearsal),
    ...serverProblems(values, isGiven),
    ...twilioProblems(values, isGiven),
    ...mediaProblems(values, isGiven),
    ...listenProblems(values),
    ...tracingProblems,
    ...all.problems,
  ]
  const sipTls = readSipTls(values, surroundings, (name, problem) =>
    problems.push({ name, problem }),
  )
  return problems.length > 0
    ? { problems }
    : { config: { ...assemble(values, sipTls, { ...all, rehearsal }), tracing } }
}

const isFilled = (value: string | undefined): boolean => (value?.trim() ?? '') !== ''

const dropEmpty = (source: Source): Source =>
  Object.fromEntries(Object.entries(source).filter(([, value]) => isFilled(value)))

/** @param variables what the trunks file asks for */
function unknownKeys(file: Source, variables: readonly string[]): ConfigProblem[] {
  const known = [...Object.keys(VARIABLES), ...Object.keys(NOT_BUILT), ...variables]
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

/** After validation: what is still undefined here is optional, or its problem was already reported. */
function assemble(
  values: Values,
  sipTls: SipTlsTexts,
  { trunks, numbers, rehearsal }: AllTrunks & Pick<Config, 'rehearsal'>,
): Omit<Config, 'tracing'> {
  const hosts = [
    values.HTTP_HOST,
    values.RTP_HOST,
    ...(values.SIP_LISTEN ?? []).map(({ host }) => host),
  ]
  return {
    rehearsal,
    // Behind a proxy or a tunnel even a loopback address is open to others; a database may hold more than what was rehearsed.
    requireKey:
      !rehearsal ||
      values.API_KEY !== undefined ||
      values.HTTP_TRUSTED_PROXIES !== undefined ||
      values.DATABASE_URL !== undefined ||
      !isLoopback(hostnameOf(values.PUBLIC_URL) ?? '127.0.0.1') ||
      hosts.some((host) => !isLoopback(host ?? '')),
    httpHost: required(values.HTTP_HOST),
    httpPort: required(values.HTTP_PORT),
    httpTrustedProxies: values.HTTP_TRUSTED_PROXIES ?? [],
    publicUrl: values.PUBLIC_URL,
    apiKey: values.API_KEY,
    dataDir: rehearsal ? join(required(values.DATA_DIR), 'rehearsal') : required(values.DATA_DIR),
    databaseUrl: values.DATABASE_URL,
    secretsKeys: values.SECRETS_KEY ?? [],
    retentionDays: required(values.RETENTION_DAYS),
    webhookAllowHosts: values.WEBHOOK_ALLOW_HOSTS ?? [],
    sipListen: required(values.SIP_LISTEN),
    sipAdvertise: values.SIP_ADVERTISE,
    rtpAdvertise: addressIn(values.SIP_ADVERTISE),
    sipTls,
    trunks,
    numbers,
    trunksFile: values.TRUNKS_FILE,
    strangers: required(values.SIP_STRANGERS),
    drachtio: access(values.DRACHTIO_HOST, values.DRACHTIO_PORT, values.DRACHTIO_SECRET),
    freeswitch: access(values.FREESWITCH_HOST, values.FREESWITCH_PORT, values.FREESWITCH_SECRET),
    transferNumbers: values.TRANSFER_NUMBERS ?? [],
    rtpHost: required(values.RTP_HOST),
    rtpPortMin: required(values.RTP_PORT_MIN),
    rtpPortMax: required(values.RTP_PORT_MAX),
    agent: agentOf(values),
    twilio: twilioOf(values),
    voximplant: { baseUrl: required(values.VOXIMPLANT_BASE_URL) },
    media: mediaOf(values),
    s3: s3Of(values),
    ivr: ivrOf(values),
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

const agentOf = (values: Values): Config['agent'] => ({
  apiKey: values.ELEVENLABS_API_KEY,
  agentId: values.ELEVENLABS_AGENT_ID,
  restUrl: required(values.ELEVENLABS_BASE_URL),
  webhookSecret: values.ELEVENLABS_WEBHOOK_SECRET,
  maxSessions: values.AGENT_MAX_SESSIONS,
  wsUrl: values.ELEVENLABS_WS_URL,
  pricePerMinute: required(values.ELEVENLABS_PRICE_PER_MINUTE),
  budgetPerDay: required(values.AGENT_BUDGET_PER_DAY),
  variables: required(values.AGENT_VARIABLES),
  frameMs: FRAME_LENGTHS[required(values.AGENT_FRAME_MS)],
  dtmf: required(values.AGENT_DTMF),
  fallbackMessage: values.AGENT_FALLBACK_MESSAGE,
  voiceId: required(values.ELEVENLABS_VOICE_ID),
  toolServer: toolServer(values),
})

function twilioOf(values: Values): TwilioConfig | undefined {
  const { TWILIO_ACCOUNT_SID: accountSid, TWILIO_AUTH_TOKEN: authToken } = values
  const { TWILIO_PHONE_NUMBER: phoneNumber } = values
  if (accountSid === undefined || authToken === undefined || phoneNumber === undefined)
    return undefined
  return {
    accountSid,
    authToken,
    formerAuthToken: values.TWILIO_FORMER_AUTH_TOKEN,
    phoneNumber,
    baseUrl: required(values.TWILIO_BASE_URL),
    answerWith: required(values.TWILIO_ANSWER_WITH),
  }
}

const ivrOf = (values: Values): IvrConfig => ({
  company: values.COMPANY_NAME,
  website: values.WEBSITE_URL,
  voiceName: values.VOICE_NAME,
  languages: required(values.IVR_LANGUAGES),
  orderPattern: required(values.IVR_ORDER_PATTERN),
  onRefusal: required(values.IVR_ON_REFUSAL),
  human: values.TRANSFER_NUMBERS?.[0] ?? null,
})

const hostnameOf = (address: string | undefined): string | undefined =>
  address === undefined ? undefined : new URL(address).hostname

const DRAIN_SECONDS = 10
/** Nobody waits for a simulated caller. */
const REHEARSAL_DRAIN_SECONDS = 1
const FRAME_LENGTHS = { 20: 20, 40: 40, 60: 60 } as const

function toolServer(values: Values): Config['agent']['toolServer'] {
  const { TOOL_SERVER_URL: address, TOOL_SERVER_SECRET: secret } = values
  return address === undefined || secret === undefined ? undefined : { url: address, secret }
}

const access = (
  host: string | undefined,
  port: number | undefined,
  secret: string | undefined,
): ServerAccess | undefined =>
  host === undefined ? undefined : { host, port: required(port), secret: required(secret) }

function required<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a setting with a default has no value')
  return value
}

function addressIn(advertised: string | undefined): string | undefined {
  const host = hostOf(advertised ?? '')
  return isIP(host) > 0 ? host : undefined
}
