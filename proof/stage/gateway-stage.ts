// The product's gateway on its embedded SIP server, with everything else played: media, agents, journal, directory.
import { createAnswerMint } from '../../core/contracts/answer-mint.ts'
import {
  ms,
  type E164,
  type LiveCall,
  type TerminationReason,
  type Trunk,
} from '../../core/contracts/index.ts'
import { codeOf } from '../../core/errors/index.ts'
import { createCallEventBus } from '../../core/events/index.ts'
import { createLogger, createMetrics } from '../../core/telemetry/index.ts'
import { createClock } from '../../core/time/index.ts'
import {
  openGateway,
  startEmbeddedSip,
  type EmbeddedSip,
  type EmbeddedSipOptions,
  type Gateway,
} from '../../gateway/index.ts'
import { agentId, QuietBridge, type AgentManner } from './quiet-bridge.ts'

export interface StageOptions {
  /** `host:port` that outbound calls are sent to. */
  readonly trunkDomain: string
  readonly sip?: Partial<EmbeddedSipOptions>
  /** Who answers an inbound call to this number. */
  readonly answeredBy: (to: string) => AgentManner
}

export interface Stage {
  readonly sip: EmbeddedSip
  readonly gateway: Gateway
  readonly bridge: QuietBridge
  readonly host: string
  readonly port: number
  /** Calls that ended, by direction and reason: `inbound hangup`. */
  readonly endings: ReadonlyMap<string, number>
  /** Defects the server or the gateway ran into: there must be none. */
  readonly defects: string[]
  /** Resolves once the INVITE is on its way; undefined when the call could not be placed. */
  place(to: string, manner: AgentManner, ringTimeoutMs: number): Promise<LiveCall | undefined>
  /** What of any call is still there. */
  remains(): Promise<readonly string[]>
  close(): Promise<void>
}

const OUR_NUMBER = '+4930555100' as E164
const MAX_DURATION = ms(600_000)
/** The server may stand still for longer than it may take to tell its figures, on a machine that is busy elsewhere. */
const NO_LIMIT = 1_000_000

const TRACE_BYTES = 256 * 1024

const LOOPBACK = { host: '127.0.0.1', port: 0 } as const

export async function openStage(options: StageOptions): Promise<Stage> {
  const sip = await startEmbeddedSip({
    listen: [{ protocol: 'udp', ...LOOPBACK }],
    // Names in hostile messages are nobody's to resolve: port 9 discards.
    nameServers: ['127.0.0.1:9'],
    ...options.sip,
    // The trace is full after a few calls: what grows afterwards is no trace.
    limits: { maxTraceBytes: TRACE_BYTES, ...options.sip?.limits },
  })
  const [address = LOOPBACK] = sip.addresses
  const defects: string[] = []
  sip.onFault((text) => defects.push(`the SIP server: ${text}`))
  sip.onExit((reason) => defects.push(`the SIP server's thread ended: ${reason}`))
  const { gateway, bridge, endings } = await openOn(sip, options, defects)
  const manners = (to: string, manner: AgentManner, ringTimeoutMs: number) => ({
    to: to as E164,
    agent: { agentId: agentId(manner), dynamicVariables: {} },
    ringTimeout: ms(ringTimeoutMs),
    maxDuration: MAX_DURATION,
    metadata: {},
  })
  return {
    ...{ sip, gateway, bridge, endings, defects, host: address.host, port: address.port },
    place: (to, manner, ringTimeoutMs) =>
      gateway.calls.originate(manners(to, manner, ringTimeoutMs)).then(
        (call) => call,
        (error: unknown) => {
          // Every other refusal is a defect of the proof or of the gateway.
          if (codeOf(error) !== 'CALL_ENDED') defects.push(`placing a call: ${String(error)}`)
          return undefined
        },
      ),
    remains: () => remainsOf(sip, gateway, bridge),
    close: async () => {
      await gateway.close()
      await sip.close()
    },
  }
}

/** Never asked: the party at the other end counts what it is sent. */
const trunkTo = (domain: string): Trunk => ({
  name: 'proof',
  domain,
  numbers: [OUR_NUMBER],
  health: 'off',
})

async function openOn(sip: EmbeddedSip, options: StageOptions, defects: string[]) {
  const { mint, key } = createAnswerMint()
  const bridge = new QuietBridge(key)
  const endings = new Map<string, number>()
  const errors: string[] = []
  const logger = createLogger('error', { write: (line) => errors.push(line) })
  const directions = new Map<string, string>()
  const events = createCallEventBus((error) => defects.push(`a subscriber: ${String(error)}`))
  events.subscribe((event) => {
    if (event.type !== 'call.ended') return
    const { reason } = event.data.termination
    const ending = `${directions.get(event.callId) ?? 'refused'} ${reason}`
    directions.delete(event.callId)
    endings.set(ending, (endings.get(ending) ?? 0) + 1)
    if (DEFECTIVE.includes(reason))
      defects.push(`a call ended by ${reason}: ${errors.splice(0).join('')}`)
  })
  const gateway = await openGateway(
    {
      ...{ mint, events, bridge, logger },
      ...{ clock: createClock(), metrics: createMetrics() },
      journal: {
        open: ({ callId, direction }) => {
          directions.set(callId, direction)
          return Promise.resolve()
        },
        abandoned: () => Promise.resolve({ dialogs: [], invites: [] }),
        released: () => Promise.resolve(),
        dialling: () => Promise.resolve(),
        answering: () => Promise.resolve(),
        calledOff: () => Promise.resolve(),
      },
      directory: {
        resolveInbound: ({ to }) =>
          Promise.resolve({
            kind: 'agent',
            agent: { agentId: agentId(options.answeredBy(to)), dynamicVariables: {} },
          }),
        variablesFor: (_call, given) => given,
      },
    },
    {
      sipServer: sip.admin,
      trunks: [trunkTo(options.trunkDomain)],
      admission: {
        allowPrefixes: ['+49'],
        maxConcurrentCalls: NO_LIMIT,
        maxOutboundCallsPerSecond: NO_LIMIT,
        maxInboundCallsPerSecond: NO_LIMIT,
      },
      rtpFamily: 4,
      advertiseAddress: undefined,
      fallbackPrompt: undefined,
      recording: 'off',
    },
  )
  return { gateway, bridge, endings }
}

/** No caller and no callee can bring these about. */
const DEFECTIVE: readonly TerminationReason[] = ['internal-error', 'sip-server-lost']

async function remainsOf(
  sip: EmbeddedSip,
  gateway: Gateway,
  bridge: QuietBridge,
): Promise<readonly string[]> {
  const { transactions, dialogs, clients } = await sip.stats()
  const counts = {
    ...{ transactions, dialogs, 'applications connected beside the gateway': clients - 1 },
    ...{ calls: gateway.calls.list().length, 'media sessions': bridge.sessionCount() },
  }
  return Object.entries(counts).flatMap(([name, count]) =>
    count === 0 ? [] : [`${name}: ${count}`],
  )
}
