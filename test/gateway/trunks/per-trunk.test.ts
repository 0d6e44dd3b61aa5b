import t from 'tap'
import type { Trunk } from '../../../core/contracts/index.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { createClock } from '../../../core/time/index.ts'
import { PerTrunk } from '../../../gateway/trunks/per-trunk.ts'

/** Its domain is what counts; an empty one: nothing runs for it. */
const trunk = (name: string, domain: string, more: Partial<Trunk> = {}): Trunk => ({
  name,
  domain,
  numbers: [],
  ...more,
})

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Farewells take until the test says so. */
function stage() {
  const notes: string[] = []
  const farewells: PromiseWithResolvers<undefined>[] = []
  const per = new PerTrunk({
    name: 'a test',
    logger: createLogger('silent'),
    clock: createClock(),
    concern: ({ domain }) => (domain === '' ? undefined : { domain }),
    start: ({ name, domain }) => {
      notes.push(`start ${name} ${domain}`)
      return {
        lost: () => void notes.push(`lost ${name}`),
        restored: () => void notes.push(`restored ${name}`),
        close: () => {
          notes.push(`close ${name} ${domain}`)
          const farewell = Promise.withResolvers<undefined>()
          farewells.push(farewell)
          return farewell.promise
        },
      }
    },
    onEnded: (name) => void notes.push(`ended ${name}`),
    onGone: (name) => void notes.push(`gone ${name}`),
  })
  return {
    per,
    take: () => notes.splice(0),
    sayGoodbye: () => {
      farewells.shift()?.resolve(undefined)
      return settle()
    },
  }
}

t.test('what is new begins at once, what stays is not touched', async (t) => {
  const { per, take } = stage()
  per.replace([trunk('a', 'one'), trunk('b', 'two'), trunk('none', '')])
  t.same(take(), ['start a one', 'start b two'])
  per.replace([trunk('b', 'two', { passHeaders: true }), trunk('a', 'one'), trunk('c', 'three')])
  t.same(take(), ['start c three'])
  t.equal(per.find('none'), undefined)
  per.lost()
  per.restored()
  t.equal(take().length, 6)
})

t.test('what changed begins when every farewell is said, not before', async (t) => {
  const { per, take, sayGoodbye } = stage()
  per.replace([trunk('a', 'one'), trunk('b', 'two')])
  take()
  per.replace([trunk('a', 'other'), trunk('c', 'two')])
  t.same(take(), ['close a one', 'close b two'])
  t.equal(per.find('a'), undefined)
  t.type(per.waitsSince('a'), 'number')
  await sayGoodbye()
  t.same(take(), ['ended a'])
  await sayGoodbye()
  t.same(take(), ['ended b', 'gone b', 'start a other', 'start c two'])
  t.ok(per.find('a'))
  t.equal(per.waitsSince('a'), undefined)
})

t.test('changed again while it waits: only the last one begins', async (t) => {
  const { per, take, sayGoodbye } = stage()
  per.replace([trunk('a', 'one')])
  per.replace([trunk('a', 'two')])
  per.replace([trunk('a', 'three'), trunk('b', 'four')])
  await sayGoodbye()
  t.same(take(), ['start a one', 'close a one', 'ended a', 'start a three', 'start b four'])
  per.replace([trunk('a', 'five')])
  per.replace([])
  take()
  await sayGoodbye()
  await sayGoodbye()
  t.same(take(), ['ended a', 'gone a', 'ended b', 'gone b'])
})

t.test('close waits for every farewell, and nothing begins after it', async (t) => {
  const { per, take, sayGoodbye } = stage()
  per.replace([trunk('a', 'one'), trunk('b', 'two')])
  per.replace([trunk('a', 'other'), trunk('b', 'two')])
  take()
  let isClosed = false
  const closed = per.close().then(() => (isClosed = true))
  t.same(take(), ['close b two'])
  await sayGoodbye()
  t.equal(isClosed, false)
  await sayGoodbye()
  await closed
  per.replace([trunk('d', 'late')])
  t.same(take(), ['ended a'])
})
