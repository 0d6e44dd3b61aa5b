// Debian's Kamailio as the carrier: an authenticating, record-routing proxy and registrar over UDP, TCP and TLS.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import {
  kamailioConfig,
  type KamailioPorts,
  type KamailioRules,
  type KamailioTls,
} from './kamailio-config.ts'
import { decodeSeen, SEEN, type SeenRequest } from './kamailio-requests.ts'
import { answersOptions } from './options-ping.ts'
import {
  eventually,
  freeTcpPort,
  needs,
  startProgram,
  temporaryFolder,
  type RunningProgram,
} from './process.ts'

/** Where Debian puts it, which is on the path of root alone. */
const PROGRAM = '/usr/sbin/kamailio'

export const kamailioOptions = needs(PROGRAM, 'kamailio kamailio-tls-modules')

export type SipProtocol = 'udp' | 'tcp' | 'tls'

export interface KamailioOptions {
  /** Without a certificate it takes no TLS. */
  readonly tls?: KamailioTls
  readonly algorithm?: KamailioRules['algorithm']
  readonly nonceSeconds?: number
  readonly maxExpiresSeconds?: number
  readonly minExpiresSeconds?: number
  readonly deliverBy?: KamailioRules['deliverBy']
  /** Those of one that was here before; else free ones. */
  readonly ports?: KamailioPorts
}

export interface Kamailio {
  readonly domain: string
  readonly user: string
  readonly password: string
  readonly ports: KamailioPorts
  /** `127.0.0.1:port`. */
  address(protocol: SipProtocol): string
  /** `sip:127.0.0.1:port;transport=…`: to be told to a client as its outbound proxy. */
  proxyUri(protocol: SipProtocol): string
  /** Authenticated calls to numbers go to this UDP port on loopback: the telephone network. */
  sendNumbersTo(port: number): Promise<void>
  /** URIs of what is registered now. */
  contacts(): Promise<readonly string[]>
  /** Dialogs it knows to be alive. */
  dialogs(): Promise<number>
  /** Every request so far, retransmissions included. */
  seen(): readonly SeenRequest[]
  /** Its own words, warnings and complaints. */
  log(): string
  stop(): Promise<void>
  /** Gone without a word. */
  kill(): Promise<void>
}

const DOMAIN = 'sip.carrier.test'
const USER = 'carrier-user'
const PASSWORD = 'correct-horse-battery'
const STARTS = 3
const START_MS = 8000
const STOP_MS = 5000
const KILL_MS = 1000

/** A port that somebody took in the meantime costs another try. */
export async function startKamailio(t: Test, options: KamailioOptions = {}): Promise<Kamailio> {
  for (let start = 1; ; start += 1) {
    const kamailio = await tryStart(t, options)
    if (kamailio instanceof CarrierProxy) return kamailio
    if (start === STARTS) throw new Error(`kamailio did not start: ${kamailio}`)
  }
}

async function tryStart(t: Test, options: KamailioOptions): Promise<CarrierProxy | string> {
  const folder = temporaryFolder(t, 'kamailio')
  const ports = options.ports ?? { plain: await freeTcpPort(), tls: await freeTcpPort() }
  const rules = completeRules(options, ports)
  const file = join(folder, 'kamailio.cfg')
  writeFileSync(file, kamailioConfig(rules, folder))
  // Its main process ends its workers when told to stop; setpriv tells it when this process is gone.
  const program = startProgram(t, [
    ...['setpriv', '--pdeathsig', 'TERM', PROGRAM, '-DD', '-E', '-f', file],
    ...['-w', folder, '-Y', folder, '-m', '32', '-M', '4', '-n', '1', '-N', '1'],
  ] as [string, ...string[]])
  const kamailio = new CarrierProxy(program, rules)
  t.teardown(() => kamailio.stop())
  let gone = false
  void program.ended.then(() => (gone = true))
  const isUp = await eventually('kamailio to answer', START_MS, async () => {
    if (gone) return 'gone'
    return (await kamailio.isServing()) && 'up'
  })
  return isUp === 'up' ? kamailio : program.stderr
}

const completeRules = (options: KamailioOptions, ports: KamailioRules['ports']): KamailioRules => ({
  domain: DOMAIN,
  user: USER,
  password: PASSWORD,
  ports,
  tls: options.tls,
  algorithm: options.algorithm ?? 'MD5',
  nonceSeconds: options.nonceSeconds ?? 300,
  maxExpiresSeconds: options.maxExpiresSeconds ?? 3600,
  minExpiresSeconds: options.minExpiresSeconds ?? 1,
  deliverBy: options.deliverBy ?? 'contact',
})

class CarrierProxy implements Kamailio {
  readonly domain: string
  readonly user: string
  readonly password: string
  readonly ports: KamailioPorts
  readonly #program: RunningProgram

  constructor(program: RunningProgram, rules: KamailioRules) {
    this.#program = program
    this.ports = rules.ports
    this.domain = rules.domain
    this.user = rules.user
    this.password = rules.password
  }

  address(protocol: SipProtocol): string {
    const { plain, tls } = this.ports
    return `127.0.0.1:${protocol === 'tls' ? tls : plain}`
  }

  proxyUri(protocol: SipProtocol): string {
    return `sip:${this.address(protocol)};transport=${protocol}`
  }

  async sendNumbersTo(port: number): Promise<void> {
    await this.#command('pv.shvSet', ['network', 'str', `sip:127.0.0.1:${port}`])
  }

  async contacts(): Promise<readonly string[]> {
    const dump = JSON.stringify(await this.#command('ul.dump', []))
    return [...dump.matchAll(/"Address":"([^"]*)"/g)].map(([, uri = '']) => uri)
  }

  async dialogs(): Promise<number> {
    const all = (await this.#command('dlg.stats_active', [])) as Record<string, number>
    return all['all'] ?? NaN
  }

  seen(): readonly SeenRequest[] {
    return this.#program.stderr.split('\n').flatMap(decodeSeen)
  }

  log(): string {
    return this.#program.stderr
      .split('\n')
      .filter((line) => !line.includes(SEEN))
      .join('\n')
  }

  /** Whether it is this one that answers, over UDP and over TCP. */
  async isServing(): Promise<boolean> {
    if (!(await answersOptions(this.ports.plain))) return false
    const asked = () => this.seen().some(({ method }) => method === 'OPTIONS')
    // Over TCP the first answers may come before its workers are up.
    return (
      asked() &&
      this.contacts().then(
        () => true,
        () => false,
      )
    )
  }

  async stop(): Promise<void> {
    const late = setTimeout(() => void this.kill(), STOP_MS)
    this.#program.signal('SIGTERM')
    await this.#program.ended
    clearTimeout(late)
  }

  async kill(): Promise<void> {
    const { pid } = this.#program
    const children = `/proc/${pid}/task/${pid}/children`
    const workers = existsSync(children) ? readFileSync(children, 'utf8').trim().split(' ') : []
    for (const worker of workers) {
      try {
        process.kill(Number(worker), 'SIGKILL')
      } catch {
        // Its main process, which ends with the first of them, was quicker.
      }
    }
    const late = setTimeout(() => this.#program.signal('SIGKILL'), KILL_MS)
    await this.#program.ended
    clearTimeout(late)
  }

  async #command(method: string, params: readonly unknown[]): Promise<unknown> {
    const response = await fetch(`http://${this.address('tcp')}/RPC`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Connection: 'close' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
      signal: AbortSignal.timeout(2000),
    })
    const body = (await response.json()) as { result?: unknown; error?: { message: string } }
    if (body.error) throw new Error(`kamailio refused ${method}: ${body.error.message}`)
    return body.result
  }
}
