// Credentials both ways: SIPp asks the product for its own, and the product asks SIPp and baresip for theirs.
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { InboundAccount } from '../../core/contracts/index.ts'
import { createDigestClient } from '../../gateway/sip/digest/digest-client.ts'
import { newBranch, newCallId, requestText, SDP, SipPeer } from '../gateway/embedded/sip-peer.ts'
import { baresipOptions, startBaresip } from '../support/baresip.ts'
import { runSipp, sippOptions, succeeds, type Sipp } from '../support/sipp.ts'
import { startProduct, type Product } from '../support/start-product.ts'

const NUMBER = '+4930123456'
const ACCOUNT = {
  user: 'acct7731',
  password: 'circle of life',
  registers: false,
  settings: 'the test',
}
const CALLER = { username: 'carrier5520', password: 'wonderland' }
const TALKS = { mode: 'silent' } as const

/** Everything is logged, and looked through at the end. */
const log: string[] = []
const LOGGED = {
  settings: { LOG_LEVEL: 'debug' },
  logTo: { write: (line: string) => log.push(line) },
}

const received = (sipp: Sipp, method: string): string[] =>
  sipp
    .messages()
    .filter(({ direction, startLine }) => direction === 'received' && startLine.startsWith(method))
    .map(({ text }) => text)

const header = (name: string, text: string): string =>
  new RegExp(`^${name}: *(.*?)\\r?$`, 'im').exec(text)?.[1] ?? ''

t.test('SIPp asks as proxy, as callee, and for the BYE', sippOptions, async (t) => {
  const sipp = await runSipp(t, { scenario: 'called-challenges' })
  const trunkDomain = `127.0.0.1:${sipp.port}`
  const options = { agent: TALKS, trunkDomain, trunk: { account: ACCOUNT } }
  const product = await startProduct(t, { ...options, ...LOGGED })
  const callId = await product.view.place(NUMBER)
  await product.agent.waitForSession(0, 10_000)
  t.equal(await product.view.hangUp(callId), 202)
  await succeeds(t, sipp)
  const call = await product.view.ended(callId)
  t.match(call, {
    outcome: 'answered',
    termination: { result: 'success', reason: 'hangup', by: 'api' },
    agent: { sessions: 1 },
  })
  const invites = received(sipp, 'INVITE')
  t.same(
    invites.map((invite) => header('CSeq', invite)),
    ['1 INVITE', '2 INVITE', '3 INVITE'],
  )
  for (const name of ['Call-ID', 'From', 'To', 'Contact'])
    t.equal(new Set(invites.map((invite) => header(name, invite))).size, 1, `one ${name}`)
  const timeline = await product.view.timeline(callId)
  const sent = timeline.filter(({ type }) => type === 'sip.invite')
  t.equal(sent.length, 1, 'for the record it is one INVITE')
  t.match(
    timeline.find(({ type }) => type === 'sip.answered'),
    { cseq: 3 },
  )
  t.equal(await product.view.metric('agent_sessions_before_answer_total'), 0)
  await product.idle()
})

t.test('refused credentials fail the call, and are not tried again', sippOptions, async (t) => {
  const sipp = await runSipp(t, { scenario: 'called-refuses-credentials' })
  const trunkDomain = `127.0.0.1:${sipp.port}`
  const options = { agent: TALKS, trunkDomain, trunk: { account: ACCOUNT } }
  const product = await startProduct(t, { ...options, ...LOGGED })
  const call = await product.view.ended(await product.view.place(NUMBER))
  await succeeds(t, sipp)
  t.match(call, { outcome: 'failed', termination: { reason: 'rejected', sip_status: 401 } })
  t.equal(received(sipp, 'INVITE').length, 2)
  t.equal(product.agent.sessions.length, 0)
  await product.idle()
})

const asking = (t: Test, inbound: InboundAccount = CALLER): Promise<Product> =>
  startProduct(t, { agent: TALKS, trunk: { inbound: { account: inbound } }, ...LOGGED })

/** Debian's SIPp reads the first challenge only, and its baresip gives up at the sight of SHA-256. */
const MD5_ONLY: InboundAccount = { ...CALLER, algorithms: ['MD5'] }

const refusedCount = ({ view }: Product): Promise<number> =>
  view.metric('sip_rejected_total', 'reason="unauthorized"')

t.test('SIPp calls in with its credentials', sippOptions, async (t) => {
  const product = await asking(t, MD5_ONLY)
  const sipp = await runSipp(t, {
    scenario: 'call-in-with-credentials',
    target: `${product.sipHost}:${product.sipPort}`,
    args: ['-s', 'agent', '-au', CALLER.username, '-ap', CALLER.password, '-d', '500'],
    calls: 5,
  })
  await succeeds(t, sipp)
  const calls = await product.view.allEnded(5)
  for (const { outcome } of calls) t.equal(outcome, 'answered')
  t.equal(await refusedCount(product), 0)
  await product.idle()
})

t.test(
  'SIPp with a wrong password is refused, leaves no record, is counted',
  sippOptions,
  async (t) => {
    const product = await asking(t, MD5_ONLY)
    const sipp = await runSipp(t, {
      scenario: 'call-in-refused-credentials',
      target: `${product.sipHost}:${product.sipPort}`,
      args: ['-s', 'agent', '-au', CALLER.username, '-ap', 'a guess'],
      calls: 3,
    })
    await succeeds(t, sipp)
    t.equal(await refusedCount(product), 3)
    t.same(await product.view.allEnded(0), [])
    t.equal(product.agent.sessions.length, 0)
    await product.idle()
  },
)

t.test('baresip answers the challenge', baresipOptions, async (t) => {
  const product = await asking(t, MD5_ONLY)
  const phone = await startBaresip(t, Buffer.alloc(8 * 5000, 0xff), CALLER)
  phone.dial(`sip:agent@${product.sipHost}:${product.sipPort}`)
  await phone.event('CALL_ESTABLISHED', 5000)
  await sleep(300)
  phone.hangUp()
  const [call] = await product.view.allEnded(1)
  t.match(call, { direction: 'inbound', outcome: 'answered' })
  t.equal(await refusedCount(product), 0)
  await product.idle()
})

t.test('what one caller sent does not open for another', async (t) => {
  const product = await asking(t)
  const to = { host: product.sipHost, port: product.sipPort }
  const target = `sip:agent@${to.host}:${to.port}`
  const caller = await SipPeer.open(t)
  const thief = await SipPeer.open(t)
  const invite = (peer: SipPeer, seq: number, headers: string[] = []): void =>
    peer.send(
      requestText({
        method: 'INVITE',
        target,
        peer,
        seq,
        callId,
        branch: newBranch(),
        headers,
        body: SDP,
      }),
      to,
    )
  let callId = newCallId()
  invite(caller, 1)
  const challenged = await caller.wait('401 INVITE')
  const challenges = challenged.headers.getAll('WWW-Authenticate')
  t.match(challenges, [/algorithm=MD5/], 'what everybody knows')
  const exchange = createDigestClient(CALLER).begin()
  exchange.accept(401, challenges)
  const [[, value] = []] = exchange.headersFor({ method: 'INVITE', uri: target, body: SDP })
  const authorization = [`Authorization: ${value}`]
  invite(caller, 2, authorization)
  const answered = await caller.wait('200 INVITE')
  const toTag = /tag=(.*)/.exec(answered.headers.get('To') ?? '')?.[1]
  const inDialog = (method: string, seq: number): void =>
    caller.send(requestText({ method, target, peer: caller, callId, seq, toTag }), to)
  inDialog('ACK', 2)
  inDialog('BYE', 3)
  await caller.wait('200 BYE')
  callId = newCallId()
  invite(thief, 1, authorization)
  await thief.wait('401 INVITE')
  t.equal(await refusedCount(product), 1)
  t.equal((await product.view.allEnded(1)).length, 1)
  await product.idle()
})

t.test('no account, nonce or response reached the log', async (t) => {
  t.ok(log.length > 10, `${log.length} lines`)
  const secrets = /acct7731|carrier5520|circle of life|wonderland|a guess|Digest|nonce/
  t.same(
    log.filter((line) => secrets.test(line)),
    [],
  )
})
