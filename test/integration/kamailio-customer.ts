// All that a customer of Debian's Kamailio does: it registers, calls, is called, and goes again.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { makeCertificates } from '../support/certificates.ts'
import { startKamailio, type Kamailio, type SipProtocol } from '../support/kamailio.ts'
import { eventually } from '../support/process.ts'
import { runSipp, succeeds, type Sipp } from '../support/sipp.ts'
import { startAtKamailio } from '../support/start-at-kamailio.ts'
import type { Product } from '../support/start-product.ts'

const TONE = { toneHz: 1000, lengthMs: 1000, levelDbm0: -10 }
const SAYS_A_TONE = { firstMessage: { sound: TONE }, mode: 'silent', interruptible: false } as const
const NUMBER = '+4930123456'
/** SIPp writes its times down in whole milliseconds, a moment after the fact. */
const CLOCK_MS = 20

interface Stage {
  readonly protocol: SipProtocol
  readonly kamailio: Kamailio
  readonly product: Product
}

const firstAt = (sipp: Sipp, start: string): number =>
  sipp.messages().find(({ startLine }) => startLine.startsWith(start))?.atMs ?? NaN

export interface Way {
  readonly protocol: SipProtocol
  /** What the carrier calls: our Contact, or back by the connection that we opened. */
  readonly deliverBy: 'contact' | 'connection'
}

/** Each call is answered, ended by either side, and forgotten by all; every request goes by Kamailio. */
export async function isServedAsCustomer(t: Test, way: Way): Promise<void> {
  const customer = await stage(t, way)
  await isRegistered(t, customer)
  await weHangUp(t, customer)
  await calleeHangsUp(t, customer)
  await callIn(t, customer)
  await callInUntilBye(t, customer)
  await goesAway(t, customer)
}

async function stage(t: Test, { protocol, deliverBy }: Way): Promise<Stage> {
  const certificates = protocol === 'tls' ? makeCertificates(t) : undefined
  const carriers = certificates ? { tls: certificates.good } : {}
  const kamailio = await startKamailio(t, { ...carriers, deliverBy })
  const ours = certificates && deliverBy === 'contact' ? { own: certificates.good } : {}
  const tls = certificates ? { tls: { ca: certificates.ca, ...ours } } : {}
  const product = await startAtKamailio(t, kamailio, { protocol, agent: SAYS_A_TONE, ...tls })
  return { protocol, kamailio, product }
}

async function isRegistered(t: Test, { protocol, kamailio, product }: Stage): Promise<void> {
  const [contact, ...more] = await eventually('the registration', 5000, async () => {
    const contacts = await kamailio.contacts()
    return contacts.length > 0 && contacts
  })
  const transport = protocol === 'udp' ? '' : `;transport=${protocol}`
  t.equal(contact, `sip:${kamailio.user}@127.0.0.1:${product.sipPort}${transport}`)
  t.same(more, [])
  await eventually('the metric', 3000, async () => {
    return (await product.view.metric('trunk_registered', 'trunk="exolve"')) === 1
  })
  const registers = kamailio.seen().filter(({ method }) => method === 'REGISTER')
  t.equal(new Set(registers.map(({ nonce }) => nonce)).size, 2, 'challenged once')
  t.ok(registers.every((request) => request.protocol === protocol))
}

/** Both have forgotten the call, and each request within it went by Kamailio, as its Record-Route had asked. */
async function isOver(t: Test, stage: Stage, sipp: Sipp): Promise<void> {
  const { kamailio, product, protocol } = stage
  await eventually('no dialog at the proxy', 3000, async () => (await kamailio.dialogs()) === 0)
  await eventually('no dialog of ours', 3000, async () => {
    return (await product.voicegate.sip.embedded?.stats())?.dialogs === 0
  })
  // The proxy is between: one request goes by it from each side of the call.
  const callId = /^Call-ID: *(.*?)\r?$/im.exec(sipp.messages()[0]?.text ?? '')?.[1]
  const seen = kamailio.seen().filter((request) => request.callId === callId)
  const within = seen.filter(({ isWithinDialog }) => isWithinDialog)
  t.same([...new Set(within.map(({ method }) => method))], ['ACK', 'BYE'])
  for (const { method, route } of within)
    t.ok(isRouteBy(kamailio, route), `${method} came by the Route that was asked for: ${route}`)
  const ours = seen.filter(({ sourcePort }) => sourcePort !== sipp.port)
  t.same(
    ours.filter((request) => request.protocol !== protocol),
    [],
    `ours over ${protocol}`,
  )
  // What reaches SIPp carries the proxy's Via on top of its sender's.
  for (const { direction, startLine, text } of sipp.messages())
    if (direction === 'received' && !startLine.startsWith('SIP/2.0'))
      t.equal(text.match(/^Via:/gim)?.length, 2, `${startLine} came by the proxy`)
}

/** Between two transports it asks for both of its addresses (RFC 5658). */
const isRouteBy = (kamailio: Kamailio, route: string): boolean =>
  route
    .split(',')
    .every(
      (hop) =>
        /;lr[;>]/.test(hop) &&
        [kamailio.address('udp'), kamailio.address('tls')].some((own) => hop.includes(`:${own};`)),
    )

async function placed(t: Test, stage: Stage, scenario: string, args: readonly string[] = []) {
  const { kamailio, product } = stage
  const sipp = await runSipp(t, { scenario, args })
  await kamailio.sendNumbersTo(sipp.port)
  const sessions = product.agent.sessions.length
  const callId = await product.view.place(NUMBER)
  const session = await product.agent.waitForSession(sessions, 10_000)
  t.ok(session.upgradeAt >= firstAt(sipp, 'SIP/2.0 200') - CLOCK_MS, 'the agent came after the 200')
  return { callId, sipp, session }
}

async function weHangUp(t: Test, stage: Stage): Promise<void> {
  await t.test('a call placed, and ended by us', async (t) => {
    const { product } = stage
    const { callId, sipp, session } = await placed(t, stage, 'proxied-until-bye')
    await sleep(300)
    t.equal(await product.view.hangUp(callId), 202)
    await succeeds(t, sipp)
    t.match(await product.view.ended(callId), {
      trunk: 'exolve',
      outcome: 'answered',
      termination: { result: 'success', reason: 'hangup', by: 'api' },
      agent: { sessions: 1, close_reason: 'call-ended' },
    })
    t.ok(session.closedAt! - firstAt(sipp, 'BYE') < 500, 'the agent left with the BYE')
    await isOver(t, stage, sipp)
  })
}

async function calleeHangsUp(t: Test, stage: Stage): Promise<void> {
  await t.test('a call placed, and ended by the callee', async (t) => {
    const { callId, sipp } = await placed(t, stage, 'proxied-hangs-up', ['-d', '500'])
    await succeeds(t, sipp)
    t.match(await stage.product.view.ended(callId), {
      outcome: 'answered',
      termination: { result: 'success', reason: 'hangup', by: 'callee' },
      agent: { sessions: 1 },
    })
    await isOver(t, stage, sipp)
  })
}

async function callIn(t: Test, stage: Stage): Promise<void> {
  await t.test('a call received, and ended by the caller', async (t) => {
    const { kamailio, product } = stage
    const args = ['-s', kamailio.user, '-d', '500']
    const target = kamailio.address('udp')
    const sessions = product.agent.sessions.length
    const sipp = await runSipp(t, { scenario: 'call-in', target, args })
    await succeeds(t, sipp)
    await isOver(t, stage, sipp)
    t.equal(product.agent.sessions.length, sessions + 1)
    const [call] = await product.view.history()
    t.match(await product.view.ended(String(call?.call_id)), {
      direction: 'inbound',
      from: '+49307001',
      outcome: 'answered',
      termination: { result: 'success', reason: 'hangup', by: 'caller' },
      agent: { sessions: 1 },
    })
  })
}

async function callInUntilBye(t: Test, stage: Stage): Promise<void> {
  await t.test('a call received, and ended by us', async (t) => {
    const { kamailio, product } = stage
    const sessions = product.agent.sessions.length
    const target = kamailio.address('udp')
    const args = ['-s', kamailio.user]
    const sipp = await runSipp(t, { scenario: 'call-in-until-bye', target, args })
    await product.agent.waitForSession(sessions, 10_000)
    const [call] = await product.view.history()
    t.equal(await product.view.hangUp(String(call?.call_id)), 202)
    await succeeds(t, sipp)
    t.match(await product.view.ended(String(call?.call_id)), {
      direction: 'inbound',
      termination: { result: 'success', reason: 'hangup', by: 'api' },
    })
    await isOver(t, stage, sipp)
  })
}

async function goesAway(t: Test, { kamailio, product }: Stage): Promise<void> {
  await t.test('stopped, it takes its registration back', async (t) => {
    await product.idle()
    await product.stop()
    t.same(await kamailio.contacts(), [])
  })
}
