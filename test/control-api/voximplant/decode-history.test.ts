// What the vendor's history says that cannot be: read as unknown, or bounded, so that no call breaks the list of all.
import t from 'tap'
import { spreadPositions } from '../../../control-api/voximplant/sync/free-positions.ts'
import { decodeHistory } from '../../../control-api/voximplant/vendor/decode-history.ts'

const NOW = Date.UTC(2026, 0, 31, 12)
const START = '2026-01-30 10:00:00'

const session = (fields: object, leg: object = {}, record: object = {}): object => ({
  call_session_history_id: 1,
  start_date: START,
  duration: 60,
  calls: [{ start_time: START, duration: 50, cost: 0.5, ...leg }],
  records: [{ record_id: 1, start_time: START, duration: 50, cost: 0, ...record }],
  ...fields,
})

function decoded(...sessions: object[]) {
  const page = decodeHistory({ timezone: 'UTC', result: sessions }, NOW)
  if (page === undefined) throw new Error('it is no page')
  return page
}

t.test('a session that begins before 2001, or after tomorrow, cannot be read', (t) => {
  for (const date of ['2999-01-01 00:00:00', '2026-02-01 12:00:01', '2000-12-31 23:59:59'])
    t.match(decoded(session({ start_date: date }), session({})), {
      sessions: { length: 1 },
      unreadable: 1,
    })
  for (const date of ['2026-02-01 12:00:00', '2001-01-01 00:00:00'])
    t.match(decoded(session({ start_date: date })), { unreadable: 0 }, date)
  t.end()
})

t.test('times of legs and records that cannot be are those of the session, or unknown', (t) => {
  const absurd = { start_time: '2999-01-01 00:00:00' }
  const [one] = decoded(session({}, absurd, absurd)).sessions
  t.equal(one?.legs[0]?.startedAt, one?.startedAt)
  t.equal(one?.records[0]?.startedAt, null)
  t.end()
})

t.test('durations are of seven days at most, or unknown', (t) => {
  for (const [duration, read] of [
    [604_800, 604_800],
    [0, 0],
    ['12', 12],
    [604_801, null],
    [1e13, null],
    [1e308, null],
    [-1, null],
  ] as const) {
    const [one] = decoded(session({ duration }, { duration }, { duration })).sessions
    const read_ = [one?.durationSeconds, one?.legs[0]?.durationSeconds]
    t.same([...read_, one?.records[0]?.durationSeconds], [read, read, read], String(duration))
  }
  t.end()
})

t.test('a session costs something between nothing and a million', (t) => {
  for (const [cost, read] of [
    [0.25, 0.25],
    [1e308, 1e6],
    [-1e9, 0],
    [1e6, 1e6],
  ] as const) {
    const [one] = decoded(session({}, { cost }, { cost: 0 })).sessions
    t.equal(one?.cost, read, String(cost))
    t.equal(one?.legs[0]?.cost, read)
  }
  const both = decoded(session({}, { cost: 9e5 }, { cost: 9e5 })).sessions[0]
  t.equal(both?.cost, 1e6, 'all of it together')
  t.end()
})

t.test('numbers are cut at 64 letters', (t) => {
  const long = 'sip:'.padEnd(5000, 'x')
  const leg = { remote_number: long, local_number: long }
  const [one] = decoded(session({}, leg)).sessions
  t.equal(one?.legs[0]?.remoteNumber, long.slice(0, 64))
  t.equal(one?.legs[0]?.localNumber, long.slice(0, 64))
  t.end()
})

t.test('a place behind the whole numbers is refused, whoever stands there', (t) => {
  const [last, gap] = [Number.MAX_SAFE_INTEGER, 2 ** 53]
  t.throws(() => spreadPositions([{ position: gap }]), RangeError)
  t.throws(() => spreadPositions([{ position: gap }, { position: gap }]), RangeError)
  t.throws(() => spreadPositions([{ position: last }, { position: last }]), RangeError)
  t.throws(() => spreadPositions([{ position: last }], () => true), RangeError)
  const near = spreadPositions([{ position: last - 1 }, { position: last - 1 }])
  t.same(near, [{ position: last - 1 }, { position: last }])
  t.end()
})
