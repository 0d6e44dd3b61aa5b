// The product in this process, started by its own composition root, with the simulated carrier and agent beside it.
import type { Test } from 'tap'
import { startVoicegate, type Outside, type Voicegate } from '../../main.ts'
import { compileConfig } from '#core/config'
import { createLogger } from '#core/telemetry'
import type { Trunk } from '#core/contracts'
import { decodePhoneNumber } from '#core/phone-numbers'
import type { DrachtioAccess } from '#gateway'
import { startCarrier, type Carrier, type CarrierOptions } from '../../simulators/carrier/index.ts'
import {
  startElevenLabs,
  type AgentScript,
  type AgentSessionRecord,
  type ElevenLabsSimulator,
} from '../../simulators/elevenlabs/index.ts'
import { migratedDataDir } from './data-folder.ts'
import { eventually } from './process.ts'
import { ProductView } from './product-view.ts'

export interface ProductOptions {
  /** Settings as one would write them in the environment. */
  readonly settings?: Readonly<Record<string, string>>
  /** As with a real credential: requests need API_KEY. */
  readonly requireKey?: boolean
  /** Dialled instead of the simulated carrier: `host:port`. */
  readonly trunkDomain?: string
  /** What else the trunk that is handed over has: an account, credentials asked of callers. */
  readonly trunk?: Partial<Trunk>
  /** The trunk of the settings (`EXOLVE_…`) and a keyed agent, as in production, instead of handing both over. */
  readonly isConfigured?: boolean
  /** Lines of the log, for a test that sets LOG_LEVEL. */
  readonly logTo?: { write(line: string): void }
  /** All of them, instead of the one to the simulated carrier. */
  readonly trunks?: readonly Trunk[]
  /** A drachtio-server instead of the embedded SIP server. */
  readonly drachtio?: DrachtioAccess
  readonly carrier?: CarrierOptions
  readonly agent?: AgentScript
  /** Where the agent's signed URL is asked for, with this key. */
  readonly signedUrls?: { readonly restUrl: string; readonly apiKey: string }
}

export interface Product {
  readonly voicegate: Voicegate
  readonly view: ProductView
  readonly carrier: Carrier
  readonly agent: ElevenLabsSimulator
  readonly sipHost: string
  readonly sipPort: number
  /** The agent sessions of one call, as the agent saw them. */
  sessionsOf(callId: string): readonly AgentSessionRecord[]
  /** Waits until nothing of any call is left: registry, media, ports, agent sockets. */
  idle(timeoutMs?: number): Promise<void>
  stop(): Promise<void>
}

export const AGENT_ID = 'agent_under_test'
export const OUR_NUMBER = '+4930555100'
/** Of the agent and of our own API. */
const KEY = 'a-key-of-more-than-thirty-two-characters'

export async function startProduct(t: Test, options: ProductOptions = {}): Promise<Product> {
  const carrier = await startCarrier(options.carrier)
  t.teardown(() => carrier.close())
  const key = options.isConfigured === true ? KEY : undefined
  const agent = await startElevenLabs(key === undefined ? {} : { apiKey: key })
  t.teardown(() => agent.close())
  if (options.agent) agent.script(AGENT_ID, options.agent)
  const compiled = configOf({
    HTTP_PORT: '0',
    SIP_LISTEN: 'udp:127.0.0.1:0',
    DATA_DIR: await migratedDataDir(t),
    MAX_OUTBOUND_CALLS_PER_SECOND: '1000',
    LOG_LEVEL: 'silent',
    ...(key === undefined ? {} : keyedAgent(agent, key)),
    ...options.settings,
  })
  const config = {
    ...compiled,
    requireKey: options.requireKey ?? compiled.requireKey,
    ...(options.drachtio === undefined ? {} : { drachtio: options.drachtio }),
  }
  const outside = key === undefined ? { outside: outsideOf(carrier, agent, options) } : {}
  const logger = createLogger(config.logLevel, options.logTo)
  const voicegate = await startVoicegate(config, { ...outside, logger })
  voicegate.sip.onExit((reason) => t.fail(`the SIP server died: ${reason}`))
  voicegate.sip.embedded?.onFault((fault) => t.fail(`a defect of the SIP server: ${fault}`))
  const stop = (): Promise<void> => voicegate.stop(0)
  t.teardown(stop)
  const { host, port } = voicegate.api.address
  const { addresses } = voicegate.sip
  const sip = addresses.find(({ protocol }) => protocol === 'udp') ?? addresses[0]
  if (!sip) throw new Error('no SIP address')
  const view = new ProductView(`http://${host}:${port}`, key)
  return {
    voicegate,
    view,
    carrier,
    agent,
    sipHost: sip.host,
    sipPort: sip.port,
    sessionsOf: (callId) => agent.sessions.filter((session) => callIdOf(session) === callId),
    idle: (timeoutMs = 10_000) => waitUntilIdle(voicegate, view, agent, timeoutMs),
    stop,
  }
}

function configOf(settings: Readonly<Record<string, string>>) {
  const compiled = compileConfig(settings, {})
  if ('config' in compiled) return compiled.config
  throw new Error(compiled.problems.map(({ name, problem }) => `${name} ${problem}`).join('\n'))
}

const keyedAgent = ({ restUrl, wsUrl }: ElevenLabsSimulator, key: string) => ({
  ELEVENLABS_API_KEY: key,
  ELEVENLABS_AGENT_ID: AGENT_ID,
  ELEVENLABS_BASE_URL: restUrl,
  ELEVENLABS_WS_URL: wsUrl,
  API_KEY: key,
})

function outsideOf(carrier: Carrier, agent: ElevenLabsSimulator, options: ProductOptions): Outside {
  const { host, port } = carrier.address
  const number = decodePhoneNumber(OUR_NUMBER)
  return {
    trunks: options.trunks ?? [
      {
        name: 'test',
        domain: options.trunkDomain ?? `${host}:${port}`,
        numbers: number ? [number] : [],
        // Most of those that play its part answer nothing but calls.
        health: 'off',
        ...options.trunk,
      },
    ],
    agent: {
      apiKey: options.signedUrls?.apiKey,
      recordsKey: 'rehearsal',
      agentId: AGENT_ID,
      restUrl: options.signedUrls?.restUrl ?? agent.restUrl,
      wsUrl: agent.wsUrl,
    },
    demoNumbers: [],
    close: () => Promise.resolve(),
  }
}

/** The product tells the agent which call it is, as AGENT_VARIABLES says by default. */
function callIdOf({ initiation }: AgentSessionRecord): unknown {
  const variables = initiation?.['dynamic_variables']
  return (variables as Record<string, unknown> | undefined)?.['call_id']
}

async function waitUntilIdle(
  { gateway, bridge }: Voicegate,
  view: ProductView,
  agent: ElevenLabsSimulator,
  timeoutMs: number,
): Promise<void> {
  await eventually('an empty registry', timeoutMs, () => gateway.calls.list().length === 0)
  await eventually('no media session', timeoutMs, () => bridge.sessionCount() === 0)
  await eventually('every agent session closed', timeoutMs, () =>
    agent.sessions.every(({ closedAt }) => closedAt !== null),
  )
  // The worker reports its ports once a second.
  await eventually('no RTP port in use', timeoutMs, async () => {
    const inUse = await view.metric('rtp_ports_in_use')
    const open = await view.metric('agent_sessions_active')
    return inUse === 0 && open === 0
  })
}
