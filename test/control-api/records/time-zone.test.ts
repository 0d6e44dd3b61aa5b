// Days and weeks of time zones, on the nights in which clocks are moved.
import t from 'tap'
import { cutDays, cutWeeks } from '../../../control-api/calls/statistics/spans.ts'
import {
  decodeDay,
  decodeTimeZone,
  writtenDay,
  writtenWeek,
  weekdayOf,
} from '../../../control-api/calls/statistics/time-zone.ts'

const HOUR = 3600 * 1000
const zoneOf = (name: string) => {
  const zone = decodeTimeZone(name)
  if (!zone) throw new Error(`no zone ${name}`)
  return zone
}
const dayOf = (text: string) => {
  const day = decodeDay(text)
  if (day === undefined) throw new Error(`no day ${text}`)
  return day
}

t.test('a day begins when its zone says so, and is as long as it is', async (t) => {
  const cases: [zone: string, day: string, start: string, hours: number][] = [
    ['UTC', '2026-02-28', '2026-02-28T00:00:00.000Z', 24],
    ['Europe/Berlin', '2026-03-29', '2026-03-28T23:00:00.000Z', 23],
    ['Europe/Berlin', '2026-10-25', '2026-10-24T22:00:00.000Z', 25],
    ['America/New_York', '2026-11-01', '2026-11-01T04:00:00.000Z', 25],
    ['Asia/Kathmandu', '2026-06-01', '2026-05-31T18:15:00.000Z', 24],
    ['Australia/Lord_Howe', '2026-04-05', '2026-04-04T13:00:00.000Z', 24.5],
    // Midnight is left out: the day begins at one.
    ['Africa/Cairo', '2026-04-24', '2026-04-23T22:00:00.000Z', 23],
    ['America/Santiago', '2026-09-06', '2026-09-06T04:00:00.000Z', 23],
    // Midnight comes twice: the first one counts.
    ['America/Havana', '2026-11-01', '2026-11-01T04:00:00.000Z', 25],
    ['Pacific/Kiritimati', '2026-01-01', '2025-12-31T10:00:00.000Z', 24],
  ]
  for (const [name, day, start, hours] of cases) {
    const zone = zoneOf(name)
    const at = zone.startOf(dayOf(day))
    t.equal(new Date(at).toISOString(), start, `${name} ${day}`)
    t.equal((zone.startOf(dayOf(day) + 1) - at) / HOUR, hours, `${name} ${day} has its hours`)
    t.equal(zone.dayOf(at), dayOf(day))
    t.equal(zone.dayOf(at - 1), dayOf(day) - 1)
  }
})

t.test('days follow one another without a gap, whatever the zone', async (t) => {
  for (const name of ['Africa/Cairo', 'America/Havana', 'Europe/Lisbon', 'Asia/Beirut']) {
    const range = { from: Date.UTC(2025, 11, 31, 5), before: Date.UTC(2027, 0, 2, 7) }
    const spans = cutDays(range, zoneOf(name))
    t.equal(spans[0]?.from, range.from)
    t.equal(spans.at(-1)?.before, range.before)
    t.ok(spans.every(({ from }, at) => at === 0 || spans[at - 1]?.before === from))
    t.equal(new Set(spans.map(({ key }) => key)).size, spans.length)
    t.ok(spans.every(({ from, before }) => from < before && before - from <= 25 * HOUR))
  }
})

t.test('a day that a zone left out is not there', async (t) => {
  const zone = zoneOf('Pacific/Apia')
  const range = {
    from: zone.startOf(dayOf('2011-12-29')),
    before: zone.startOf(dayOf('2012-01-01')),
  }
  t.same(
    cutDays(range, zone).map(({ key }) => key),
    ['2011-12-29', '2011-12-31'],
  )
})

t.test('weeks begin on Mondays and are named by ISO 8601', async (t) => {
  const named: [string, string][] = [
    ['2025-12-29', '2026-W01'],
    ['2024-12-30', '2025-W01'],
    ['2026-12-28', '2026-W53'],
    ['2027-01-04', '2027-W01'],
    ['2021-01-04', '2021-W01'],
  ]
  for (const [monday, week] of named) {
    t.equal(weekdayOf(dayOf(monday)), 0)
    t.equal(writtenWeek(dayOf(monday)), week)
  }
  const zone = zoneOf('Europe/Berlin')
  const range = {
    from: zone.startOf(dayOf('2026-03-25')),
    before: zone.startOf(dayOf('2026-04-02')),
  }
  const weeks = cutWeeks(range, zone)
  t.same(
    weeks.map(({ key, from, before }) => [key, (before - from) / HOUR]),
    [
      ['2026-W13', 5 * 24 - 1],
      ['2026-W14', 3 * 24],
    ],
    'the clocks are moved in the first one',
  )
})

t.test('what is no zone and what is no day', async (t) => {
  for (const name of ['', '+01:00', 'Mars/Base', 'Europe/Berlin ', '../etc/localtime', '🕐'])
    t.equal(decodeTimeZone(name), undefined, name)
  t.equal(zoneOf('europe/berlin').name, 'Europe/Berlin')
  for (const day of ['2026-02-30', '2026-13-01', '26-01-01', '2026-1-1', 'today'])
    t.equal(decodeDay(day), undefined, day)
  t.equal(writtenDay(dayOf('2024-02-29')), '2024-02-29')
})
