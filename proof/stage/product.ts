// The whole product in a process of its own, so that memory, descriptors and timers are its own; looked at from inside.
import { createWriteStream, type WriteStream } from 'node:fs'
import { liveMemory, type LiveMemory } from '../live-memory.ts'
import { takeHolding, type Holding } from '../baseline.ts'
import { serve } from '../../bench/process/serve.ts'
import { compileConfig } from '../../core/config/index.ts'
import { decodePhoneNumber } from '../../core/phone-numbers/index.ts'
import { createLogger } from '../../core/telemetry/index.ts'
import { startVoicegate, type Voicegate } from '../../main.ts'

export interface ProductStart {
  /** As one would write them in the environment. */
  readonly settings: Readonly<Record<string, string>>
  readonly carrierDomain: string
  readonly agentUrl: string
  /** JSON lines, from LOG_LEVEL on. */
  readonly logFile: string
}

export interface ProductAddresses {
  readonly sip: { readonly host: string; readonly port: number }
  readonly http: { readonly host: string; readonly port: number }
  /** Where it keeps database and recordings. */
  readonly dataDir: string
}

/** What there is of calls, in all parts of it. */
export interface Remains {
  readonly calls: number
  readonly mediaSessions: number
  readonly transactions: number
  readonly dialogs: number
  readonly rtpPorts: number
  readonly agentSessions: number
}

const OUR_NUMBER = '+4930555100'

let voicegate: Voicegate | undefined
let log: WriteStream | undefined
let mostLive = 0

function running(): Voicegate {
  if (voicegate === undefined) throw new Error('the product is not started')
  return voicegate
}

const commands = {
  async start(options: ProductStart): Promise<ProductAddresses> {
    const compiled = compileConfig(options.settings, {})
    if (!('config' in compiled)) throw new Error(JSON.stringify(compiled.problems))
    const { config } = compiled
    const ours = decodePhoneNumber(OUR_NUMBER)
    log = createWriteStream(options.logFile)
    voicegate = await startVoicegate(config, {
      logger: createLogger(config.logLevel, log),
      outside: {
        trunks: [
          {
            name: 'proof',
            domain: options.carrierDomain,
            numbers: ours ? [ours] : [],
            health: 'off',
          },
        ],
        agent: {
          apiKey: undefined,
          agentId: 'agent_proof',
          restUrl: options.agentUrl.replace('ws:', 'http:'),
          wsUrl: options.agentUrl,
        },
        demoNumbers: [],
        close: () => Promise.resolve(),
      },
    })
    countLiveCalls(voicegate)
    const [sip] = voicegate.sip.addresses
    const { host, port } = voicegate.api.address
    return {
      sip: { host: '127.0.0.1', port: sip?.port ?? 0 },
      http: { host, port },
      dataDir: config.dataDir,
    }
  },
  /** The most calls that ever held a slot at a moment, since it was last asked. */
  mostLive(): number {
    const most = mostLive
    mostLive = liveCalls(running())
    return most
  },
  async remains(): Promise<Remains> {
    const { bridge, gateway, sip } = running()
    if (sip.embedded === undefined) throw new Error('the embedded SIP server is meant')
    const { dialogs, transactions } = await sip.embedded.stats()
    return {
      ...{ transactions, dialogs, mediaSessions: bridge.sessionCount() },
      calls: gateway.calls.list().length,
      rtpPorts: await metric('rtp_ports_in_use'),
      agentSessions: await metric('agent_sessions_active'),
    }
  },
  metric: ({ name }: { readonly name: string }): Promise<number> => metric(name),
  holding: (): Holding => takeHolding(),
  memory: (): Promise<LiveMemory> => liveMemory(),
  async stop(): Promise<void> {
    await running().stop(0)
    const written = Promise.withResolvers<undefined>()
    log?.end(() => written.resolve(undefined))
    await written.promise
  },
}

export type ProductProgram = typeof commands

/** At each event of each call, so that one call too many is seen at its own INVITE at the latest. */
function countLiveCalls(product: Voicegate): void {
  product.events.subscribe(() => {
    mostLive = Math.max(mostLive, liveCalls(product))
  })
}

const liveCalls = ({ gateway }: Voicegate): number =>
  gateway.calls.list().filter(({ termination }) => termination === null).length

/** Sum over all labels, as GET /metrics tells it. */
async function metric(name: string): Promise<number> {
  const { body } = await running().metrics.render()
  return body
    .split('\n')
    .filter(
      (line) => line.startsWith(`voicegate_${name}{`) || line.startsWith(`voicegate_${name} `),
    )
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0)
}

serve(commands)
