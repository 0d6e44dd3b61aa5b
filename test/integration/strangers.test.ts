// What a stranger may get out of us by calling in: no digest of the trunk's password, no agent's time, no endless line.
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import {
  newBranch,
  newCallId,
  requestText,
  SDP,
  SipPeer,
  type Received,
} from '../gateway/embedded/sip-peer.ts'
import { eventually } from '../support/process.ts'
import { startProduct, type Product } from '../support/start-product.ts'

const ACCOUNT = {
  user: 'acct7731',
  password: 'circle of life',
  registers: false,
  settings: 'the test',
}
const TALKS = { mode: 'silent' } as const
/** What an agent may be opened on before anybody acknowledged anything. */
const UNACKNOWLEDGED_AT_MOST = 20

const tagIn = (address: string | undefined): string =>
  /;tag=([^;>\s]+)/.exec(address ?? '')?.[1] ?? ''

type Caller = Awaited<ReturnType<typeof openCaller>>

/** A caller in bare UDP: its calls, and the ACK it may leave out. */
async function openCaller(t: Test, { sipHost, sipPort }: Product) {
  const peer = await SipPeer.open(t)
  const to = { host: sipHost, port: sipPort }
  const target = `sip:agent@${sipHost}:${sipPort}`
  const invite = (): string => {
    const callId = newCallId()
    peer.send(
      requestText({ method: 'INVITE', target, peer, callId, branch: newBranch(), body: SDP }),
      to,
    )
    return callId
  }
  const answerTo = (callId: string): Promise<Received> =>
    eventually('the 200 OK', 5000, () =>
      peer.received.find(
        ({ what, headers }) => what === '200 INVITE' && headers.get('Call-ID') === callId,
      ),
    )
  const acknowledge = ({ headers }: Received): void => {
    const callId = headers.get('Call-ID') ?? ''
    const toTag = tagIn(headers.get('To'))
    peer.send(requestText({ method: 'ACK', target, peer, callId, toTag }), to)
  }
  return { peer, invite, answerTo, acknowledge }
}

/** Late ACKs, and an answer to each BYE: nothing is left that would be waited for. */
async function letGo(product: Product, { peer, acknowledge }: Caller): Promise<void> {
  const { calls } = product.voicegate.gateway
  await eventually('the forged calls given up', 6000, () => {
    const talking = calls.list().filter(({ termination }) => termination === null)
    return talking.length === 1
  })
  const answers = peer.received.filter(({ what }) => what === '200 INVITE')
  const last = new Map(answers.map((answer) => [answer.headers.get('Call-ID'), answer]))
  for (const answer of last.values()) acknowledge(answer)
  let replied = 0
  await eventually('the end of the forged calls', 10_000, () => {
    const byes = peer.received.filter(({ what }) => what === 'BYE')
    for (const bye of byes.slice(replied)) peer.reply(bye, '200 OK')
    replied = byes.length
    return calls.list().length === 1
  })
}

t.test('a caller that challenges our BYE learns nothing of the trunk’s account', async (t) => {
  const product = await startProduct(t, { agent: TALKS, trunk: { account: ACCOUNT } })
  const { peer, invite, answerTo, acknowledge } = await openCaller(t, product)
  acknowledge(await answerTo(invite()))
  await product.agent.waitForSession(0, 5000)
  const [call] = await product.view.history()
  t.equal(await product.view.hangUp(call!.call_id), 202)
  const bye = await peer.wait('BYE')
  const challenge = 'WWW-Authenticate: Digest realm="sip.exolve.ru", nonce="chosen", algorithm=MD5'
  peer.reply(bye, '401 Unauthorized', { headers: [challenge] })
  t.match(await product.view.ended(call!.call_id, 3000), { termination: { reason: 'hangup' } })
  await sleep(300)
  t.equal(peer.count('BYE'), 1, 'it is not asked again')
  t.notMatch(peer.received.map(({ text }) => text).join(''), /authorization:/i)
  t.notMatch(peer.received.map(({ text }) => text).join(''), /acct7731/)
  await product.idle()
})

t.test(
  'a flood of calls nobody acknowledges opens few agents; a real caller gets its own',
  async (t) => {
    const lines: string[] = []
    const product = await startProduct(t, {
      agent: TALKS,
      settings: { LOG_LEVEL: 'info', MAX_INBOUND_CALLS_PER_SECOND: '1000' },
      logTo: { write: (line: string) => lines.push(line) },
    })
    const forger = await openCaller(t, product)
    const honest = await openCaller(t, product)
    let mostOpen = 0
    const watch = setInterval(() => {
      const open = product.agent.sessions.filter(({ closedAt }) => closedAt === null).length
      mostOpen = Math.max(mostOpen, open)
    }, 20)
    t.teardown(() => clearInterval(watch))
    const startedAt = performance.now()
    for (let index = 0; index < 100; index += 1) {
      forger.invite()
      await sleep(Math.max(0, startedAt + (index + 1) * 20 - performance.now()))
    }
    await eventually('a hundred answers', 5000, () => {
      const answered = forger.peer.received.filter(({ what }) => what === '200 INVITE')
      return new Set(answered.map(({ headers }) => headers.get('Call-ID'))).size === 100
    })
    t.comment(`${product.agent.sessions.length} agents for 100 calls, ${mostOpen} at a time`)
    t.ok(product.agent.sessions.length <= UNACKNOWLEDGED_AT_MOST)
    t.ok(product.agent.sessions.length > 0, 'the first ones are taken for callers')

    const before = product.agent.sessions.length
    const answer = await honest.answerTo(honest.invite())
    await sleep(300)
    t.equal(product.agent.sessions.length, before, 'the agent waits for the ACK')
    honest.acknowledge(answer)
    await eventually(
      'the agent of the real caller',
      2000,
      () => product.agent.sessions.length > before,
    )
    t.equal(product.agent.sessions.length, before + 1)
    const mine = product.agent.sessions[before]
    t.equal(mine?.closedAt, null)
    const calls = await product.view.history()
    const [own] = calls.filter(({ status }) => status === 'answered')
    const waits = lines.filter((line) => line.includes('callers do not acknowledge'))
    t.equal(waits.length, 1, 'said once')
    t.ok(own)
    await eventually('the end of the forged calls’ agents', 6000, () =>
      product.agent.sessions.every((session) => session === mine || session.closedAt !== null),
    )
    t.equal(mine?.closedAt, null, 'the real caller talks on')
    t.equal(await product.view.metric('agent_sessions_before_answer_total'), 0)
    await letGo(product, forger)
  },
)
