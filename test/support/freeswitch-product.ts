// The product with a FreeSWITCH beside it, connected.
import type { Test } from 'tap'
import type { Trunk } from '#core/contracts'
import type { AgentScript } from '../../simulators/elevenlabs/index.ts'
import type { CarrierCallRecord, PhoneScript } from '../../simulators/carrier/index.ts'
import type { RunningFreeSwitch } from './freeswitch.ts'
import { eventually } from './process.ts'
import type { TimelineItem } from './product-view.ts'
import { startProduct, type Product } from './start-product.ts'

const CONNECTED = 'connected to FreeSWITCH'

export interface FreeSwitchProduct extends Product {
  /** Lines of the log. */
  readonly log: readonly string[]
  /** How often FreeSWITCH was connected to. */
  connections(): number
  callIn(script: PhoneScript): Promise<CarrierCallRecord>
  /** Answers after a moment of ringing, then does this. */
  callOut(number: string, script: PhoneScript): Promise<PlacedCall>
}

export interface PlacedCall {
  readonly callId: string
  readonly phone: CarrierCallRecord
}

export async function startWithFreeSwitch(
  t: Test,
  { host, port, secret }: Pick<RunningFreeSwitch, 'host' | 'port' | 'secret'>,
  { trunkDomain, ...trunk }: Partial<Trunk> & { readonly trunkDomain?: string },
  agent: AgentScript,
): Promise<FreeSwitchProduct> {
  const log: string[] = []
  const product = await startProduct(t, {
    trunk,
    agent,
    ...(trunkDomain === undefined ? {} : { trunkDomain }),
    logTo: { write: (line) => void log.push(line) },
    settings: {
      LOG_LEVEL: 'info',
      FREESWITCH_HOST: host,
      FREESWITCH_PORT: String(port),
      FREESWITCH_SECRET: secret,
    },
  })
  const connections = (): number => log.filter((line) => line.includes(CONNECTED)).length
  await eventually('a connection to FreeSWITCH', 10_000, () => connections() > 0)
  return {
    ...product,
    log,
    connections,
    callIn: (script) =>
      product.carrier.call({
        to: `sip:+4930555100@${product.sipHost}:${product.sipPort}`,
        from: '+4930700700',
        script,
      }),
    callOut: async (number, script) => {
      product.carrier.script(number, [{ ring: 100 }, { answer: true }, ...script])
      const callId = await product.view.place(number)
      const isIt = ({ to, endedAt }: CarrierCallRecord): boolean =>
        to === number && endedAt === null
      return { callId, phone: await product.carrier.waitForCall(isIt, 5000) }
    },
  }
}

export const ended = (call: CarrierCallRecord): Promise<CarrierCallRecord> =>
  eventually('the end of the call', 20_000, () => call.endedAt !== null && call)

/** Which ways the audio went, in order. */
export const pathsIn = (timeline: readonly TimelineItem[]): readonly unknown[] =>
  timeline.filter(({ type }) => type === 'media.path').map((item) => item['through'])
