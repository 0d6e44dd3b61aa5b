// Each alert is provoked in a live product, or it is said here why not: promtool's tests tell its story alone then.
import { globSync, readFileSync } from 'node:fs'
import t from 'tap'
import { readSources } from '../support/dashboards/sources.ts'

const LIVE = globSync('test/integration/alerts-of-*.test.ts')

const NOT_LIVE: ReadonlyMap<string, string> = new Map([
  ['AsrDrop ticket', 'compares with last week'],
  ['TrafficGone ticket', 'compares with last week'],
  ['DiskFilling page', 'would fill the disk of this machine'],
  ['DiskFilling ticket', 'the same'],
  ['PacingLate ticket', 'wants a machine that is too slow for a few calls'],
])

t.test('every alert of every severity is provoked, or it says why not', async (t) => {
  const texts = LIVE.map((file) => readFileSync(file, 'utf8')).join('\n')
  const names = readSources().alerts.map(
    ({ alert, labels }) => `${alert} ${labels['severity'] ?? '?'}`,
  )
  const all = [...new Set(names)]
  const provoked = all.filter((name) => texts.includes(`'${name}'`))
  const left = all.filter((name) => !provoked.includes(name))
  t.same(left.toSorted(), [...NOT_LIVE.keys()].toSorted())
})
