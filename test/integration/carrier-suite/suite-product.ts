// The product under the suite: one for all scenarios of a stage, with a trunk for each number it dials.
import type { Test } from 'tap'
import type { E164, Trunk } from '#core/contracts'
import { decodePhoneNumber } from '#core/phone-numbers'
import type { AgentSessionRecord } from '../../../simulators/elevenlabs/index.ts'
import { eventually } from '../../support/process.ts'
import type { ProductView } from '../../support/product-view.ts'
import { OUR_NUMBER, startProduct } from '../../support/start-product.ts'
import { startSlowSignedUrls } from './slow-signed-urls.ts'
import type { StageParts } from './stages.ts'

/** So long a call in rings: time enough to take it back. */
const RINGING_MS = 300

export type DialledTrunk = Partial<Trunk> & Pick<Trunk, 'domain'>

export interface SuiteProduct {
  readonly sipServer: 'embedded' | 'drachtio-server'
  readonly media: 'direct' | 'media-server'
  readonly view: ProductView
  readonly target: string
  /** Nobody else's. */
  nextNumber(): string
  /** Places a call to a number of its own, which these trunks and no others reach, in this order. */
  dial(
    name: string,
    trunks: readonly DialledTrunk[],
    options?: { readonly ringTimeoutSeconds?: number },
  ): Promise<string>
  sessionsOf(callId: string): readonly AgentSessionRecord[]
  /** Nothing is left of any call, and no agent was ever opened before an answer. */
  settled(t: Test): Promise<void>
}

const number = (text: string): E164 => {
  const decoded = decodePhoneNumber(text)
  if (decoded === undefined) throw new Error(`${text} is no number`)
  return decoded
}

export async function startSuiteProduct(
  t: Test,
  { drachtio, settings, trunk: ofStage }: StageParts,
  carrierIn: string,
): Promise<SuiteProduct> {
  const signedUrls = await startSlowSignedUrls(t, RINGING_MS)
  const log: string[] = []
  const calling: Trunk = {
    name: 'carrier-in',
    domain: carrierIn,
    numbers: [number(OUR_NUMBER)],
    routes: [],
    health: 'off',
    ...ofStage,
  }
  const product = await startProduct(t, {
    trunks: [calling],
    ...(drachtio === undefined ? {} : { drachtio }),
    settings: { MAX_INBOUND_CALLS_PER_SECOND: '1000', LOG_LEVEL: 'info', ...settings },
    logTo: { write: (line) => void log.push(line) },
    signedUrls: { restUrl: signedUrls.restUrl, apiKey: 'a-key' },
  })
  if ('FREESWITCH_HOST' in settings)
    await eventually('a connection to FreeSWITCH', 10_000, () =>
      log.some((line) => line.includes('connected to FreeSWITCH')),
    )
  signedUrls.lead(product.agent.wsUrl)
  const { gateway } = product.voicegate
  let trunks: readonly Trunk[] = [calling]
  let numbers = 0
  const nextNumber = (): string => `+49307${String((numbers += 1)).padStart(5, '0')}`
  return {
    sipServer: drachtio === undefined ? 'embedded' : 'drachtio-server',
    media: ofStage.media === 'anchored' ? 'media-server' : 'direct',
    view: product.view,
    target: `${product.sipHost}:${product.sipPort}`,
    nextNumber,
    async dial(name, dialled, { ringTimeoutSeconds } = {}) {
      const to = nextNumber()
      const added = dialled.map((trunk, at): Trunk => ({
        name: `${name}-${at + 1}`,
        numbers: [number(OUR_NUMBER)],
        routes: [{ prefixes: [to], priority: at + 1, weight: 1 }],
        health: 'off',
        ...ofStage,
        ...trunk,
      }))
      trunks = [...added, ...trunks]
      gateway.replaceTrunks(trunks)
      const timeout =
        ringTimeoutSeconds === undefined ? {} : { ring_timeout_seconds: ringTimeoutSeconds }
      return product.view.place(to, timeout)
    },
    sessionsOf: (callId) => product.sessionsOf(callId),
    settled: async (t) => {
      await product.idle()
      t.equal(await product.view.metric('agent_sessions_before_answer_total'), 0)
    },
  }
}
