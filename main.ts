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
import { configWarnings, loadConfig, type Config } from '#core/config'
import { codeOf, messageOf } from '#core/errors'
import { createCallEventBus } from '#core/events'
import { runAll } from '#core/lifecycle'
import { createLogger, createMetrics, type Logger, type Metrics } from '#core/telemetry'
import { createClock, type Clock } from '#core/time'
import { openControlApi, type ControlApi } from '#control-api'
import {
  accountTrunk,
  exposeEmbeddedSip,
  openGateway,
  traceEmbeddedSip,
  type EmbeddedSip,
  type Gateway,
  type Trunk,
} from '#gateway'
import { startWorld, type DemoNumber } from '#simulators/world'
import { renderBanner } from './startup/banner.ts'
import { describeUse, type NodeUse } from './startup/how-to.ts'
import { fallbackPrompt } from './startup/fallback-message.ts'
import { openMedia } from './startup/open-media.ts'
import { listenForSip } from './startup/listen-for-sip.ts'
import { requireOwnAddresses } from './startup/own-addresses.ts'

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
  /** The carrier speaks UDP on 127.0.0.1 only: we must listen there, whatever else the configuration says. */
  readonly carrierIsLocal?: boolean
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
  readonly howTo: () => NodeUse
  /** What was done otherwise than the configuration says, for whoever started it. */
  readonly notes: readonly string[]
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
  await requireOwnAddresses(config)
  for (const { name, problem, todo } of configWarnings(config))
    logger.warn({ todo }, `${name} ${problem}`)
  const late: { gateway?: Gateway; sip?: EmbeddedSip } = {}
  const howTo = (): NodeUse =>
    describeUse({
      config,
      sipAddresses: late.sip?.addresses ?? [],
      http: api.address,
      demoNumbers: outside.demoNumbers,
      trunks: late.gateway?.trunks() ?? [],
    })
  const sipTrace = traceEmbeddedSip(() => late.sip, clock.anchor, logger)
  const api = await openApi(base, () => late.gateway?.calls, sipTrace, howTo)
  undo.unshift(() => api.close())
  const media = await openMedia({
    ...base,
    evidenceKey: base.evidence.key,
    mediaStore: api.mediaStore,
    agent: outside.agent,
  })
  const { bridge } = media
  undo.unshift(() => media.close())
  const { sip, notes } = await listenForSip(config, logger, outside.carrierIsLocal)
  late.sip = sip
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
    stopped ??= runAll([() => gateway.drain(ms(drainMs)), ...undo]).then(() => {
      const trunks = gateway.trunks().map(({ name, registration }) => ({ name, registration }))
      logger.info({ trunks }, 'stopped')
    })
    return stopped
  }
  return { api, gateway, bridge, sip, metrics, clock, events, outside, howTo, notes, stop }
}

function openApi(
  { config, logger, clock, metrics, events, outside }: Base,
  callControl: () => Gateway['calls'] | undefined,
  sipTrace: SipTrace,
  howTo: () => NodeUse,
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
      advertiseAddress: config.rtpAdvertise,
      fallbackPrompt: fallbackPrompt(config),
      recording: config.recordCalls,
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
    carrierIsLocal: true,
    close: () => world.close(),
  }
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
  const { api, notes, howTo } = voicegate
  process.stdout.write(
    renderBanner({ config, use: howTo(), generatedKey: api.generatedKey, notes }),
  )
}

if (import.meta.main) {
  main().catch((error: unknown) => {
    const code = codeOf(error)
    process.stderr.write(`voicegate did not start: ${messageOf(error)}\n`)
    if (code === undefined && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`)
    process.exit(1)
  })
}
