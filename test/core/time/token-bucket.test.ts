import t from 'tap'
import { epochMs } from '../../../core/contracts/index.ts'
import { createClock, TokenBucket } from '../../../core/time/index.ts'

function stage(perSecond: number) {
  let now = 1_700_000_000_000
  const bucket = new TokenBucket({ ...createClock(), now: () => epochMs(now) }, perSecond)
  /** How many are let through at once. */
  const taken = (): number => {
    let count = 0
    while (count < 100 && bucket.take()) count += 1
    return count
  }
  return { taken, pass: (milliseconds: number) => (now += milliseconds) }
}

t.test('one second’s worth at once, refilled evenly, and never more', async (t) => {
  const { taken, pass } = stage(5)
  t.equal(taken(), 5)
  pass(199)
  t.equal(taken(), 0)
  pass(1)
  t.equal(taken(), 1)
  pass(600)
  t.equal(taken(), 3)
  pass(3_600_000)
  t.equal(taken(), 5)
})

t.test('less than one a second is one after a while; none is none', async (t) => {
  const slow = stage(0.25)
  t.equal(slow.taken(), 1)
  slow.pass(3999)
  t.equal(slow.taken(), 0)
  slow.pass(1)
  t.equal(slow.taken(), 1)
  const none = stage(0)
  none.pass(3_600_000)
  t.equal(none.taken(), 0)
})
