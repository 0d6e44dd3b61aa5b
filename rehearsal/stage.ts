// The stage: carrier and agent on one clock, and the product between them, started as `npm start` would, on free ports
// and a data folder of its own that goes away with it.
import { randomInt } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { compileConfig, type Config } from '#core/config'
import { ms, type CallEvents } from '#core/contracts'
import { decodePhoneNumber } from '#core/phone-numbers'
import { runAll, waitFor } from '#core/lifecycle'
import { createLogger } from '#core/telemetry'
import { createClock, type Clock } from '#core/time'
import { startCarrier, type Carrier } from '#simulators/carrier'
import { startElevenLabs, type ElevenLabsSimulator } from '#simulators/elevenlabs'
import { SPEECH_TEXTS } from '#simulators/speech'
import { startVoicegate, type Outside, type Voicegate } from '../main.ts'
import { ControlClient } from './control-client.ts'
import { MENU_NUMBER, OWN_NUMBER } from './numbers.ts'
import type { Scenario } from './scenario.ts'
import { watchStalls, type StallWatch } from './stall-watch.ts'

export interface Stage {
  /** Of both simulators. */
  readonly clock: Clock
  readonly carrier: Carrier
  readonly agent: ElevenLabsSimulator
  readonly control: ControlClient
  readonly stallWatch: StallWatch
  /** Of the product, at once. */
  readonly events: CallEvents
  /** The agent that answers inbound calls. */
  readonly defaultAgentId: string
  /** `sip:…@host:port` of the product. */
  readonly sipUri: (number: string) => string
  /** Milliseconds that the product's clock is ahead of the simulators'. */
  readonly productAheadMs: number
  /** What the product logged as warning or worse, a JSON line each. */
  readonly log: readonly string[]
  close(): Promise<void>
}

const DEFAULT_AGENT = 'agent_rehearsal'
/** What a person hears whose agent failed. */
const FALLBACK = 'fallback-message'
/** The simulated vendor wants it; it opens nothing else. */
const SIMULATED_KEY = 'rehearsal'
const START_DEADLINE = ms(20_000)
const CLOSE_DEADLINE = ms(20_000)
const MAX_LOG_LINES = 500

/**
 * @param scenarios that will be played on it
 * @throws AppError `TIMED_OUT`, or why the product did not start; nothing is left behind then.
 */
export async function openStage(scenarios: readonly Scenario[]): Promise<Stage> {
  const undo: (() => unknown)[] = []
  const close = (): Promise<void> =>
    waitFor(runAll(undo.splice(0)), { name: 'closing the stage', timeout: CLOSE_DEADLINE })
  try {
    return await build(scenarios, undo, close)
  } catch (error) {
    await close()
    throw error
  }
}

async function build(
  scenarios: readonly Scenario[],
  undo: (() => unknown)[],
  close: () => Promise<void>,
): Promise<Stage> {
  const clock = createClock()
  const stallWatch = watchStalls(clock)
  undo.unshift(() => stallWatch.stop())
  const dataDir = await mkdtemp(join(tmpdir(), 'voicegate-rehearsal-'))
  undo.unshift(() => rm(dataDir, { recursive: true, force: true }))
  const carrier = await startCarrier({ clock })
  undo.unshift(() => carrier.close())
  const agent = await startElevenLabs({ clock, apiKey: SIMULATED_KEY })
  undo.unshift(() => agent.close())
  agent.script(DEFAULT_AGENT, {})
  const log: string[] = []
  const logger = createLogger('warn', collectLines(log))
  const config = await configure(dataDir, scenarios)
  const starting = startVoicegate(config, { logger, outside: outsideOf(carrier, agent) })
  // What did not start is told by the wait below; there is nothing to stop then.
  undo.unshift(() => starting.then((voicegate) => voicegate.stop(0)).catch(() => undefined))
  const voicegate = await waitFor(starting, { name: 'the product', timeout: START_DEADLINE })
  return {
    clock,
    carrier,
    agent,
    control: new ControlClient(voicegate.howTo().apiUrl),
    stallWatch,
    events: voicegate.events,
    defaultAgentId: DEFAULT_AGENT,
    sipUri: (number) => voicegate.howTo().sipUri.replace(/^sip:[^@]*/, `sip:${number}`),
    productAheadMs: clockDifference(voicegate, clock),
    log,
    close,
  }
}

/** The product's clock was set a moment later, to the whole millisecond; both run on the same monotonic one. */
const clockDifference = ({ clock: product }: Voicegate, clock: Clock): number =>
  product.anchor.wallMs -
  clock.anchor.wallMs -
  Number(product.anchor.monotonicNs - clock.anchor.monotonicNs) / 1e6

function outsideOf(carrier: Carrier, agent: ElevenLabsSimulator): Outside {
  const { host, port } = carrier.address
  const number = decodePhoneNumber(OWN_NUMBER)
  return {
    trunks: [{ name: 'rehearsal', domain: `${host}:${port}`, numbers: number ? [number] : [] }],
    agent: {
      apiKey: SIMULATED_KEY,
      agentId: DEFAULT_AGENT,
      restUrl: agent.restUrl,
      wsUrl: agent.wsUrl,
    },
    demoNumbers: [],
    close: () => Promise.resolve(), // The simulators outlive the product, to see its last words.
  }
}

/** The product speaks what a scenario hears, and nothing else: its first words take two seconds of processor time. */
async function configure(dataDir: string, scenarios: readonly Scenario[]): Promise<Config> {
  const rtp = await freeRtpRange()
  const hearsFallback = scenarios.some(({ expect }) => expect.callerHears.includes(FALLBACK))
  const settings = {
    HTTP_PORT: '0',
    SIP_LISTEN: 'udp:127.0.0.1:0',
    DATA_DIR: dataDir,
    RTP_PORT_MIN: String(rtp.min),
    RTP_PORT_MAX: String(rtp.max),
    LOG_LEVEL: 'warn',
    ...(hearsFallback ? { AGENT_FALLBACK_MESSAGE: SPEECH_TEXTS[FALLBACK] } : {}),
  }
  const compiled = compileConfig(settings, {})
  const menu = scenarios.some(({ menu }) => menu) ? decodePhoneNumber(MENU_NUMBER) : undefined
  if ('config' in compiled)
    return {
      ...compiled.config,
      numbers: menu ? [{ number: menu, to: { kind: 'flow', agentId: null } }] : [],
    }
  const wrong = 'problems' in compiled ? compiled.problems : []
  const problems = wrong.map(({ name, problem }) => `${name} ${problem}`)
  throw new Error(`the rehearsal's own configuration is wrong: ${problems.join('; ')}`)
}

/** Many more than are needed: other programs take ports of this range too. */
const RTP_PORTS = 400
const RTP_LOWEST = 20_000
const RTP_HIGHEST = 29_998
const RTP_TRIES = 20

/** Below the kernel's ephemeral range, so that what is free now stays free until the product takes it. */
async function freeRtpRange(): Promise<{ readonly min: number; readonly max: number }> {
  for (let attempt = 0; attempt < RTP_TRIES; attempt += 1) {
    const min = 2 * randomInt(RTP_LOWEST / 2, (RTP_HIGHEST - RTP_PORTS) / 2)
    const max = min + RTP_PORTS - 1
    if (await areFree(min, max)) return { min, max }
  }
  throw new Error(
    `no ${RTP_PORTS} free UDP ports in a row between ${RTP_LOWEST} and ${RTP_HIGHEST}`,
  )
}

async function areFree(min: number, max: number): Promise<boolean> {
  const sockets: Socket[] = []
  try {
    for (let port = min; port <= max; port += 1) {
      const socket = createSocket('udp4')
      sockets.push(socket)
      socket.bind(port, '127.0.0.1')
      await once(socket, 'listening')
    }
    return true
  } catch {
    return false // One is taken: the caller tries another range.
  } finally {
    for (const socket of sockets) socket.close()
  }
}

const collectLines = (lines: string[]): Writable =>
  new Writable({
    write(chunk: Buffer, _encoding, done) {
      if (lines.length < MAX_LOG_LINES) lines.push(chunk.toString().trimEnd())
      done()
    },
  })
