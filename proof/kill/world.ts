// Where the kills happen: a carrier and an agent that outlive the product, its addresses and its data.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  startCarrier,
  type Carrier,
  type CarrierCallRecord,
} from '../../simulators/carrier/index.ts'
import {
  startElevenLabs,
  type AgentSessionRecord,
  type ElevenLabsSimulator,
} from '../../simulators/elevenlabs/index.ts'
import { freeTcpPort, freeUdpPort } from '../../test/support/process.ts'
import { ProductView } from '../../test/support/product-view.ts'
import { Product } from './product.ts'
import type { KillOrder } from './victim.ts'

/** Calls at a time. */
export const CAPACITY = 8
/** Answers whoever calls in. */
export const OWN_AGENT = 'agent_of_the_house'
const OUR_NUMBER = '+4930555100'
const KEY = 'a-key-of-more-than-thirty-two-characters'
const POLL_MS = 2
/** Of one run, within 20000 to 29999, as several may share a machine; a port rests for a while before its next call. */
const PORTS = 400

export interface WorldOptions {
  /** Each start finds an empty data folder: for whoever doubts that it matters. */
  readonly forgets?: boolean
}

export class World {
  readonly carrier: Carrier
  readonly agent: ElevenLabsSimulator
  readonly view: ProductView
  readonly callIn: string
  readonly #folder: string
  readonly #env: Readonly<Record<string, string>>
  readonly #forgets: boolean
  #starts = 0
  #product: Product | undefined
  #hasLostThread = false

  private constructor(
    { carrier, agent }: { readonly carrier: Carrier; readonly agent: ElevenLabsSimulator },
    ports: { readonly http: number; readonly sip: number },
    forgets: boolean,
  ) {
    this.#forgets = forgets
    this.carrier = carrier
    this.agent = agent
    this.view = new ProductView(`http://127.0.0.1:${ports.http}`, KEY)
    this.callIn = `sip:${OUR_NUMBER}@127.0.0.1:${ports.sip}`
    this.#folder = mkdtempSync(join(tmpdir(), 'voicegate-kill-'))
    mkdirSync(join(this.#folder, 'cwd'))
    this.#env = this.#settings(ports)
  }

  /** The product runs when it resolves. */
  static async open({ forgets = false }: WorldOptions = {}): Promise<World> {
    const carrier = await startCarrier()
    // Words are not there when it starts: they are spoken while a caller waits for them.
    const speaking = { failures: Array<number>(1).fill(500), delayMs: 1500 }
    const agent = await startElevenLabs({ apiKey: KEY, speaking })
    const ports = { http: await freeTcpPort(), sip: await freeUdpPort() }
    const world = new World({ carrier, agent }, ports, forgets)
    await world.restart()
    return world
  }

  get product(): Product {
    if (this.#product === undefined) throw new Error('the product was never started')
    return this.#product
  }

  /** Of the product that runs. */
  get hasLostThread(): boolean {
    return this.#hasLostThread
  }

  lose(order: KillOrder): void {
    this.#hasLostThread = true
    this.product.lose(order)
  }

  async restart(): Promise<void> {
    this.#starts += 1
    this.#hasLostThread = false
    const dataDir = join(this.#folder, this.#forgets ? `data-${this.#starts}` : 'data')
    this.#product = await Product.start(join(this.#folder, 'cwd'), {
      ...this.#env,
      DATA_DIR: dataDir,
    })
  }

  /** Stopped as it should be, and started again. */
  async renew(): Promise<void> {
    await this.product.stop()
    await this.restart()
  }

  /** Every INVITE to that number, or from it. */
  phonesOf(number: string): readonly CarrierCallRecord[] {
    return this.carrier.calls.filter(({ to, from }) => to === number || from === number)
  }

  sessionsOf(agentId: string): readonly AgentSessionRecord[] {
    return this.agent.sessions.filter((session) => session.agentId === agentId)
  }

  async close(): Promise<void> {
    await this.#product?.stop()
    await this.carrier.close()
    await this.agent.close()
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }

  #settings({ http, sip }: { readonly http: number; readonly sip: number }) {
    const { host, port } = this.carrier.address
    const rtp = 20_000 + (process.pid % 25) * PORTS
    return {
      HTTP_PORT: String(http),
      SIP_LISTEN: `udp:127.0.0.1:${sip}`,
      API_KEY: KEY,
      EXOLVE_SIP_USER: OUR_NUMBER,
      EXOLVE_SIP_PASS: 'secret',
      EXOLVE_SIP_DOMAIN: `${host}:${port}`,
      ELEVENLABS_API_KEY: KEY,
      ELEVENLABS_AGENT_ID: OWN_AGENT,
      ELEVENLABS_BASE_URL: this.agent.restUrl,
      ELEVENLABS_WS_URL: this.agent.wsUrl,
      AGENT_FALLBACK_MESSAGE: 'We cannot take your call.',
      RECORD_CALLS: 'always',
      DIAL_ALLOW_PREFIXES: '+49',
      MAX_CONCURRENT_CALLS: String(CAPACITY),
      MAX_OUTBOUND_CALLS_PER_SECOND: '1000',
      RTP_PORT_MIN: String(rtp),
      RTP_PORT_MAX: String(rtp + PORTS - 1),
      LOG_LEVEL: 'info',
    }
  }
}

/** Polls; false when it never comes. */
export async function within(
  ms: number,
  look: () => boolean | Promise<boolean>,
  everyMs = POLL_MS,
): Promise<boolean> {
  const deadline = performance.now() + ms
  for (;;) {
    if (await look()) return true
    if (performance.now() > deadline) return false
    await sleep(everyMs)
  }
}
