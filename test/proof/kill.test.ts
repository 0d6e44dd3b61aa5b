// A short slice of `npm run proof -- kill`, and proof that its judges can say no.
import t from 'tap'
import { runKills } from '../../proof/kill/kill.ts'
import { MATRIX, nameOf } from '../../proof/kill/matrix.ts'
import { SILENT } from '../../proof/progress.ts'

t.setTimeout(150_000)

const SLICE = [
  'process | outbound | ringing, then answers',
  'SIP | inbound | talking, recorded',
  'media | outbound | talking, recorded',
]

t.test('the matrix has every thread of the product, and no pair twice', (t) => {
  const names = MATRIX.map(nameOf)
  t.equal(new Set(names).size, names.length)
  t.same(
    [...new Set(MATRIX.map(({ who }) => who.name))],
    ['process', 'SIP', 'database', 'media', 'media hangs', 'speech'],
  )
  t.same(
    SLICE.filter((name) => !names.includes(name)),
    [],
  )
  t.end()
})

t.test('killed at some points of a call: nothing is lost, nobody is left alone', async (t) => {
  const slice = MATRIX.filter((pair) => SLICE.includes(nameOf(pair)))
  const { problems, figures } = await runKills(
    { seed: 20_260_401, count: slice.length, progress: SILENT },
    slice,
  )
  t.same(problems, [], 'no record, agent, phone or place', { figures })
  t.match(figures.at(-2), new RegExp(`^all +${slice.length} +${slice.length * 6} `))
})

t.test('a next start that knows nothing of the last one is found out', async (t) => {
  const ringing = MATRIX.filter((pair) => nameOf(pair) === 'process | outbound | ringing')
  const { problems } = await runKills(
    { seed: 1, count: 1, progress: SILENT, forgets: true },
    ringing,
  )
  const said = problems.join('\n')
  t.match(said, /a phone was left alone: outbound ringing/)
  t.match(said, /a phone was left alone: outbound talking/)
  t.match(said, /a 202 without its record/)
  t.match(said, /another call for the same key/)
})
