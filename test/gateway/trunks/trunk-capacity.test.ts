import t from 'tap'
import { epochMs, type Trunk } from '../../../core/contracts/index.ts'
import { createClock } from '../../../core/time/index.ts'
import { TrunkCapacity } from '../../../gateway/trunks/trunk-capacity.ts'

const trunk = (limits: Trunk['limits'], name = 'a'): Trunk => ({
  name,
  domain: 'd',
  numbers: [],
  ...(limits ? { limits } : {}),
})

function stage() {
  let now = 1_700_000_000_000
  const capacity = new TrunkCapacity({ ...createClock(), now: () => epochMs(now) })
  return { capacity, pass: (milliseconds: number) => (now += milliseconds) }
}

t.test('so many calls at once, both directions, counted by name', async (t) => {
  const { capacity } = stage()
  const a = trunk({ maxConcurrentCalls: 2 })
  const first = capacity.take(a, 'inbound')
  const second = capacity.take(a, 'outbound')
  t.ok(first && second)
  t.equal(capacity.take(a, 'inbound'), undefined)
  t.equal(capacity.take(a, 'outbound'), undefined)
  t.ok(capacity.take(trunk({ maxConcurrentCalls: 1 }, 'b'), 'inbound'), 'another trunk')
  t.equal(capacity.calls('a'), 2)
  first?.release()
  first?.release()
  t.equal(capacity.calls('a'), 1, 'released once')
  t.ok(capacity.take(a, 'outbound'))
  t.equal(capacity.take(trunk({ maxConcurrentCalls: 2 }), 'inbound'), undefined, 'defined anew')
  t.ok(capacity.take(trunk({ maxConcurrentCalls: 3 }), 'inbound'))
  t.ok(capacity.take(trunk(undefined), 'inbound'), 'no limit')
  t.equal(capacity.calls('a'), 4)
})

t.test('so many INVITEs of ours a second; calls to us do not count', async (t) => {
  const { capacity, pass } = stage()
  const a = trunk({ maxCallsPerSecond: 2 })
  for (const expected of [true, true, false]) t.equal(!!capacity.take(a, 'outbound'), expected)
  t.ok(capacity.take(a, 'inbound'))
  pass(600)
  t.notOk(capacity.take(a, 'outbound'), 'never three within a second')
  pass(400)
  for (const expected of [true, true, false]) t.equal(!!capacity.take(a, 'outbound'), expected)
  pass(60_000)
  for (const expected of [true, true, false]) t.equal(!!capacity.take(a, 'outbound'), expected)
  t.ok(capacity.take(trunk({ maxCallsPerSecond: 3 }), 'outbound'), 'another rate begins anew')
})

t.test('in no second more than the carrier sells, however the calls come', async (t) => {
  const { capacity, pass } = stage()
  const a = trunk({ maxCallsPerSecond: 10 })
  const left: number[] = []
  for (let at = 0; at < 5000; at += 7, pass(7)) if (capacity.take(a, 'outbound')) left.push(at)
  const within = left.map((from) => left.filter((at) => at >= from && at < from + 1000).length)
  t.equal(Math.max(...within), 10)
  t.ok(left.length >= 49, `${left.length} in 5 s: all that is sold`)
})

t.test('less than one a second is not none', async (t) => {
  const { capacity, pass } = stage()
  const slow = trunk({ maxCallsPerSecond: 0.5 })
  t.ok(capacity.take(slow, 'outbound'))
  t.notOk(capacity.take(slow, 'outbound'))
  pass(1999)
  t.notOk(capacity.take(slow, 'outbound'))
  pass(2)
  t.ok(capacity.take(slow, 'outbound'))
})

t.test('a call without a place uses up no turn', async (t) => {
  const { capacity } = stage()
  const a = trunk({ maxConcurrentCalls: 1, maxCallsPerSecond: 2 })
  const held = capacity.take(a, 'outbound')
  for (let at = 0; at < 5; at += 1) t.notOk(capacity.take(a, 'outbound'))
  held?.release()
  t.ok(capacity.take(a, 'outbound'))
})
