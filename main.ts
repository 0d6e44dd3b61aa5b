// The composition root: reads the configuration, wires the ports, starts, drains, stops. The only importer of the mint
// of answer evidence.
import { isIP } from 'node:net'
import { inspect } from 'node:util'
import { createAnswerMint } from './core/contracts/answer-mint.ts'
import {
  ms,
  type CallEvents,
  type MediaBridge,
  type NumberRoute,
  type SipTrace,
} from '#core/contracts'
import { configWarnings, loadConfig, type Config } from '#core/config'
import { codeOf, messageOf } from '#core/errors'
import { createCallEventBus } from '#core/events'
import { CleanUps, runAll } from '#core/lifecycle'
import {
  createCallLogs,
  createLogger,
  createLogLevelSwitch,
  createLogLineCount,
  createMetrics,
  inBackground,
  logCallEvents,
  logLibraryConsole,
  openStandardOutput,
  openTracing,
  type CallLogs,
  type LogLevelSwitch,
  type Metrics,
  type RootLogger,
  type Tracing,
} from '#core/telemetry'
import { createClock, type Clock } from '#core/time'
import { openControlApi, type ControlApi, type ControlApiConfig } from '#control-api'
import { openGateway, type Gateway } from '#gateway'
import { apiSettings } from './startup/api-settings.ts'
import { renderBanner } from './startup/banner.ts'
import { CONSOLE_DIRECTORY, ensureConsole } from './startup/console-build.ts'
import { debugOnSignal } from './startup/debug-on-signal.ts'
import { endNow, endOnSignals } from './startup/end-on-signals.ts'
import { describeUse, type NodeUse } from './startup/how-to.ts'
import { fallbackPrompt } from './startup/fallback-message.ts'
import { prepareMenu } from './startup/menu-prompts.ts'
import { nodeMetrics } from './startup/node-metrics.ts'
import { openMedia } from './startup/open-media.ts'
import { outsideOf, type Outside } from './startup/outside.ts'
import { requireOwnAddresses } from './startup/own-addresses.ts'
import { createTrunkReload } from './startup/reload-trunks.ts'
import { createRehearsals } from './startup/rehearsal-runs.ts'
import { openSipServer, traceSip, type SipServer } from './startup/sip-server.ts'
import { tellSetClock } from './startup/tell-set-clock.ts'

export type { Outside }

export interface Voicegate {
  readonly api: ControlApi
  readonly gateway: Gateway
  readonly bridge: MediaBridge
  readonly sip: SipServer
  readonly metrics: Metrics
  readonly clock: Clock
  readonly events: CallEvents
  readonly outside: Outside
  readonly howTo: () => NodeUse
  /** What was done otherwise than the configuration says, for whoever started it. */
  readonly notes: readonly string[]
  /**
   * Lets calls finish for `drainMs`, ends the rest with BYE, closes every record, frees everything. Idempotent; asked
   * again with less, it waits less.
   * @param isFailure it is a defect that ends it: the next start is told so
   * @throws what failed, when all else is closed
   */
  stop(drainMs: number, isFailure?: boolean): Promise<void>
  /** What is being closed now. */
  closing(): string | undefined
}

interface Base {
  readonly config: Config
  readonly logger: RootLogger
  readonly logLevel: LogLevelSwitch | undefined
  readonly clock: Clock
  readonly metrics: Metrics
  readonly events: CallEvents
  readonly tracing: Tracing
  readonly outside: Outside
  readonly callLogs: CallLogs | undefined
  readonly consoleDirectory: string
  readonly evidence: ReturnType<typeof createAnswerMint>
}

const VERSION = '0.1.0'
/** Longer than each part's own deadlines together: whatever hangs, the next part is closed. */
const CLOSE_DEADLINES = {
  'the outside': ms(5000),
  'the control API': ms(20_000),
  media: ms(10_000),
  'the SIP server': ms(5000),
  'the gateway': ms(8000),
  'the calls of others': ms(6000),
  'the traces': ms(4000),
} as const

/** Keeps what was opened to be closed in the opposite order; throws when the start was broken off meanwhile. */
type Opened = (name: keyof typeof CLOSE_DEADLINES, close: () => Promise<void>) => void

export interface StartOptions {
  readonly logger?: RootLogger
  /** Of that logger, where a signal changes it too. */
  readonly logLevel?: LogLevelSwitch
  /** What the logger writes of each call, for the debug bundle. */
  readonly callLogs?: CallLogs
  /** Of the built console, other than ours. */
  readonly consoleDirectory?: string
  readonly outside?: Outside
  /** Breaks the start off. */
  readonly signal?: AbortSignal
}

/** Starts everything of one node. What had started is closed again when a later part fails. */
export async function startVoicegate(
  config: Config,
  options: StartOptions = {},
): Promise<Voicegate> {
  const { signal, logger = createLogger(config.logLevel) } = options
  const cleanUps = new CleanUps((err, part) => logger.error({ err, part }, 'closing failed'))
  const opened: Opened = (name, close) => {
    cleanUps.add({ name, within: CLOSE_DEADLINES[name], run: close })
    signal?.throwIfAborted()
  }
  try {
    const outside = options.outside ?? (await outsideOf(config))
    opened('the outside', () => outside.close())
    const clock = createClock()
    const tracing = await openTracing({ logger, clock }, config.tracing)
    // Behind all that is traced, the last webhooks too.
    opened('the traces', () => tracing.close())
    const events = createCallEventBus((err) => logger.error({ err }, 'an event subscriber failed'))
    logCallEvents(events, logger)
    const evidence = createAnswerMint()
    const metrics = nodeMetrics(createMetrics(logger), config, VERSION)
    const shared = { clock, metrics, events, evidence, tracing }
    const { callLogs, logLevel, consoleDirectory = CONSOLE_DIRECTORY } = options
    const base = { config, logger, logLevel, callLogs, consoleDirectory, outside, ...shared }
    return await start(base, opened, cleanUps)
  } catch (error) {
    // Logged already; why it did not start matters more.
    await cleanUps.run().catch(() => undefined)
    throw error
  }
}

async function start(base: Base, opened: Opened, cleanUps: CleanUps): Promise<Voicegate> {
  const { config, logger, clock, metrics, events, outside } = base
  await requireOwnAddresses(config)
  for (const { name, problem, todo } of configWarnings(config))
    logger.warn({ todo }, `${name} ${problem}`)
  const late: { gateway?: Gateway; sip?: SipServer; bridge?: MediaBridge } = {}
  const trunks = () => ({
    trunks: late.gateway?.trunks() ?? [],
    sipServerIsAway: late.gateway?.calls.isConnected() === false,
  })
  const howTo = (): NodeUse =>
    describeUse({
      config,
      sipAddresses: late.sip?.addresses ?? [],
      http: api.address,
      demoNumbers: outside.demoNumbers,
      menuNumber: outside.numbers?.find(({ to }) => to.kind === 'flow')?.number,
      sipIsAway: trunks().sipServerIsAway,
    })
  const sipTrace = traceSip(() => late.sip, clock.anchor, logger)
  const callControl = () => late.gateway?.calls
  const openBridge = () => late.bridge
  const api = await openApi(base, { callControl, bridge: openBridge, sipTrace, howTo, trunks })
  opened('the control API', () => api.close())
  const media = await openMedia({
    ...base,
    evidenceKey: base.evidence.key,
    mediaStore: api.mediaStore,
    agent: outside.agent,
  })
  opened('media', () => media.close())
  const bridge = (late.bridge = media.bridge)
  const carrierIsLocal = outside.carrierIsLocal === true
  const sip = await openSipServer({ ...base, carrierIsLocal })
  late.sip = sip
  opened('the SIP server', () => sip.close())
  // Before anybody stops it all: its calls are cut off, not ended, and the next start sees to their phones.
  sip.onExit(() => late.gateway?.lose())
  const gateway = (late.gateway = await connectGateway(base, api, bridge, sip))
  opened('the gateway', () => gateway.close())
  // Their agents first: media is closed later.
  opened('the calls of others', () => api.endCalls())
  await api.listen()
  api.setReady('ready')
  logger.info({ rehearsal: config.rehearsal }, 'ready')

  let stopped: Promise<void> | undefined
  const menu = { config, logger, bridge, isOver: () => stopped !== undefined }
  inBackground(prepareMenu(menu), logger, 'preparing the menu')
  const stop = (drainMs: number, isFailure = false): Promise<void> => {
    if (isFailure) api.noteFailure()
    api.setReady('draining')
    const drained = [gateway.drain(ms(drainMs)), api.drainCalls(ms(drainMs))]
    stopped ??= runAll([...drained.map((drain) => () => drain), () => cleanUps.run()]).then(() => {
      const trunks = gateway.trunks().map(({ name, registration }) => ({ name, registration }))
      logger.info({ trunks }, 'stopped')
    })
    return stopped
  }
  const closing = (): string | undefined => cleanUps.current
  const { notes } = sip
  return { api, gateway, bridge, sip, metrics, clock, events, outside, howTo, notes, stop, closing }
}

const numbersOf = ({
  config,
  outside,
}: Pick<Base, 'config' | 'outside'>): readonly NumberRoute[] => [
  ...(outside.numbers ?? []),
  ...config.numbers,
]

/** Of parts that open after the control API. */
interface FromOthers extends Required<Pick<ControlApiConfig, 'howTo' | 'trunks'>> {
  readonly callControl: () => Gateway['calls'] | undefined
  readonly bridge: () => MediaBridge | undefined
  readonly sipTrace: SipTrace
}

function openApi(
  base: Base,
  { callControl, bridge, sipTrace, howTo, trunks }: FromOthers,
): Promise<ControlApi> {
  const { config, logger, logLevel, callLogs, consoleDirectory, outside, evidence } = base
  const { clock, metrics, events, tracing } = base
  return openControlApi(
    {
      ...{ logger, logLevel, callLogs, metrics, clock, events, tracing },
      callControl,
      bridge,
      mint: evidence.mint,
      sipTrace,
    },
    {
      httpHost: config.httpHost,
      httpPort: config.httpPort,
      freePortWhenBusy: config.rehearsal,
      trustedProxies: config.httpTrustedProxies,
      publicUrl: config.publicUrl,
      apiKey: config.apiKey,
      dataDir: config.dataDir,
      databaseUrl: config.databaseUrl,
      requireKey: config.requireKey,
      rehearsal: config.rehearsal,
      rehearsals: createRehearsals({
        dataDir: config.dataDir,
        pricePerMinute: config.agent.pricePerMinute,
      }),
      defaultAgentId: outside.agent.agentId,
      agentVariables: config.agent.variables,
      agentVendor: {
        restUrl: outside.agent.restUrl,
        apiKey: outside.agent.recordsKey ?? outside.agent.apiKey,
        voiceId: config.agent.voiceId,
        webhookSecret: config.agent.webhookSecret,
      },
      numbers: numbersOf({ config, outside }),
      twilio: outside.twilio ?? config.twilio,
      voximplant: outside.voximplant ?? config.voximplant,
      media: outside.media ?? config.media,
      s3: config.s3,
      ivr: config.ivr,
      pricePerMinute: config.agent.pricePerMinute,
      retentionDays: config.retentionDays,
      secretsKeys: config.secretsKeys,
      webhookAllowHosts: config.webhookAllowHosts,
      version: VERSION,
      consoleDirectory,
      howTo,
      trunks,
      settings: apiSettings(config, outside),
    },
  )
}

function connectGateway(
  { config, logger, clock, metrics, events, outside, evidence }: Base,
  api: ControlApi,
  bridge: MediaBridge,
  sip: SipServer,
): Promise<Gateway> {
  const { journal, directory, flows } = api
  const { mint } = evidence
  return openGateway(
    {
      logger,
      clock,
      metrics,
      events,
      journal,
      directory,
      flows,
      bridge,
      mint,
      ...(sip.callOff ? { callOff: sip.callOff } : {}),
      guard: (callers) => sip.embedded?.guard(callers),
    },
    {
      sipServer: sip.admin,
      trunks: outside.trunks,
      strangers: config.strangers,
      transferNumbers: config.transferNumbers,
      freeswitch: config.freeswitch,
      admission: {
        allowPrefixes: config.dialAllowPrefixes,
        maxConcurrentCalls: config.maxConcurrentCalls,
        maxOutboundCallsPerSecond: config.maxOutboundCallsPerSecond,
        maxInboundCallsPerSecond: config.maxInboundCallsPerSecond,
        maxAgentSessions: config.agent.maxSessions,
      },
      rtpFamily: isIP(config.rtpHost) === 6 ? 6 : 4,
      advertiseAddress: config.rtpAdvertise,
      fallbackPrompt: fallbackPrompt(config),
      recording: config.recordCalls,
    },
  )
}

async function main(): Promise<void> {
  const config = loadConfig()
  const callLogs = createCallLogs()
  const logLines = createLogLineCount()
  const lines = logLines.before(callLogs.before(openStandardOutput()))
  const logger = createLogger(config.logLevel, lines)
  logLibraryConsole(logger)
  const logLevel = createLogLevelSwitch(logger, createClock())
  debugOnSignal(logLevel)
  tellSetClock(logger)
  const reloads = config.trunksFile !== undefined
  const end = endOnSignals({ logger, drain: config.drain, reloads })
  const { signal } = end
  // A supervisor runs node itself.
  const mayBuild = process.env['npm_lifecycle_event'] === 'start'
  const terminal = openStandardOutput()
  const consoleNotes = ensureConsole({ logger, terminal, signal, mayBuild })
  const voicegate = await startVoicegate(config, {
    logger,
    logLevel,
    callLogs,
    signal,
  }).catch((error: unknown) => {
    if (signal.aborted) return end.exit()
    throw error
  })
  end.ready(voicegate)
  logLines.expose(voicegate.metrics, logger.threshold)
  const { gateway } = voicegate
  const onNumbers: ControlApi['replaceNumbers'] = (numbers) =>
    voicegate.api.replaceNumbers([...(voicegate.outside.numbers ?? []), ...numbers])
  end.onReload(createTrunkReload({ logger, gateway, onNumbers }, config))
  const { sip, api, howTo } = voicegate
  sip.onExit((reason) => end.fail('the SIP server died', reason))
  api.onFailure((reason) => end.fail('the database died', reason))
  const notes = [...voicegate.notes, ...(await consoleNotes)]
  if (signal.aborted) return
  terminal.write(renderBanner({ config, use: howTo(), generatedKey: api.generatedKey, notes }))
}

const USAGE = `npm start takes no options. What it does is set in .env or the environment: .env.example has every setting.
Anything else is another command: npm run doctor, npm run rehearse, npm run simulate, npm test.
`

if (import.meta.main && process.argv.length > 2) {
  const isAsked = process.argv[2] === '--help'
  ;(isAsked ? process.stdout : process.stderr).write(USAGE)
  process.exitCode = isAsked ? 0 : 2
} else if (import.meta.main) {
  main().catch((error: unknown) => {
    const code = codeOf(error)
    process.stderr.write(`voicegate did not start: ${messageOf(error)}\n`)
    // A defect: where, and what is behind it.
    if (code === undefined || code === 'INTERNAL') process.stderr.write(`${inspect(error)}\n`)
    endNow(1)
  })
}
