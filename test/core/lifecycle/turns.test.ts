import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { createKeyedTurns, createTurns } from '../../../core/lifecycle/index.ts'

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

t.test('of one key one after the other, of two side by side', async (t) => {
  const turns = createKeyedTurns<string>()
  const seen: string[] = []
  const act = (key: string, name: string, forMs: number) =>
    turns.take(key, async () => {
      seen.push(`${name} begins`)
      await sleep(forMs)
      seen.push(`${name} ends`)
      return name
    })
  const first = act('a', 'a1', 20)
  const fails = turns.take('a', () => Promise.reject(new Error('no')))
  const [second, other] = [act('a', 'a2', 0), act('b', 'b1', 0)]
  await t.rejects(fails, { message: 'no' })
  t.same(await Promise.all([first, second, other]), ['a1', 'a2', 'b1'])
  t.same(seen, ['a1 begins', 'b1 begins', 'b1 ends', 'a1 ends', 'a2 begins', 'a2 ends'])
  t.equal(await act('a', 'a3', 0), 'a3', 'also when nobody is before it')
})
