// Which audio is heard after an interruption: the table of the rule.
import t from 'tap'
import { createInterruptionFilter } from '../../../bridge/elevenlabs/interruption-filter.ts'

t.test('below the interrupted id never, at it only when new, above it always', async (t) => {
  const table = [
    { name: 'A < N', seen: [3], interruption: 5, id: 4, heard: false },
    { name: 'A < N though seen before', seen: [3], interruption: 5, id: 3, heard: false },
    { name: 'A == N, seen before', seen: [3, 5], interruption: 5, id: 5, heard: false },
    { name: 'A == N, not seen before', seen: [3], interruption: 5, id: 5, heard: true },
    { name: 'A > N', seen: [3, 5], interruption: 5, id: 6, heard: true },
    { name: 'A > N, seen before', seen: [7], interruption: 5, id: 7, heard: true },
    { name: 'no id', seen: [5], interruption: 5, id: undefined, heard: true },
  ]
  for (const { name, seen, interruption, id, heard } of table) {
    const filter = createInterruptionFilter()
    for (const earlier of seen) t.ok(filter.accepts(earlier), 'nothing is stale before')
    filter.interrupted(interruption)
    t.equal(filter.accepts(id), heard, name)
    t.equal(filter.accepts(id), heard, `${name}, and so is the next chunk`)
  }
})

t.test('a second interruption at the same id silences what was new the first time', async (t) => {
  const filter = createInterruptionFilter()
  filter.interrupted(5)
  t.ok(filter.accepts(5))
  filter.interrupted(5)
  t.notOk(filter.accepts(5))
})

t.test('an interruption with a falling id brings nothing back', async (t) => {
  const filter = createInterruptionFilter()
  t.ok(filter.accepts(9))
  filter.interrupted(9)
  filter.interrupted(4)
  t.notOk(filter.accepts(9))
  t.notOk(filter.accepts(6))
})

t.test('the memory is bounded', async (t) => {
  const filter = createInterruptionFilter()
  for (let id = 1; id <= 5000; id += 1) filter.accepts(id)
  filter.interrupted(5000)
  t.notOk(filter.accepts(5000), 'the newest is remembered')
})
