// A carrier, a vendor and a customer that outlive the product, and the product on one data folder.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCarrier, type Carrier } from '../../simulators/carrier/index.ts'
import { startElevenLabs, type ElevenLabsSimulator } from '../../simulators/elevenlabs/index.ts'
import { freeTcpPort, freeUdpPort } from '../../test/support/process.ts'
import { ProductView } from '../../test/support/product-view.ts'
import { Product } from '../kill/product.ts'
import type { Deed } from './moments.ts'
import { Receiver } from './receiver.ts'
import { VendorGate } from './vendor-gate.ts'

const OUR_NUMBER = '+4930555100'
const KEY = 'a-key-of-more-than-thirty-two-characters'

interface Outside {
  readonly carrier: Carrier
  readonly agent: ElevenLabsSimulator
  readonly gate: VendorGate
  readonly receiver: Receiver
}

export class World {
  readonly carrier: Carrier
  readonly receiver: Receiver
  readonly view: ProductView
  /** Told of everything the product does outside. */
  onDeed: (deed: Deed) => void = () => undefined
  readonly #outside: Outside
  readonly #folder = mkdtempSync(join(tmpdir(), 'voicegate-told-'))
  readonly #env: Readonly<Record<string, string>>
  #product: Product | undefined

  private constructor(outside: Outside, ports: { readonly http: number; readonly sip: number }) {
    this.#outside = outside
    this.carrier = outside.carrier
    this.receiver = outside.receiver
    this.view = new ProductView(`http://127.0.0.1:${ports.http}`, KEY)
    mkdirSync(join(this.#folder, 'cwd'))
    this.#env = settings(outside, ports, join(this.#folder, 'data'))
  }

  /** The product runs, and tells the customer everything, when it resolves. */
  static async open(): Promise<World> {
    const late: { world?: World } = {}
    const onDeed = (deed: Deed): void => late.world?.onDeed(deed)
    const carrier = await startCarrier()
    const agent = await startElevenLabs({ apiKey: KEY })
    const gate = await VendorGate.open(agent.restUrl, onDeed)
    const receiver = await Receiver.open(onDeed)
    const ports = { http: await freeTcpPort(), sip: await freeUdpPort() }
    const world = new World({ carrier, agent, gate, receiver }, ports)
    late.world = world
    await world.restart()
    const made = await world.view.request('/api/webhooks', {
      method: 'POST',
      body: JSON.stringify({ url: receiver.url, types: ['*'] }),
    })
    if (!made.ok) throw new Error(`the customer was not taken: ${await made.text()}`)
    return world
  }

  get product(): Product {
    if (this.#product === undefined) throw new Error('the product was never started')
    return this.#product
  }

  async restart(): Promise<void> {
    this.#product = await Product.start(join(this.#folder, 'cwd'), this.#env)
  }

  async close(): Promise<void> {
    await this.#product?.stop()
    const { carrier, agent, gate, receiver } = this.#outside
    await Promise.all([carrier.close(), agent.close(), gate.close(), receiver.close()])
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

function settings(
  { carrier, agent, gate, receiver }: Outside,
  { http, sip }: { readonly http: number; readonly sip: number },
  dataDir: string,
): Readonly<Record<string, string>> {
  return {
    DATA_DIR: dataDir,
    HTTP_PORT: String(http),
    SIP_LISTEN: `udp:127.0.0.1:${sip}`,
    API_KEY: KEY,
    SECRETS_KEY: Buffer.alloc(32, 7).toString('base64'),
    WEBHOOK_ALLOW_HOSTS: new URL(receiver.url).host,
    EXOLVE_SIP_USER: OUR_NUMBER,
    EXOLVE_SIP_PASS: 'secret',
    EXOLVE_SIP_DOMAIN: `${carrier.address.host}:${carrier.address.port}`,
    ELEVENLABS_API_KEY: KEY,
    ELEVENLABS_AGENT_ID: 'agent_of_the_house',
    ELEVENLABS_BASE_URL: gate.url,
    ELEVENLABS_WS_URL: agent.wsUrl,
    DIAL_ALLOW_PREFIXES: '+49',
    MAX_OUTBOUND_CALLS_PER_SECOND: '1000',
    LOG_LEVEL: 'info',
  }
}
