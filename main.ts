// The composition root: reads the configuration, wires the ports, starts, drains, stops. The only importer of the mint
// of answer evidence.
import { isIP } from 'node:net'
import { createAnswerMint } from './core/contracts/answer-mint.ts'
import {
  decodePhoneNumber,
  ms,
  type CallEvents,
  type MediaBridge,
  type SipTrace,
} from '#core/contracts'
import { loadConfig, type Config } from '#core/config'
import { AppError, codeOf, messageOf } from '#core/errors'
import { createCallEventBus } from '#core/events'
import { runAll } from '#core/lifecycle'
import { createLogger, createMetrics, type Logger, type Metrics } from '#core/telemetry'
import { createClock, type Clock } from '#core/time'
import { openBridge } from '#bridge'
import { openControlApi, type ControlApi, type HowTo } from '#control-api'
import {
  accountTrunk,
  exposeEmbeddedSip,
  freeSipPort,
  openGateway,
  startEmbeddedSip,
  traceEmbeddedSip,
  type EmbeddedSip,
  type Gateway,
  type Trunk,
} from '#gateway'
import { startWorld, type DemoNumber } from '#simulators/world'

/** Who we talk to: the real carrier and agent, or simulated ones. The rehearsal and tests bring their own. */
export interface Outside {
  readonly trunk: Trunk | undefined
  readonly agent: {
    readonly apiKey: string | undefined
    readonly agentId: string | undefined
    readonly restUrl: string
    readonly wsUrl: string | undefined
  }
  readonly demoNumbers: readonly DemoNumber[]
  close(): Promise<void>
}

export interface Voicegate {
  readonly api: ControlApi
  readonly gateway: Gateway
  readonly bridge: MediaBridge
  readonly sip: EmbeddedSip
  readonly metrics: Metrics
  readonly clock: Clock
  readonly events: CallEvents
  readonly outside: Outside
  readonly howTo: () => HowTo
  /** Lets calls finish for `drainMs`, ends the rest with BYE, closes every record, frees everything. Idempotent. */
  stop(drainMs: number): Promise<void>
}

interface Base {
  readonly config: Config
  readonly logger: Logger
  readonly clock: Clock
  readonly metrics: Metrics
  readonly events: CallEvents
  readonly outside: Outside
  readonly evidence: ReturnType<typeof createAnswerMint>
}

const VERSION = '0.1.0'
/** Calls may finish for this long after a signal; a rehearsal has nobody to wait for. */
const DRAIN_MS = 10_000
const REHEARSAL_DRAIN_MS = 1000
/** Where the trunk's account comes from, for the log line that asks to mend it. */
const TRUNK_SETTINGS = 'EXOLVE_SIP_USER, EXOLVE_SIP_PASS and EXOLVE_SIP_DOMAIN'
/** In rehearsal the agent and the carrier's numbers are these. */
const REHEARSAL_AGENT = 'agent_rehearsal'
const REHEARSAL_NUMBER = decodePhoneNumber('+4930555100')

/** Starts everything of one node. What had started is closed again when a later part fails. */
export async function startVoicegate(
  config: Config,
  options: { readonly logger?: Logger; readonly outside?: Outside } = {},
): Promise<Voicegate> {
  const logger = options.logger ?? createLogger(config.logLevel)
  const undo: (() => Promise<unknown>)[] = []
  try {
    const outside = options.outside ?? (await outsideOf(config))
    undo.unshift(() => outside.close())
    const events = createCallEventBus((err) => logger.error({ err }, 'an event subscriber failed'))
    const evidence = createAnswerMint()
    const shared = { clock: createClock(), metrics: createMetrics(), events, evidence }
    return await start({ config, logger, outside, ...shared }, undo)
  } catch (error) {
    await runAll(undo)
    throw error
  }
}

async function start(base: Base, undo: (() => Promise<unknown>)[]): Promise<Voicegate> {
  const { config, logger, clock, metrics, events, outside } = base
  const late: { gateway?: Gateway; sip?: EmbeddedSip } = {}
  const howTo = (): HowTo => describeUse(late.sip, api, outside)
  const sipTrace = traceEmbeddedSip(() => late.sip, clock.anchor, logger)
  const api = await openApi(base, () => late.gateway?.calls, sipTrace, howTo)
  undo.unshift(() => api.close())
  const bridge = await openMedia(base)
  undo.unshift(() => bridge.close())
  const sip = (late.sip = await listenForSip(base))
  undo.unshift(() => sip.close())
  exposeEmbeddedSip(sip, metrics)
  sip.onFault((stack) => logger.error({ stack }, 'a SIP message ran into a defect and was lost'))
  const gateway = (late.gateway = await connectGateway(base, api, bridge, sip))
  undo.unshift(() => gateway.close())
  await api.listen()
  api.setReady('ready')
  logger.info({ rehearsal: config.rehearsal }, 'ready')

  let stopped: Promise<void> | undefined
  const stop = (drainMs: number): Promise<void> => {
    api.setReady('draining')
    // Calls end with BYE first, then SIP, agents and ports, the records, the outside (docs/closing.md).
    stopped ??= runAll([() => gateway.drain(ms(drainMs)), ...undo])
    return stopped
  }
  return { api, gateway, bridge, sip, metrics, clock, events, outside, howTo, stop }
}

function openApi(
  { config, logger, clock, metrics, events, outside }: Base,
  callControl: () => Gateway['calls'] | undefined,
  sipTrace: SipTrace,
  howTo: () => HowTo,
): Promise<ControlApi> {
  return openControlApi(
    { logger, metrics, clock, events, callControl, sipTrace },
    {
      httpHost: config.httpHost,
      httpPort: config.httpPort,
      freePortWhenBusy: config.rehearsal,
      publicUrl: config.publicUrl,
      apiKey: config.apiKey,
      dataDir: config.dataDir,
      requireKey: config.requireKey,
      rehearsal: config.rehearsal,
      defaultAgentId: outside.agent.agentId,
      agentVariables: config.agent.variables,
      pricePerMinute: config.agent.pricePerMinute,
      version: VERSION,
      howTo,
    },
  )
}

function openMedia({
  config,
  logger,
  clock,
  metrics,
  outside,
  evidence,
}: Base): Promise<MediaBridge> {
  const { apiKey, restUrl, wsUrl } = outside.agent
  return openBridge(
    { logger, metrics, clock, evidenceKey: evidence.key },
    {
      rtpHost: config.rtpHost,
      rtpPortMin: config.rtpPortMin,
      rtpPortMax: config.rtpPortMax,
      agent: {
        restUrl,
        ...(apiKey === undefined ? {} : { apiKey }),
        ...(wsUrl === undefined ? {} : { wsUrl }),
      },
    },
  )
}

/** In rehearsal a busy port is replaced by a free one; elsewhere it is the user's to settle. */
async function listenForSip({ config, logger }: Base): Promise<EmbeddedSip> {
  const { sipListen, sipAdvertise, sipTls } = config
  const advertise = sipAdvertise === undefined ? {} : { advertise: sipAdvertise }
  const options = { ...advertise, tls: sipTls }
  try {
    return await startEmbeddedSip({ listen: sipListen, ...options })
  } catch (error) {
    if (!config.rehearsal || !isBusy(error)) throw sipAddressError(error)
    logger.warn('a SIP port is taken: free ones are used')
    return startEmbeddedSip({ listen: await onFreePorts(sipListen), ...options })
  }
}

/** UDP and TCP stay on one port where they were: phones find the one by the other. */
async function onFreePorts(listen: Config['sipListen']): Promise<Config['sipListen']> {
  const moved = new Map<string, number>()
  for (const { host, port } of listen) {
    const place = `${host} ${port}`
    if (!moved.has(place)) moved.set(place, await freeSipPort(host))
  }
  return listen.map((address) => ({
    ...address,
    port: moved.get(`${address.host} ${address.port}`) ?? 0,
  }))
}

const systemCodeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined

const isBusy = (error: unknown): boolean => systemCodeOf(error) === 'EADDRINUSE'

/** Ports and addresses are the user's to settle; anything else is a defect and keeps its stack. */
function sipAddressError(error: unknown): unknown {
  const code = systemCodeOf(error)
  if (typeof code !== 'string') return error
  const why = code === 'EADDRINUSE' ? 'the port is taken' : `it cannot be had (${code})`
  return new AppError('CONFIGURATION_INVALID', `SIP_LISTEN: cannot listen there: ${why}`, {
    cause: error,
  })
}

function connectGateway(
  { config, logger, clock, metrics, events, outside, evidence }: Base,
  api: ControlApi,
  bridge: MediaBridge,
  sip: EmbeddedSip,
): Promise<Gateway> {
  const { journal, directory } = api
  const { mint } = evidence
  return openGateway(
    { logger, clock, metrics, events, journal, directory, bridge, mint },
    {
      sipServer: sip.admin,
      trunk: outside.trunk,
      admission: {
        allowPrefixes: config.dialAllowPrefixes,
        maxConcurrentCalls: config.maxConcurrentCalls,
        maxOutboundCallsPerSecond: config.maxOutboundCallsPerSecond,
        maxInboundCallsPerSecond: config.maxInboundCallsPerSecond,
      },
      rtpFamily: isIP(config.rtpHost) === 6 ? 6 : 4,
      // SDP carries an address, never a name; a name in SIP_ADVERTISE serves Contact and Via only.
      advertiseAddress: isIP(config.sipAdvertise ?? '') > 0 ? config.sipAdvertise : undefined,
    },
  )
}

async function outsideOf(config: Config): Promise<Outside> {
  if (!config.rehearsal) {
    const { apiKey, agentId, restUrl, wsUrl } = config.agent
    const agent = { apiKey, agentId, restUrl, wsUrl }
    const { trunk } = config
    return {
      trunk: trunk && accountTrunk(trunk, TRUNK_SETTINGS),
      agent,
      demoNumbers: [],
      close: () => Promise.resolve(),
    }
  }
  const world = await startWorld()
  const { addresses } = world
  return {
    trunk: {
      name: 'rehearsal',
      domain: addresses.carrierDomain,
      numbers: REHEARSAL_NUMBER ? [REHEARSAL_NUMBER] : [],
    },
    agent: {
      apiKey: undefined,
      agentId: REHEARSAL_AGENT,
      restUrl: addresses.agentRestUrl,
      wsUrl: addresses.agentWsUrl,
    },
    demoNumbers: addresses.demoNumbers,
    close: () => world.close(),
  }
}

function describeUse(sip: EmbeddedSip | undefined, api: ControlApi, outside: Outside): HowTo {
  const { host, port } = api.address
  const addresses = sip?.addresses ?? []
  const listen = addresses.find(({ protocol }) => protocol === 'udp') ?? addresses[0]
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  const number = outside.demoNumbers[0]?.number ?? '+4930123456'
  return {
    apiUrl: url,
    sipUri: listen ? sipUriAt(listen) : '',
    exampleCurl: `curl -X POST ${url}/api/calls/start -H 'Content-Type: application/json' -d '{"phone_number": "${number}"}'`,
    demoNumbers: outside.demoNumbers,
  }
}

function sipUriAt({ protocol, host, port }: EmbeddedSip['addresses'][number]): string {
  const address = host.includes(':') ? `[${host}]` : host
  return `sip:agent@${address}:${port}${protocol === 'udp' ? '' : `;transport=${protocol}`}`
}

function banner({ howTo, api }: Voicegate, config: Config): string {
  const { apiUrl, sipUri, exampleCurl } = howTo()
  const key = config.requireKey ? ` -H "Authorization: Bearer $API_KEY"` : ''
  const lines = [
    config.rehearsal
      ? 'voicegate is ready. Rehearsal: carrier and agent are simulated on this machine, nothing costs money.'
      : 'voicegate is ready.',
    `  call in   ${sipUri}   (any softphone, no registration, PCMU)`,
    `  API       ${apiUrl}/docs`,
    `  console   ${apiUrl}/`,
    `  try       ${exampleCurl.replace(' -H', `${key} -H`)}`,
    '  stop      Ctrl-C (calls are ended with BYE; twice: at once)',
  ]
  if (api.generatedKey !== undefined)
    lines.push(
      '',
      `  Administrator key, made now and shown this once: ${api.generatedKey}`,
      '  Keep it: it is stored hashed. To choose your own, set API_KEY.',
    )
  return `${lines.join('\n')}\n`
}

/** Ends the process on a signal, on a lost SIP server and on a defect: always with every record closed if it can be. */
function stopOnSignals(voicegate: Voicegate, config: Config, logger: Logger): void {
  let signals = 0
  const stop = (drainMs: number, code: number): void => {
    voicegate.stop(drainMs).then(
      () => process.exit(code),
      (error: unknown) => {
        logger.error({ err: error }, 'stopping was not clean')
        process.exit(1)
      },
    )
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      signals += 1
      logger.info({ signal }, signals === 1 ? 'stopping' : 'stopping now')
      if (signals === 1) stop(config.rehearsal ? REHEARSAL_DRAIN_MS : DRAIN_MS, 0)
      else void voicegate.gateway.close()
      if (signals > 2) process.exit(130)
    })
  }
  const defect = (error: unknown): void => {
    logger.fatal({ err: error }, 'a defect: stopping, so that a supervisor can start anew')
    stop(0, 1)
  }
  process.on('uncaughtException', defect)
  process.on('unhandledRejection', defect)
  const lost = (what: string, reason: string): void => {
    logger.fatal({ reason }, `${what} died: stopping, so that a supervisor can start anew`)
    stop(0, 1)
  }
  voicegate.sip.onExit((reason) => lost('the embedded SIP server', reason))
  voicegate.api.onFailure((reason) => lost('the database', reason))
}

async function main(): Promise<void> {
  const config = loadConfig()
  const logger = createLogger(config.logLevel)
  const voicegate = await startVoicegate(config, { logger })
  stopOnSignals(voicegate, config, logger)
  process.stdout.write(banner(voicegate, config))
}

if (import.meta.main) {
  main().catch((error: unknown) => {
    const code = codeOf(error)
    process.stderr.write(`voicegate did not start: ${messageOf(error)}\n`)
    if (code === undefined && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`)
    process.exit(1)
  })
}
