import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { createTurns } from '../../../core/lifecycle/index.ts'

t.test('one after the other, in the order they came', async (t) => {
  const turns = createTurns()
  const seen: string[] = []
  const act = (name: string, forMs: number) =>
    turns.take(async () => {
      seen.push(`${name} begins`)
      await sleep(forMs)
      seen.push(`${name} ends`)
      return name
    })
  t.same(await Promise.all([act('a', 20), act('b', 0), act('c', 5)]), ['a', 'b', 'c'])
  t.same(seen, ['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends'])
  t.equal(await act('d', 0), 'd', 'also when nobody is before it')
})

t.test('one that fails tells whoever took it, and holds nobody up', async (t) => {
  const turns = createTurns()
  const rejects = turns.take(() => Promise.reject(new Error('no')))
  const throws = turns.take(() => {
    throw new Error('at once')
  })
  const next = turns.take(() => Promise.resolve('yes'))
  await t.rejects(rejects, { message: 'no' })
  await t.rejects(throws, { message: 'at once' })
  t.equal(await next, 'yes')
})
