// Statistics against a count of our own over the same calls: by every grouping, in a zone whose clocks are moved.
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { sql } from 'kysely'
import t, { type Test } from 'tap'
import { termination } from '#core/contracts'
import { openDatabase } from '../../../control-api/db/database.ts'
import { sumsStatement } from '../../../control-api/calls/statistics/statistics-query.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { buildApp, eventually, freshDataDir, type BuiltApp } from '../../support/build-app.ts'
import { seedCalls } from '../../support/seeded-calls.ts'

interface Row {
  readonly key: string | null
  readonly starts_at?: string
  readonly ends_at?: string
  readonly calls: number
  readonly live: number
  readonly answered: number
  readonly answer_rate: number | null
  readonly outcomes: Readonly<Record<string, number>>
  readonly ring_seconds: { readonly sum: number; readonly average: number | null }
  readonly talk_seconds: { readonly sum: number; readonly average: number | null }
  readonly agent_seconds: number
  readonly cost: {
    readonly amount_minor: number
    readonly currency: string
    readonly vendor_calls: number
    readonly counted_minor: number
  }
  readonly guard: { readonly seconds_avoided: number; readonly amount_minor: number }
}
interface Answer {
  readonly time_zone: string
  readonly items: readonly Row[]
  readonly others: Row | null
  readonly totals: Row
}
type Stored = Readonly<Record<string, number | string | null>>

const ZONE = 'Europe/Berlin'
/** Two statements read no more than 10,000 calls. */
const COUNT = 12_000
/** The night to 29 March 2026 is an hour shorter there. */
const SPAN = { from: Date.UTC(2026, 2, 26, 23), before: Date.UTC(2026, 3, 7, 22) }
const ASKED = { from_date: '2026-03-27', to_date: '2026-04-07', time_zone: ZONE }

async function seeded(t: Test): Promise<{ app: BuiltApp; stored: readonly Stored[] }> {
  const dataDir = await freshDataDir(t)
  await seedCalls(dataDir, { count: COUNT, ...SPAN })
  const database = new DatabaseSync(join(dataDir, 'voicegate.sqlite'))
  // Of some answered calls the vendor has told what it charges, which is not what we count.
  database.exec(
    'UPDATE calls SET vendor_usd = agent_seconds * 0.003 WHERE agent_seconds > 0 AND rowid % 3 = 0',
  )
  const stored = database.prepare('SELECT * FROM calls').all() as Stored[]
  database.close()
  return { app: await buildApp(t, { dataDir }), stored }
}

const ask = (app: BuiltApp, query: Readonly<Record<string, string>>) =>
  app.request(`/api/statistics?${new URLSearchParams(query).toString()}`)
const answerOf = async (response: Response): Promise<Answer> => {
  if (!response.ok) throw new Error(await response.text())
  return (await response.json()) as Answer
}

const roundTo3 = (value: number) => Math.round(value * 1000) / 1000

/** What the view of these calls must say, counted the plain way. */
function counted(calls: readonly Stored[]): Omit<Row, 'key'> {
  const sum = (of: (call: Stored) => number) => calls.reduce((total, call) => total + of(call), 0)
  const outcome = (name: string) => calls.filter((call) => call['outcome'] === name).length
  const at = (call: Stored, column: string) => Number(call[column])
  const rang = calls.filter((call) => call['ringing_at'] !== null)
  const talked = calls.filter((call) => call['answered_at'] !== null)
  const ringMs = rang.reduce(
    (ms, call) => ms + Number(call['answered_at'] ?? call['ended_at']) - at(call, 'ringing_at'),
    0,
  )
  const talkMs = talked.reduce((ms, call) => ms + at(call, 'ended_at') - at(call, 'answered_at'), 0)
  const seconds = (ms: number, of: number) => ({
    sum: roundTo3(ms / 1000),
    average: of === 0 ? null : roundTo3(ms / 1000 / of),
  })
  const answered = outcome('answered') + outcome('machine')
  const ours = (call: Stored) =>
    (at(call, 'agent_seconds') * at(call, 'agent_price_per_minute')) / 60
  const usd = sum((call) => (call['vendor_usd'] === null ? ours(call) : at(call, 'vendor_usd')))
  return {
    calls: calls.length,
    live: 0,
    answered,
    answer_rate: calls.length === 0 ? null : Math.round((answered / calls.length) * 1e4) / 1e4,
    outcomes: {
      answered: outcome('answered'),
      no_answer: outcome('no-answer'),
      busy: outcome('busy'),
      canceled: 0,
      declined: 0,
      machine: 0,
      failed: outcome('failed'),
    },
    ring_seconds: seconds(ringMs, rang.length),
    talk_seconds: seconds(talkMs, talked.length),
    agent_seconds: sum((call) => at(call, 'agent_seconds')),
    cost: {
      amount_minor: Math.round(usd * 100),
      currency: 'USD',
      vendor_calls: calls.filter((call) => call['vendor_usd'] !== null).length,
      counted_minor: Math.round(sum(ours) * 100),
    },
    guard: {
      seconds_avoided: roundTo3(sum(sparedMs) / 1000),
      amount_minor: Math.round(
        sum((call) => (sparedMs(call) / 60_000) * at(call, 'agent_price_per_minute')) * 100,
      ),
    },
  }
}

/** Whatever came first after the INVITE; no call whose INVITE never left, and none that was to have no agent. */
const sparedMs = (call: Stored): number =>
  call['invited_at'] === null || call['agent_id'] === null
    ? 0
    : Math.max(0, Number(call['answered_at'] ?? call['ended_at']) - Number(call['invited_at']))

/** Sums of fractions depend on the order by the last digit. */
function near(t: Test, found: object, wanted: object, what: string): void {
  const rounded = (value: object) =>
    JSON.parse(
      JSON.stringify(value, (_key, one: unknown) =>
        typeof one === 'number' ? Math.round(one * 100) / 100 : one,
      ),
    ) as object
  t.same(rounded(found), rounded(wanted), what)
}

function grouped(stored: readonly Stored[], keyOf: (call: Stored) => string | null) {
  const groups = new Map<string | null, Stored[]>()
  for (const call of stored) {
    const group = groups.get(keyOf(call)) ?? []
    groups.set(keyOf(call), group)
    group.push(call)
  }
  return groups
}

t.test('every grouping counts every call once', async (t) => {
  const { app, stored } = await seeded(t)
  const dayIn = new Intl.DateTimeFormat('sv-SE', { timeZone: ZONE })
  const text = (value: number | string | null | undefined) => (value == null ? null : String(value))
  const keys: Record<string, (call: Stored) => string | null> = {
    day: (call) => dayIn.format(Number(call['created_at'])),
    trunk: (call) => text(call['trunk']),
    agent: (call) => text(call['agent_id']),
    outcome: (call) => text(call['outcome']),
    consent: ({ consent_given: given }) =>
      given === null ? 'not-asked' : given === 1 ? 'given' : 'refused',
  }
  for (const [groupBy, keyOf] of Object.entries(keys)) {
    const answer = await answerOf(await ask(app, { ...ASKED, group_by: groupBy }))
    const groups = grouped(stored, keyOf)
    t.same(
      new Set(answer.items.map(({ key }) => key)),
      new Set(groups.keys()),
      `${groupBy}: no key too many, none missing`,
    )
    for (const row of answer.items)
      near(t, row, { ...row, ...counted(groups.get(row.key) ?? []) }, `${groupBy} ${row.key ?? ''}`)
    near(t, answer.totals, counted(stored), `${groupBy}: totals`)
    t.equal(answer.others, null)
  }
})

t.test('days and weeks are those of the zone', async (t) => {
  const { app } = await seeded(t)
  const days = await answerOf(await ask(app, ASKED))
  t.equal(days.time_zone, ZONE)
  t.equal(days.items.length, 12, 'by day, unless told')
  t.match(days.items[2], {
    key: '2026-03-29',
    starts_at: '2026-03-28T23:00:00.000Z',
    ends_at: '2026-03-29T22:00:00.000Z',
  })
  const weeks = await answerOf(await ask(app, { ...ASKED, group_by: 'week' }))
  t.same(
    weeks.items.map(({ key }) => key),
    ['2026-W13', '2026-W14', '2026-W15'],
  )
  t.same(
    weeks.items.map(({ calls }) => calls),
    [days.items.slice(0, 3), days.items.slice(3, 10), days.items.slice(10)].map((some) =>
      some.reduce((sum, { calls }) => sum + calls, 0),
    ),
  )
  const utc = await answerOf(await ask(app, { from_date: '2026-03-27', to_date: '2026-03-27' }))
  t.equal(utc.items[0]?.starts_at, '2026-03-27T00:00:00.000Z', 'UTC, unless told')
  const empty = await answerOf(
    await ask(app, { from_date: '2020-02-28', to_date: '2020-03-01', time_zone: ZONE }),
  )
  t.same(
    empty.items.map(({ key, calls, answer_rate: rate }) => [key, calls, rate]),
    [
      ['2020-02-28', 0, null],
      ['2020-02-29', 0, null],
      ['2020-03-01', 0, null],
    ],
    'days without calls are there',
  )
  const instants = { from_date: '2026-03-27T10:00:00Z', to_date: '2026-03-27T10:59:59.999Z' }
  const hour = await answerOf(await ask(app, { ...instants, group_by: 'trunk' }))
  t.equal(hour.totals.calls, (await answerOf(await ask(app, instants))).totals.calls)
  t.ok(hour.totals.calls > 30 && hour.totals.calls < 60)
})

t.test('calls that go on are counted, and nothing else of them', async (t) => {
  const app = await buildApp(t)
  const { callId } = await app.control.begin({ trunk: 'east' })
  await app.control.begin({ trunk: 'west' })
  const before = await answerOf(await ask(app, { group_by: 'trunk' }))
  t.match(before.items, [
    { calls: 1, live: 1, answer_rate: null },
    { calls: 1, live: 1 },
  ])
  app.emit('call.ended', callId, { termination: termination('client_error', 'busy', 'callee') })
  await app.recorded(callId, 1)
  const after = await answerOf(await ask(app, { group_by: 'outcome' }))
  t.match(
    [...after.items].sort((one) => (one.key === null ? 1 : -1)),
    [
      { key: 'busy', calls: 1, live: 0, answer_rate: 0 },
      { key: null, calls: 1, live: 1 },
    ],
  )
  t.match(after.totals, { calls: 2, live: 1, answered: 0, outcomes: { busy: 1 } })
  t.match((await answerOf(await ask(app, {}))).items.at(-1), { calls: 2, live: 1 }, 'today')
})

t.test('what cannot be asked', async (t) => {
  const app = await buildApp(t)
  const refused: [Record<string, string>, string][] = [
    [{ time_zone: 'Mars/Base' }, 'time_zone'],
    [{ time_zone: '+02:00' }, 'time_zone'],
    [{ from_date: '2026-02-30' }, 'from_date'],
    [{ from_date: '2025-01-01', to_date: '2026-12-31' }, 'from_date'],
    [{ from_date: '2026-01-02', to_date: '2026-01-01' }, 'to_date'],
    [{ to_date: '2026-02-30T00:00:00Z' }, 'to_date'],
    [{ group_by: 'number' }, 'group_by'],
    [{ number: '+4930555100' }, 'number'],
  ]
  for (const [query, field] of refused) {
    const response = await ask(app, query)
    t.equal(response.status, 400, JSON.stringify(query))
    t.match(await response.json(), { code: 'REQUEST_INVALID', errors: [{ field }] })
  }
  t.equal(
    (await ask(app, { from_date: '2025-01-01', to_date: '2026-02-04' })).status,
    200,
    '400 days',
  )
  const many = await Promise.all(Array.from({ length: 30 }, () => ask(app, {})))
  t.ok(many.every(({ status }) => status === 200 || status === 429))
  await eventually('the queue is empty again', async () => (await ask(app, {})).status === 200)
})

t.test('all that is read stands in one index', async (t) => {
  const dataDir = await freshDataDir(t)
  const database = await openDatabase(createLogger('silent'), { dataDir })
  t.teardown(() => database.close())
  const expectOneIndex = async (what: string) => {
    for (const column of [undefined, 'trunk', 'agent_id', 'outcome', 'consent_given'] as const) {
      const statement = sumsStatement({ from: 0, before: 1 }, column)
      const { rows } = await sql`EXPLAIN QUERY PLAN ${statement}`.execute(database.query)
      const plan = JSON.stringify(rows)
      t.match(plan, /SEARCH calls USING COVERING INDEX calls_statistics/, `${column} ${what}`)
      if (column === undefined) t.notMatch(plan, /TEMP B-TREE/, 'nothing is sorted')
    }
  }
  await expectOneIndex('as it is installed')
  // What ANALYZE finds in a million calls of three trunks.
  await sql`ANALYZE`.execute(database.query)
  await sql`INSERT INTO sqlite_stat1 VALUES ('calls', 'calls_trunk', '1000000 333334 1'),
    ('calls', 'calls_position', '1000000 1'), ('calls', 'calls_statistics', '1000000 1')`.execute(
    database.query,
  )
  await sql`ANALYZE sqlite_schema`.execute(database.query)
  await expectOneIndex('after ANALYZE')
})
