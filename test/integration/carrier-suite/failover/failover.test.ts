// Who is dialled next, or nobody: each status before and after 180 and 183, with a trunk left and without.
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { Trunk } from '#core/contracts'
import { decodePhoneNumber } from '#core/phone-numbers'
import { eventually, freeUdpPort } from '../../../support/process.ts'
import { OUR_NUMBER, startProduct, type Product } from '../../../support/start-product.ts'
import { startAnsweringCarrier, type CarrierAnswer } from './answering-carrier.ts'
import { BEFORE, CAUSES, FAILOVER, type Next } from './failover-table.ts'

interface Case {
  readonly name: string
  readonly number: string
  readonly answer: CarrierAnswer & { readonly status: number }
  readonly next: Next
}

/** So many are dialled at once. */
const AT_ONCE = 20

let numbers = 0
const number = (): string => `+49308${String((numbers += 1)).padStart(5, '0')}`

const statuses: Case[] = FAILOVER.flatMap(({ status, why, next }) =>
  BEFORE.map((before) => ({
    name: `${status} after ${before} (${why}): ${next[before]}`,
    number: number(),
    answer: { before, status },
    next: next[before],
  })),
)
const causes: Case[] = CAUSES.map(({ status, q850, why, next }) => ({
  name: `${status} with Q.850 ${q850} (${why}): ${next}`,
  number: number(),
  answer: { before: '183', status, headers: [`Reason: Q.850;cause=${q850}`] },
  next,
}))
const CASES = [...statuses, ...causes]

const trunk = (name: string, domain: string, priority: number): Trunk => {
  const shown = decodePhoneNumber(OUR_NUMBER)
  return {
    name,
    domain,
    numbers: shown ? [shown] : [],
    routes: [{ prefixes: ['+'], priority, weight: 1 }],
    health: 'off',
  }
}

const start = (t: Test, trunks: readonly Trunk[]): Promise<Product> =>
  startProduct(t, { trunks, settings: { MAX_CONCURRENT_CALLS: '500' } })

async function dialAll(product: Product): Promise<Map<string, string>> {
  const calls = new Map<string, string>()
  for (let at = 0; at < CASES.length; at += AT_ONCE) {
    const batch = CASES.slice(at, at + AT_ONCE)
    await Promise.all(
      batch.map(async ({ number }) => {
        const callId = await product.view.place(number)
        await product.view.ended(callId)
        calls.set(number, callId)
      }),
    )
  }
  return calls
}

t.test('with a trunk left', async (t) => {
  const answers = new Map(CASES.map(({ number, answer }) => [number, answer]))
  const first = await startAnsweringCarrier(t, (to) => answers.get(to) ?? { status: 500 })
  const second = await startAnsweringCarrier(t, () => ({ status: 486 }))
  const product = await start(t, [
    trunk('second', second.domain, 2),
    trunk('first', first.domain, 1),
  ])
  const calls = await dialAll(product)
  for (const { name, number, answer, next } of CASES) {
    const rungBy = [first, second].map(({ rung }) => rung.filter((each) => each === number).length)
    t.same(rungBy, [1, next === 'nobody' ? 0 : 1], name)
    const call = await product.view.call(calls.get(number) ?? '')
    const wanted = next === 'nobody' ? answer.status : 486
    t.equal(call.termination?.sip_status, wanted, `${name}: the record says ${wanted}`)
  }
  t.equal(product.agent.connections.filter(({ upgraded }) => upgraded).length, 0, 'no agent')
  await product.idle()
})

t.test('without: each is rung once, and the failure is its own', async (t) => {
  const answers = new Map(CASES.map(({ number, answer }) => [number, answer]))
  const only = await startAnsweringCarrier(t, (to) => answers.get(to) ?? { status: 500 })
  const product = await start(t, [trunk('only', only.domain, 1)])
  const calls = await dialAll(product)
  t.same([...only.rung].sort(), CASES.map(({ number }) => number).sort(), 'each once')
  for (const { name, number, answer } of CASES) {
    const call = await product.view.call(calls.get(number) ?? '')
    t.equal(call.termination?.sip_status, answer.status, name)
  }
  await product.idle()
})

t.test('a trunk that cannot be reached is followed by the next', async (t) => {
  for (const domain of [`127.0.0.1:${await freeUdpPort()}`, 'no-such-host.invalid']) {
    const second = await startAnsweringCarrier(t, () => ({ status: 603 }))
    const product = await start(t, [trunk('first', domain, 1), trunk('second', second.domain, 2)])
    const callId = await product.view.place('+4930123456')
    const call = await product.view.ended(callId)
    t.match(call, { outcome: 'declined', termination: { sip_status: 603 } }, domain)
    t.equal(second.rung.length, 1)
    await product.stop()
  }
})

t.test('hung up by us, or not answered in time: nobody else is rung', async (t) => {
  const first = await startAnsweringCarrier(t, () => ({ before: '180' }))
  const second = await startAnsweringCarrier(t, () => ({ status: 486 }))
  const product = await start(t, [
    trunk('first', first.domain, 1),
    trunk('second', second.domain, 2),
  ])
  const callId = await product.view.place('+4930123456')
  await eventually('ringing', 5000, async () => {
    return (await product.view.call(callId)).status === 'ringing'
  })
  await product.view.hangUp(callId)
  await sleep(500)
  t.same(second.rung, [])
})
