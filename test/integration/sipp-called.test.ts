// The product calls Debian's SIPp: answered, refused, repeated, hung up on, and through proxies.
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { CarrierOptions } from '../../simulators/carrier/index.ts'
import { runSipp, sippOptions, succeeds, type Sipp, type SippOptions } from '../support/sipp.ts'
import { startProduct, type Product, type ProductOptions } from '../support/start-product.ts'
import { findTone, soundingPart } from '../support/tone.ts'

const TONE = { toneHz: 1000, lengthMs: 1000, levelDbm0: -10 }
const SAYS_A_TONE = { firstMessage: { sound: TONE }, mode: 'silent', interruptible: false } as const
const NUMBER = '+4930123456'

type DropFilter = NonNullable<CarrierOptions['drop']>

interface Stage {
  readonly product: Product
  readonly sipp: Sipp
}

async function stage(t: Test, callee: SippOptions, more: ProductOptions = {}): Promise<Stage> {
  const sipp = await runSipp(t, callee)
  const trunkDomain = `127.0.0.1:${sipp.port}`
  const product = await startProduct(t, { agent: SAYS_A_TONE, trunkDomain, ...more })
  return { product, sipp }
}

const requests = (sipp: Sipp, method: string): string[] =>
  sipp
    .messages()
    .filter(({ direction, startLine }) => direction === 'received' && startLine.startsWith(method))
    .map(({ text }) => text)

t.test('SIPp answers, hears the agent, and is hung up on', sippOptions, async (t) => {
  const { product, sipp } = await stage(t, { scenario: 'called-until-bye', args: ['-rtp_echo'] })
  const callId = await product.view.place(NUMBER)
  const session = await product.agent.waitForSession(0, 10_000)
  await sleep(1600)
  t.equal(await product.view.hangUp(callId), 202)
  await succeeds(t, sipp)
  const call = await product.view.ended(callId)
  t.match(call, {
    outcome: 'answered',
    termination: { result: 'success', reason: 'hangup', by: 'api' },
    agent: { sessions: 1, close_reason: 'call-ended' },
  })
  t.match(findTone(soundingPart(session.callerAudio)), { hz: 1000 }, 'its echo reached the agent')
  const [invite = ''] = requests(sipp, 'INVITE')
  t.match(invite, new RegExp(`^INVITE sip:\\${NUMBER}@127.0.0.1:${sipp.port} SIP/2.0`))
  const answeredAt = sipp.messages().find(({ startLine }) => startLine === 'SIP/2.0 200 OK')!.atMs
  t.ok(session.upgradeAt >= answeredAt, 'the agent came after the 200 OK')
  const byeAt = sipp.messages().find(({ startLine }) => startLine.startsWith('BYE'))!.atMs
  t.ok(session.closedAt! - byeAt < 500 && session.closedAt! - byeAt > -50, 'and left with the BYE')
  await product.idle()
})

t.test('SIPp’s own answering scenario, thirty calls', sippOptions, async (t) => {
  const agent = { endAfterMs: 500, goodbye: null, closeDelayMs: 50 }
  const { product, sipp } = await stage(t, { scenario: '-sn uas', calls: 30 }, { agent })
  const placed: string[] = []
  for (let call = 0; call < 30; call += 1) {
    placed.push(await product.view.place(`${NUMBER}${call + 10}`))
    await sleep(50)
  }
  await succeeds(t, sipp)
  const calls = await product.view.allEnded(30)
  t.same(calls.map(({ call_id }) => call_id).sort(), placed.sort())
  for (const { outcome, termination } of calls)
    t.match(
      { outcome, termination },
      { outcome: 'answered', termination: { reason: 'agent-ended' } },
    )
  t.equal(product.agent.sessions.length, 30)
  await product.idle()
})

t.test('busy: 486, and no agent', sippOptions, async (t) => {
  const { product, sipp } = await stage(t, { scenario: 'called-busy' })
  const call = await product.view.ended(await product.view.place(NUMBER))
  t.match(call, {
    outcome: 'busy',
    answered_at: null,
    termination: { result: 'client_error', reason: 'busy', by: 'callee', sip_status: 486 },
    agent: { sessions: 0 },
  })
  await succeeds(t, sipp)
  t.equal(product.agent.sessions.length, 0)
  await product.idle()
})

t.test('SIPp hangs up: its BYE is answered and the agent leaves', sippOptions, async (t) => {
  const { product, sipp } = await stage(t, { scenario: 'called-hangs-up', args: ['-d', '1000'] })
  const call = await product.view.ended(await product.view.place(NUMBER))
  await succeeds(t, sipp)
  t.match(call, {
    outcome: 'answered',
    termination: { result: 'success', reason: 'hangup', by: 'callee' },
  })
  const byeAt = sipp.messages().find(({ startLine }) => startLine.startsWith('BYE'))!.atMs
  const closedAt = product.agent.sessions[0]!.closedAt!
  t.ok(closedAt >= byeAt && closedAt - byeAt < 500, `closed ${closedAt - byeAt} ms after the BYE`)
  await product.idle()
})

t.test(
  'a 200 OK whose ACK was lost is acknowledged again, and opens no second agent',
  async (t) => {
    let lost = 0
    const drop: DropFilter = ({ direction, startLine }) =>
      direction === 'received' && startLine.startsWith('ACK') && (lost += 1) <= 2
    const product = await startProduct(t, { agent: SAYS_A_TONE, carrier: { drop } })
    const script = [{ answer: true }, { listen: 2500 }, { hangUp: true }] as const
    product.carrier.script(NUMBER, script)
    const callId = await product.view.place(NUMBER)
    t.match(await product.view.ended(callId), {
      outcome: 'answered',
      termination: { result: 'success', by: 'callee' },
      agent: { sessions: 1 },
    })
    const [record] = product.carrier.calls
    t.equal(lost, 3, 'two ACKs were lost, the third arrived')
    t.same(record?.protocolErrors, [])
    t.equal(product.agent.sessions.length, 1)
    await product.idle()
  },
)

t.test('the route of the answer is followed by ACK and BYE', sippOptions, async (t) => {
  const { product, sipp } = await stage(t, { scenario: 'called-behind-proxies' })
  const callId = await product.view.place(NUMBER)
  await product.agent.waitForSession(0, 10_000)
  await product.view.hangUp(callId)
  await succeeds(t, sipp)
  for (const method of ['ACK', 'BYE']) {
    const [request = ''] = requests(sipp, method)
    // The set in reverse (RFC 3261 section 12.1.2), the callee's Contact as Request-URI.
    t.match(request, new RegExp(`^${method} sip:callee@127.0.0.1:${sipp.port} SIP/2.0`))
    const routes = [...request.matchAll(/^Route: *(.*?)\r?$/gim)]
      .map(([, value]) => value)
      .join(',')
    t.match(routes, /hop=near.*hop=far/, `${method} with ${routes}`)
  }
  await product.idle()
})

t.test('hung up while it rings: CANCEL, 487, and no agent', sippOptions, async (t) => {
  const { product, sipp } = await stage(t, { scenario: 'called-is-canceled' })
  const callId = await product.view.place(NUMBER)
  await sleep(500)
  t.equal(await product.view.hangUp(callId), 202)
  await succeeds(t, sipp)
  t.match(await product.view.ended(callId), {
    outcome: 'canceled',
    answered_at: null,
    termination: { result: 'client_error', reason: 'canceled', by: 'api' },
  })
  t.equal(product.agent.sessions.length, 0)
  await product.idle()
})
