import t from 'tap'
import { epochMs } from '../../../core/contracts/index.ts'
import { createClock } from '../../../core/time/index.ts'
import { TrunkPauses } from '../../../gateway/trunks/trunk-pauses.ts'

t.test('a pause lasts as long as was asked, an hour at most, and is news once', async (t) => {
  let now = 1_700_000_000_000
  const pauses = new TrunkPauses({ ...createClock(), now: () => epochMs(now) })
  t.equal(pauses.begin('a', 30), true)
  t.equal(pauses.begin('a', 60), false)
  t.same([pauses.has('a'), pauses.has('b')], [true, false])
  now += 59_999
  t.equal(pauses.has('a'), true)
  now += 1
  t.equal(pauses.has('a'), false)
  t.equal(pauses.begin('a', 86_400_000), true)
  now += 3_600_000
  t.equal(pauses.has('a'), false)
  pauses.begin('a', 30)
  pauses.clear()
  t.equal(pauses.has('a'), false)
})
