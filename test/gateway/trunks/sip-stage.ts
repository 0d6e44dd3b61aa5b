// The gateway's SIP port on the embedded server, and a registration over it: all real but the registrar.
import type { Test } from 'tap'
import { createAnswerMint } from '../../../core/contracts/answer-mint.ts'
import { ms, type Trunk } from '../../../core/contracts/index.ts'
import { createLogger, createMetrics, type Metrics } from '../../../core/telemetry/index.ts'
import { createClock } from '../../../core/time/index.ts'
import { startEmbeddedSip } from '../../../gateway/embedded/index.ts'
import { createDigestClient } from '../../../gateway/sip/digest/digest-client.ts'
import { openDrachtio } from '../../../gateway/sip/drachtio.ts'
import type { RegisterOutcome, SipPort } from '../../../gateway/sip/sip-port.ts'
import { startRegistration, type Registration } from '../../../gateway/trunks/registration.ts'
import { openTrunkBook, type TrunkBook } from '../../../gateway/trunks/trunk-book.ts'
import { accountTrunk } from '../../../core/config/account-trunk.ts'
import { openRelay, type Relay } from './relay.ts'

export const USER = '883140776920289'
export const PASSWORD = 'a password'

export interface SipStage {
  readonly sip: SipPort
  readonly lines: readonly string[]
  /** One REGISTER, as a registration sends it first. */
  registerOnce(
    domain: string,
    more?: { proxy?: string; timeoutMs?: number },
  ): Promise<RegisterOutcome>
  register(domain: string, proxy?: string): Registration
  /** The trunks themselves, as the gateway has them. */
  book(trunks: readonly Trunk[]): { readonly book: TrunkBook; readonly metrics: Metrics }
  /** Between the gateway and its SIP server. */
  readonly relay: Relay
}

export async function openSipStage(t: Test): Promise<SipStage> {
  const server = await startEmbeddedSip({
    listen: [{ protocol: 'udp', host: '127.0.0.1', port: 0 }],
    timers: { t1Ms: 20, t2Ms: 160, t4Ms: 200 },
  })
  t.teardown(() => server.close())
  server.onFault((fault) => t.fail(`a defect of the SIP server: ${fault}`))
  const lines: string[] = []
  const logger = createLogger('debug', { write: (line: string) => void lines.push(line) })
  const clock = createClock()
  const { mint } = createAnswerMint()
  const relay = await openRelay(t, server.admin)
  const address = { ...relay, secret: server.admin.secret }
  const sip = await openDrachtio({ logger, clock, mint }, address, ms(5000))
  t.teardown(() => sip.close())
  return {
    sip,
    lines,
    relay,
    registerOnce: (domain, { proxy, timeoutMs = 10_000 } = {}) =>
      sip.register({
        requestUri: `sip:${domain}`,
        addressOfRecord: `sip:${USER}@${domain}`,
        contactUser: USER,
        expiresSeconds: 3600,
        sipCallId: `once-${Math.random()}`,
        cseq: 1,
        digest: createDigestClient({ username: USER, password: PASSWORD }),
        ...(proxy === undefined ? {} : { proxy }),
        timeout: ms(timeoutMs),
      }),
    register: (domain, proxy) => {
      const account = { name: 'exolve', user: USER, password: PASSWORD, domain, proxy }
      const trunk = accountTrunk(account, 'EXOLVE_SIP_USER and EXOLVE_SIP_PASS')
      if (!trunk.account) throw new Error('an account')
      const deps = { logger, clock, metrics: createMetrics(), sip }
      const registration = startRegistration(deps, trunk, trunk.account)
      sip.onLost(() => registration.lost())
      sip.onRestored(() => registration.restored())
      t.teardown(() => registration.close())
      return registration
    },
    book: (trunks) => {
      const metrics = createMetrics()
      const book = openTrunkBook({ logger, clock, metrics, sip, random: () => 0 }, trunks)
      sip.onLost(() => book.lost())
      sip.onRestored(() => book.restored())
      t.teardown(() => book.close())
      return { book, metrics }
    },
  }
}
