// The tiles of the overview: which days the average is of.
import t from 'tap'
import {
  averageOf,
  dayBefore,
  figureOf,
  type Day,
} from '../../../control-api/console/pages/overview/days.ts'

process.env['TZ'] = 'Europe/Berlin'

function day(calls: number, answered = calls): Day {
  const some = { calls, live: 0, answered, answer_rate: calls === 0 ? null : answered / calls }
  return {
    ...{ key: 'a day', agent_seconds: answered * 30, ring_seconds: { sum: 0, average: null } },
    ...some,
    talk_seconds: { sum: answered * 60, average: null },
    cost: { amount_minor: answered * 4, currency: 'USD', vendor_calls: 0, counted_minor: 0 },
    guard: { seconds_avoided: 0, amount_minor: 0 },
    outcomes: {
      ...{ answered, no_answer: calls - answered, busy: 0, canceled: 0 },
      ...{ declined: 0, machine: 0, failed: 0 },
    },
  }
}
const days = (...calls: number[]): Day[] => calls.map((one) => day(one))

t.test('the last seven days, those off included', (t) => {
  const average = averageOf(days(9, 9, 0, 7, 7, 7, 7, 7, 0))
  t.equal(average?.days, 7)
  t.equal(average?.figure.calls, 5)
  t.equal(average?.figure.talkSeconds, 300)
  t.equal(average?.figure.costMinor, 20)
  t.end()
})

t.test('a young node: the days since its first call', (t) => {
  const average = averageOf(days(0, 0, 0, 0, 0, 0, 0, 0, 4, 2))
  t.match(average, { days: 2, figure: { calls: 3 } })
  t.equal(averageOf(days(0, 0, 0)), null)
  t.equal(averageOf([]), null)
  t.end()
})

t.test('rates are of calls, not of days', (t) => {
  t.equal(averageOf([day(100, 50), day(0), day(10, 10)])?.figure.answerRate, 60 / 110)
  t.equal(figureOf(day(0)).answerRate, null)
  t.end()
})

t.test('days of the viewer', (t) => {
  const now = new Date('2026-03-01T00:30:00+01:00')
  t.equal(dayBefore(now, 0), '2026-03-01')
  t.equal(dayBefore(now, 1), '2026-02-28')
  t.equal(dayBefore(now, 29), '2026-01-31')
  t.end()
})
