// Which calls the page of statistics counts: its address, the period before, what is charted, and the file it makes.
import t from 'tap'
import { changeOf } from '../../../control-api/console/pages/statistics/compare.ts'
import { csvOf } from '../../../control-api/console/pages/statistics/csv.ts'
import {
  isDay,
  periodOf,
  readView,
  writeView,
  type View,
} from '../../../control-api/console/pages/statistics/period.ts'
import type {
  Statistics,
  Tally,
} from '../../../control-api/console/pages/statistics/use-statistics.ts'

/** In whatever zone the test runs: a moment of that zone's afternoon. */
const NOW = new Date(2026, 10, 21, 15, 30)

const period = (view: Partial<View>) => {
  const judged = periodOf({ group: 'day', ...view }, NOW)
  if (judged.kind !== 'period') throw new Error(judged.kind)
  return judged.period
}

t.test('an address is read and written, and what is usual is left out', async (t) => {
  for (const query of [
    '',
    '?range=7d',
    '?range=90d&group=trunk',
    '?from=2026-01-01&to=2026-01-31',
    '?from=2026-01-01&to=2026-01-31&group=consent',
  ])
    t.equal(writeView(readView(query)), query, query)
  t.same(readView('?range=forever&group=number'), { range: '30d', group: 'day' })
  t.same(readView('?from=2026-02-30&to=2026-03-01'), { range: '30d', group: 'day' }, 'no such day')
  t.equal(isDay('0026-01-01'), false, 'somebody is typing')
})

t.test('a period that goes on is compared up to the same time of day', async (t) => {
  const { from, to, days, goesOn, before } = period({ range: '7d' })
  t.same([from, to, days, goesOn], ['2026-11-15', '2026-11-21', 7, true])
  t.equal(before.from_date, '2026-11-08')
  t.equal(before.to_date, new Date(2026, 10, 14, 15, 30).toISOString())
})

t.test('a period that is over is compared with as many whole days before it', async (t) => {
  const { days, goesOn, before, asked } = period({ from: '2026-01-01', to: '2026-01-31' })
  t.same([days, goesOn], [31, false])
  t.same(asked, { from_date: '2026-01-01', to_date: '2026-01-31' })
  t.same(before, { from_date: '2025-12-01', to_date: '2025-12-31' })
})

t.test('a clock change in between makes no day more or less', async (t) => {
  t.equal(period({ from: '2026-10-24', to: '2026-10-26' }).days, 3)
  t.equal(period({ from: '2026-03-28', to: '2026-03-30' }).days, 3)
})

t.test('charts show a week at least, and weeks instead of very many days', async (t) => {
  t.same(period({ range: 'today' }).charted, {
    from_date: '2026-11-15',
    to_date: '2026-11-21',
    group_by: 'day',
  })
  t.equal(period({ range: '90d' }).charted.group_by, 'day')
  t.equal(period({ from: '2026-01-01', to: '2026-11-01' }).charted.group_by, 'week')
})

t.test('what the API would refuse is not asked for', async (t) => {
  const kind = (from: string, to: string) => periodOf({ from, to, group: 'day' }, NOW).kind
  t.equal(kind('2026-02-01', '2026-01-01'), 'backwards')
  t.equal(kind('2025-01-01', '2026-11-21'), 'too-long')
  t.equal(kind('2025-10-18', '2026-11-21'), 'period', '400 days')
})

t.test('changes are told where they mean something', async (t) => {
  t.match(changeOf(150, 100, 'share'), { kind: 'share', by: 0.5 })
  t.match(changeOf(0.5, 0.75, 'points'), { kind: 'points', by: -0.25 })
  t.same(changeOf(10, 10, 'share'), { kind: 'same' })
  t.same(changeOf(0, 0, 'share'), { kind: 'same' })
  t.equal(changeOf(5, 0, 'share'), null, 'nothing to divide by')
  t.equal(changeOf(null, 0.5, 'points'), null)
})

const TALLY: Tally = {
  calls: 3,
  live: 1,
  answered: 1,
  answer_rate: 0.5,
  outcomes: { answered: 1, no_answer: 1, busy: 0, canceled: 0, declined: 0, machine: 0, failed: 0 },
  ring_seconds: { sum: 10, average: 5 },
  talk_seconds: { sum: 30, average: 30 },
  agent_seconds: 29.5,
  cost: { amount_minor: 4, currency: 'USD', vendor_calls: 0, counted_minor: 4 },
  guard: { seconds_avoided: 10, amount_minor: 1 },
}

t.test('the file is RFC 4180, and no formula of somebody else is in it', async (t) => {
  const rows = ['=1+1', 'a, "b"', null].map((key) => ({ key, ...TALLY, answer_rate: null }))
  const statistics: Statistics = {
    from: '2026-11-01T00:00:00Z',
    before: '2026-11-22T00:00:00Z',
    time_zone: 'UTC',
    group_by: 'trunk',
    items: rows,
    others: null,
    totals: TALLY,
  }
  const [head, ...lines] = csvOf(statistics, rows).split('\r\n')
  t.match(head, /^trunk,calls,live,answered,answer_rate,.*,currency$/)
  t.match(lines, [
    /^'=1\+1,3,1,1,,/,
    /^"a, ""b""",3,/,
    /^,3,1,/,
    /^\(total\),3,1,1,0\.5,.*,USD$/,
    '',
  ])
})
