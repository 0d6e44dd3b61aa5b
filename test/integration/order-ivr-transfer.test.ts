// Key 0 in our order menu: a human's phone rings, and the two hear each other, without any agent; or nobody takes it, and
// the menu goes on. Our own trunk, message by message.
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { eventually } from '../support/process.ts'
import { startProduct, type Product } from '../support/start-product.ts'
import { findTone, soundingPart, toneUlaw } from '../support/tone.ts'
import { TransferTrunk, type Phone } from './transfer-trunk.ts'

// Real calls take real time.
t.setTimeout(60_000)

const CALLEE = '+4930123456'
const HUMAN = '+4930777777'

/** A callee in the menu, who has just pressed 0. */
async function asksForHuman(t: Test) {
  let product: Product | undefined = undefined
  const started = (): Product => {
    if (!product) throw new Error('not started')
    return product
  }
  const trunk = await TransferTrunk.open(t, started)
  product = await startProduct(t, {
    trunkDomain: trunk.peer.hostPort,
    settings: { DIAL_ALLOW_PREFIXES: '+49', TRANSFER_NUMBERS: HUMAN },
  })
  const { view } = product
  const callId = await view.place(CALLEE, { answer_with: 'order-ivr-then-agent' })
  const callee = await trunk.pickUp(CALLEE)
  const asked = (step: string, attempt: number) =>
    eventually(`the menu to ask: ${step} ${attempt}`, 15_000, async () =>
      (await view.timeline(callId)).some(
        (item) =>
          item.type === 'flow.asked' && item['step'] === step && item['attempt'] === attempt,
      ),
    )
  await asked('consent', 1)
  callee.ask('INFO', ['Content-Type: application/dtmf-relay'], 'Signal=0\r\nDuration=160\r\n')
  await asked('transfer', 1)
  // Said first.
  const refer = await eventually('REFER', 15_000, () =>
    trunk.peer.received.find(({ what }) => what === 'REFER'),
  )
  trunk.peer.reply(refer, '405 Method Not Allowed')
  return { product, trunk, callId, callee, asked }
}

const types = async ({ view }: Product, callId: string) =>
  (await view.timeline(callId)).map(({ type }) => type)

async function talk(one: Phone, other: Phone) {
  const before = [one.rtp.audio().length, other.rtp.audio().length]
  await Promise.all([
    one.rtp.speak(one.port, toneUlaw(440, 600)),
    other.rtp.speak(other.port, toneUlaw(880, 600)),
  ])
  await sleep(200)
  return [one, other].map(({ rtp }, at) => soundingPart(rtp.audio().subarray(before[at])))
}

t.test('the human answers: both hear each other, and no agent was ever opened', async (t) => {
  const { product, trunk, callId, callee } = await asksForHuman(t)
  const human = await trunk.pickUp(HUMAN)
  await eventually('the human', 3000, async () =>
    (await types(product, callId)).includes('transfer.answered'),
  )
  for (const [at, heard] of (await talk(callee, human)).entries()) {
    // In steps of 20 Hz, and a gap on a busy machine moves it by one.
    t.ok(Math.abs(findTone(heard).hz - (at === 0 ? 880 : 440)) <= 20)
    t.ok(heard.length > 8 * 500, `${heard.length / 8} of 600 ms`)
  }
  await trunk.hangUp(human)
  await trunk.isHungUp(callee)
  t.match(await product.view.ended(callId), {
    outcome: 'answered',
    termination: { result: 'success', reason: 'hangup', by: 'callee' },
    agent: { sessions: 0 },
  })
  const requested = (await product.view.timeline(callId)).find(
    ({ type }) => type === 'transfer.requested',
  )
  t.match(requested, { by: 'flow' })
  t.equal(product.agent.sessions.length, 0)
  await product.idle()
})

t.test('nobody takes it: the menu says so, and goes on', async (t) => {
  const { product, trunk, callId, callee, asked } = await asksForHuman(t)
  trunk.peer.reply(await trunk.ringing(HUMAN), '486 Busy Here', { tag: 'far' })
  await asked('consent', 2)
  const items = await product.view.timeline(callId)
  t.match(
    items.filter(({ type }) => type === 'flow.answered').map(({ answer }) => answer),
    ['human', 'transfer-failed'],
  )
  await trunk.hangUp(callee)
  t.match(await product.view.ended(callId), { termination: { reason: 'hangup', by: 'callee' } })
  t.equal(product.agent.sessions.length, 0)
  await product.idle()
})
