// A caller is handed to a human, end to end: our own trunk message by message, the simulated agent by its own clock.
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { drachtioServerOptions, startDrachtioServer } from '../support/drachtio-server.ts'
import { eventually } from '../support/process.ts'
import { startProduct, type Product, type ProductOptions } from '../support/start-product.ts'
import { findTone, soundingPart, toneUlaw } from '../support/tone.ts'
import { TransferTrunk, type Phone } from './transfer-trunk.ts'

const CALLER = '+4930123456'
const HUMAN = '+4930777777'

interface Stage {
  readonly product: Product
  readonly trunk: TransferTrunk
}

type Server = (t: Test) => Promise<Pick<ProductOptions, 'drachtio'>>

async function open(t: Test, server: Server, options: ProductOptions = {}): Promise<Stage> {
  let product: Product | undefined = undefined
  const started = (): Product => {
    if (!product) throw new Error('not started')
    return product
  }
  const trunk = await TransferTrunk.open(t, started)
  product = await startProduct(t, {
    trunkDomain: trunk.peer.hostPort,
    agent: { mode: 'silent', inputTimeoutMs: null },
    ...(await server(t)),
    ...options,
    settings: { DIAL_ALLOW_PREFIXES: '+49', TRANSFER_NUMBERS: HUMAN, ...options.settings },
  })
  return { product, trunk }
}

/** A call of ours that talks to the agent. */
async function talking({ product, trunk }: Stage): Promise<{ callId: string; caller: Phone }> {
  const callId = await product.view.place(CALLER)
  const caller = await trunk.pickUp(CALLER)
  await eventually('the agent', 5000, () => product.sessionsOf(callId).some((s) => s.metadataAt))
  return { callId, caller }
}

const transfer = (product: Product, callId: string, body: object): Promise<Response> =>
  product.view.request(`/api/calls/${callId}/transfer`, {
    method: 'POST',
    body: JSON.stringify(body),
  })

const isAgentThere = (product: Product, callId: string): boolean =>
  product.sessionsOf(callId).every(({ closedAt }) => closedAt === null)

const agentClosed = (product: Product, callId: string): Promise<number> =>
  eventually(
    'the agent’s socket closed',
    3000,
    () => product.sessionsOf(callId)[0]?.closedAt ?? false,
  )

const storyOf = async (product: Product, callId: string): Promise<string[]> =>
  (await product.view.timeline(callId))
    .map(({ type }) => type)
    .filter((type) => /^transfer\.|^agent\.(opened|closed)|^sip\.(bye|answered)|^call\./.test(type))

/** Between one packet and the next, in frames of 20 ms: the largest step. */
const longestStep = ({ rtp: { received } }: Phone): number =>
  received.reduce((longest, { timestamp }, at) => {
    const before = received[at - 1]?.timestamp ?? timestamp
    return Math.max(longest, ((timestamp - before) >>> 0) / 160)
  }, 0)

const HOLD =
  'v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\na=sendonly\r\n'

function suite(t: Test, server: Server): void {
  t.test('REFER: the agent goes as the human answers, and the call is the carrier’s', async (t) => {
    const stage = await open(t, server)
    const { product, trunk } = stage
    const { callId, caller } = await talking(stage)
    const refused = await transfer(product, callId, { to: '+74951234567' })
    t.match(await refused.json(), { status: 403, code: 'NUMBER_NOT_ALLOWED' })
    t.equal((await transfer(product, callId, { to: HUMAN })).status, 202)
    const refer = await trunk.of(caller.invite, 'REFER')
    t.equal(refer.headers.get('Refer-To'), `<sip:${HUMAN}@${trunk.peer.hostPort}>`)
    trunk.peer.reply(refer, '202 Accepted')
    trunk.notify(caller, 'SIP/2.0 100 Trying')
    trunk.notify(caller, 'SIP/2.0 180 Ringing')
    await trunk.of(caller.invite, '200 NOTIFY', 2)
    const again = await transfer(product, callId, { to: HUMAN })
    t.match(await again.json(), { status: 409, code: 'TRANSFER_UNDER_WAY' })
    t.ok(isAgentThere(product, callId), 'the agent talks on while it rings')
    const answeredAt = Date.now()
    trunk.notify(caller, 'SIP/2.0 200 OK', 'terminated;reason=noresource')
    const closedAt = await agentClosed(product, callId)
    t.ok(closedAt >= answeredAt && closedAt - answeredAt < 500, `after ${closedAt - answeredAt} ms`)
    await trunk.hangUp(caller)
    t.match(await product.view.ended(callId), {
      outcome: 'answered',
      termination: { result: 'success', reason: 'transferred', by: 'api' },
      agent: { sessions: 1, close_reason: 'transferred' },
    })
    t.same(await storyOf(product, callId), [
      'sip.answered',
      'agent.opened',
      'transfer.requested',
      'transfer.referred',
      'transfer.progress',
      'transfer.progress',
      'transfer.progress',
      'transfer.answered',
      'agent.closed',
      'sip.bye',
      'call.ended',
    ])
    await product.idle()
  })

  t.test('REFER refused: a second call, and both hear each other', async (t) => {
    const stage = await open(t, server)
    const { product, trunk } = stage
    const { callId, caller } = await talking(stage)
    await transfer(product, callId, { to: HUMAN })
    trunk.peer.reply(await trunk.of(caller.invite, 'REFER'), '405 Method Not Allowed')
    trunk.peer.reply(await trunk.ringing(HUMAN), '180 Ringing', { tag: 'far' })
    t.ok(isAgentThere(product, callId))
    const answeredAt = Date.now()
    const human = await trunk.pickUp(HUMAN)
    const closedAt = await agentClosed(product, callId)
    t.ok(closedAt - answeredAt < 500, `the agent closed ${closedAt - answeredAt} ms later`)
    const spokenBefore = caller.rtp.audio().length
    await Promise.all([
      caller.rtp.speak(caller.port, toneUlaw(440, 600)),
      human.rtp.speak(human.port, toneUlaw(880, 600)),
    ])
    await sleep(200)
    const heardByCaller = soundingPart(caller.rtp.audio().subarray(spokenBefore))
    const heardByHuman = soundingPart(human.rtp.audio())
    t.equal(findTone(heardByCaller).hz, 880, 'the caller hears the human')
    t.equal(findTone(heardByHuman).hz, 440, 'the human hears the caller')
    for (const heard of [heardByCaller, heardByHuman])
      t.ok(heard.length > 8 * 500, `${heard.length / 8} of 600 ms`)
    // A busy machine skips a frame here and there; a hand-over with a hole in it is longer.
    t.ok(longestStep(caller) <= 5, `at most ${longestStep(caller) - 1} frames are missing`)
    t.equal(product.sessionsOf(callId).length, 1, 'no agent for the second call')
    await trunk.hangUp(human)
    await trunk.isHungUp(caller)
    t.match(await product.view.ended(callId), {
      termination: { result: 'success', reason: 'hangup', by: 'callee' },
      agent: { sessions: 1, close_reason: 'transferred' },
    })
    t.same(await storyOf(product, callId), [
      'sip.answered',
      'agent.opened',
      'transfer.requested',
      'transfer.referred',
      'transfer.invite',
      'transfer.answered',
      'agent.closed',
      'transfer.ended',
      'sip.bye',
      'call.ended',
    ])
    await product.idle()
  })

  t.test(
    'busy: the agent stays; the caller hangs up while the next one rings: CANCEL',
    async (t) => {
      const stage = await open(t, server)
      const { product, trunk } = stage
      const { callId, caller } = await talking(stage)
      await transfer(product, callId, { to: HUMAN, mode: 'bridge' })
      const busy = await trunk.ringing(HUMAN)
      trunk.peer.reply(busy, '486 Busy Here', { tag: 'far' })
      await eventually('the failure', 3000, async () =>
        (await storyOf(product, callId)).includes('transfer.failed'),
      )
      t.ok(isAgentThere(product, callId))
      await transfer(product, callId, { to: '+4930777778', mode: 'bridge' })
      const rings = await trunk.ringing('+4930777778')
      trunk.peer.reply(rings, '180 Ringing', { tag: 'far' })
      await trunk.hangUp(caller)
      trunk.peer.reply(await trunk.of(rings, 'CANCEL'), '200 OK', { tag: 'far' })
      trunk.peer.reply(rings, '487 Request Terminated', { tag: 'far' })
      t.match(await product.view.ended(callId), {
        termination: { result: 'success', reason: 'hangup', by: 'callee' },
        agent: { close_reason: 'call-ended' },
      })
      await product.idle()
    },
  )

  t.test('the caller hangs up on the human: BYE to the second call', async (t) => {
    const stage = await open(t, server)
    const { product, trunk } = stage
    const { callId, caller } = await talking(stage)
    await transfer(product, callId, { to: HUMAN, mode: 'bridge' })
    const human = await trunk.pickUp(HUMAN)
    await agentClosed(product, callId)
    caller.ask('INVITE', ['Content-Type: application/sdp'], HOLD)
    t.match((await trunk.of(caller.invite, '200 INVITE')).text, /a=recvonly/, 'it may be held')
    await trunk.hangUp(caller)
    await trunk.isHungUp(human)
    t.match(await product.view.ended(callId), { termination: { reason: 'hangup' } })
    await product.idle()
  })

  t.test('an agent asks for it: a number of ours, and no other', async (t) => {
    const stage = await open(t, server, {
      agent: {
        mode: 'silent',
        inputTimeoutMs: null,
        tools: [
          { name: 'transfer_call', afterMs: 100, parameters: { to: '+4930999999' } },
          { name: 'transfer_call', afterMs: 600 },
        ],
      },
    })
    const { product, trunk } = stage
    const { callId, caller } = await talking(stage)
    trunk.peer.reply(await trunk.of(caller.invite, 'REFER'), '202 Accepted', {
      headers: ['Refer-Sub: false'],
    })
    await agentClosed(product, callId)
    await trunk.isHungUp(caller)
    t.match(await product.view.ended(callId), {
      termination: { result: 'success', reason: 'transferred', by: 'agent' },
    })
    const items = await product.view.timeline(callId)
    const requested = items.filter(({ type }) => type === 'transfer.requested')
    t.equal(requested.length, 1)
    t.match(requested, [{ to: HUMAN, by: 'agent' }])
    const answers = items.filter(({ type }) => type === 'agent.tool_answered')
    t.match(answers, [{ is_error: true }, { is_error: false }])
    await product.idle()
  })
}

t.test('on the embedded server', async (t) => suite(t, () => Promise.resolve({})))

t.test('on drachtio-server', drachtioServerOptions, async (t) =>
  suite(t, async (t) => {
    const server = await startDrachtioServer()
    t.teardown(() => server.close())
    return { drachtio: server.admin }
  }),
)
