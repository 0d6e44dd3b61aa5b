// The call history of the simulated account: ranges, zones, filters, pages, and what changes under one's hands.
import t from 'tap'
import { Account } from '../../../simulators/voximplant/account.ts'
import { CallHistory } from '../../../simulators/voximplant/call-history.ts'
import { historyCommands } from '../../../simulators/voximplant/history-commands.ts'
import type { HistorySession } from '../../../simulators/voximplant/index.ts'
import { RecordFiles } from '../../../simulators/voximplant/record-files.ts'
import { RequestValues } from '../../../simulators/voximplant/request-values.ts'
import { Zones } from '../../../simulators/voximplant/vendor-dates.ts'
import { openPlatform, type Params, type Platform } from './open-platform.ts'

const DAY = { from_date: '2026-01-02 00:00:00', to_date: '2026-01-02 23:59:59' }
const UTC = { timezone: 'Etc/GMT' }
const START = Date.parse('2026-01-02T00:00:00Z')

const textOf = (at: number): string => new Date(at).toISOString().slice(0, 19).replace('T', ' ')

const session = (id: number, at: number, more: Partial<HistorySession> = {}): HistorySession => ({
  call_session_history_id: id,
  start_date: textOf(at),
  duration: 10,
  finish_reason: 'Normal termination',
  ...more,
})

const call = (remote_number: string, start_time = '2026-01-02 00:00:01') => ({
  call_id: 1,
  start_time,
  local_number: '4930555200',
  remote_number,
  incoming: false,
  successful: true,
  cost: 0.0123,
})

async function idsOf({ ask }: Platform, params: Params): Promise<number[]> {
  const { body } = await ask('GetCallHistory', params)
  const sessions = body.result as { call_session_history_id: number }[]
  return sessions.map((each) => each.call_session_history_id)
}

t.test('what is not asked for is not there, and nothing is null that was absent', async (t) => {
  const { voximplant, ask } = await openPlatform(t)
  voximplant.addHistory([
    session(1, START, {
      calls: [call('49151')],
      records: [{ record_id: 3, start_time: '2026-01-02 00:00:02', duration: 8 }],
      other_resource_usage: [
        { resource_usage_id: 4, resource_type: 'ASR', used_at: '2026-01-02 00:00:03', cost: 1 },
      ],
    }),
  ])
  const { body: bare } = await ask('GetCallHistory', { ...DAY, ...UTC })
  t.strictSame(Object.keys(bare).sort(), ['count', 'result', 'timezone'])
  t.match(bare.result[0], { start_date: '2026-01-02 00:00:00', account_id: voximplant.accountId })
  for (const name of ['calls', 'records', 'other_resource_usage', 'custom_data', 'rule_name'])
    t.notOk(name in bare.result[0], name)
  const all = { with_calls: true, with_records: true, with_other_resources: true }
  const { body } = await ask('GetCallHistory', { ...DAY, ...UTC, ...all, with_total_count: true })
  t.match(body, {
    total_count: 1,
    count: 1,
    timezone: 'Etc/GMT',
    result: [
      {
        calls: [{ start_time: '2026-01-02 00:00:01', remote_number_type: 'pstn', cost: 0.0123 }],
        records: [{ record_id: 3, record_url: `${voximplant.baseUrl}/records/3.mp3` }],
        other_resource_usage: [{ used_at: '2026-01-02 00:00:03' }],
      },
    ],
  })
})

t.test('dates are of the zone that is asked for, or of the account', async (t) => {
  const platform = await openPlatform(t)
  const { voximplant, ask, codeOf } = platform
  // 23:30 UTC is 00:30 of the next day in Berlin; and the night on which its clocks go forward.
  voximplant.addHistory([
    session(1, Date.parse('2026-01-01T23:30:00Z'), { calls: [call('1', '2026-01-01 23:30:05')] }),
    session(2, Date.parse('2026-03-29T00:59:59Z')),
    session(3, Date.parse('2026-03-29T01:00:00Z')),
    session(4, Date.parse('2026-03-29T00:59:58Z')),
    session(5, Date.parse('2026-03-29T01:00:01Z')),
  ])
  t.strictSame(await idsOf(platform, { ...DAY, ...UTC }), [])
  const { body } = await ask('GetCallHistory', { ...DAY, with_calls: true })
  t.match(body, {
    timezone: 'Europe/Berlin',
    result: [{ start_date: '2026-01-02 00:30:00', calls: [{ start_time: '2026-01-02 00:30:05' }] }],
  })
  const night = { from_date: '2026-03-29 01:59:59', to_date: '2026-03-29 03:00:00' }
  const { body: spring } = await ask('GetCallHistory', { ...night, timezone: 'auto' })
  const starts = spring.result.map((each: { start_date: string }) => each.start_date)
  t.strictSame(starts, ['2026-03-29 01:59:59', '2026-03-29 03:00:00'])
  t.equal(await codeOf('GetCallHistory', { ...DAY, timezone: 'Mars/Olympus' }), 496)
  t.equal(await codeOf('GetCallHistory', { from_date: '2026-01-02' }), 111)
  t.equal(await codeOf('GetCallHistory', { from_date: '2026-02-30 00:00:00' }), 111)
  t.equal(await codeOf('GetCallHistory', { from_date: DAY.to_date, to_date: DAY.from_date }), 123)
})

t.test('both ends of a range belong to it; without one, it is the last month', async (t) => {
  const platform = await openPlatform(t, { mostHistoryDays: 31 })
  const { voximplant, codeOf } = platform
  voximplant.addHistory([
    session(1, START),
    session(2, START + 86_399_000),
    session(3, START - 1000),
  ])
  t.strictSame(await idsOf(platform, { ...DAY, ...UTC }), [1, 2])
  voximplant.addHistory([
    session(4, Date.now() - 29 * 86_400_000),
    session(5, Date.now() - 31 * 86_400_000),
  ])
  t.strictSame(await idsOf(platform, {}), [4])
  t.strictSame(await idsOf(platform, { call_session_history_id: '5;3;99' }), [3, 5])
  const year = { from_date: '2025-01-01 00:00:00', to_date: '2026-01-01 00:00:00' }
  t.equal(await codeOf('GetCallHistory', year), 569)
})

t.test('filters', async (t) => {
  const platform = await openPlatform(t)
  const { voximplant, codeOf } = platform
  const { application_id } = voximplant.addApplication({ name: 'desk' })
  voximplant.addHistory([
    session(1, START, { application_id, rule_name: 'out', custom_data: '{"t":"one"}' }),
    session(2, START + 1000, { application_id, rule_name: 'in', calls: [call('49151')] }),
    session(3, START + 2000, {
      duration: 99,
      calls: [call('49152')],
      custom_data: '{"t":"onexx"}',
    }),
  ])
  const ids = (params: Params) => idsOf(platform, { ...DAY, ...UTC, ...params })
  t.strictSame(await ids({ application_id }), [1, 2])
  t.strictSame(await ids({ application_name: 'desk', rule_name: 'in' }), [2])
  t.strictSame(await ids({ rule_name: 'in' }), [1, 2, 3], 'a rule without its application')
  t.strictSame(await ids({ call_session_history_custom_data: '{"t":"one"}' }), [1])
  t.strictSame(await ids({ remote_number: '49152;49151' }), [2, 3])
  t.strictSame(await ids({ remote_number: '49152', remote_number_list: '["49151"]' }), [2])
  t.strictSame(await ids({ remote_number: '49152', remote_number_list: '[]' }), [3])
  t.strictSame(await ids({ local_number: '4930555200' }), [2, 3])
  t.strictSame(await ids({ min_duration: 11 }), [3])
  t.strictSame(await ids({ max_duration: 10 }), [1, 2])
  t.strictSame(await ids({ call_session_history_id: '3;1' }), [1, 3])
  t.equal(await codeOf('GetCallHistory', { application_id: 5 }), 116)
  const comma = await platform.ask('GetCallHistory', { call_session_history_id: '3,1' })
  t.match(comma.body, { error: { code: 101, msg: 'For input string: "3,1"' } })
  const many = Array.from({ length: 1001 }, (_, id) => id).join(';')
  t.equal(await codeOf('GetCallHistory', { call_session_history_id: many }), 150)
  t.equal(await codeOf('GetCallHistory', { output: 'csv' }), 105)
  t.equal(await codeOf('GetCallHistory', { count: 1001 }), 496)
})

t.test('pages follow each other in either order, and hold twenty by default', async (t) => {
  const platform = await openPlatform(t)
  const all = Array.from({ length: 55 }, (_, at) => session(100 + at, START + at * 1000))
  platform.voximplant.addHistory(all.toReversed())
  const ids = all.map((each) => each.call_session_history_id)
  const pages = async (params: Params) => {
    const got: number[][] = []
    for (const offset of [0, 20, 40, 60])
      got.push(await idsOf(platform, { ...DAY, ...UTC, ...params, offset }))
    return got
  }
  const cut = (list: readonly number[]) => [0, 20, 40, 60].map((at) => list.slice(at, at + 20))
  t.strictSame(await pages({}), cut(ids))
  t.strictSame(await pages({ desc_order: true }), cut(ids.toReversed()))
  t.strictSame(await pages({ desc_order: true, min_duration: 1 }), cut(ids.toReversed()))
})

t.test('the order without desc_order is a switch', async (t) => {
  const all = Array.from({ length: 40 }, (_, at) => session(100 + at, START + at * 1000))
  const orders: number[][] = []
  for (const sort of ['asc', 'desc', 'unsorted'] as const) {
    const platform = await openPlatform(t, { sort, echoTimezone: false })
    platform.voximplant.addHistory(all)
    const asked = { ...DAY, ...UTC, count: 40 }
    orders.push(await idsOf(platform, asked))
    const { body } = await platform.ask('GetCallHistory', asked)
    t.notOk('timezone' in body)
  }
  const [asc = [], desc = [], unsorted = []] = orders
  t.strictSame(desc, asc.toReversed())
  t.strictSame(unsorted.toSorted(), asc)
  t.notSame(unsorted, asc)
  t.notSame(unsorted, desc)
})

t.test('what changes between two pages shifts the next one', async (t) => {
  const platform = await openPlatform(t)
  const { voximplant } = platform
  voximplant.addHistory([1, 2, 3, 4].map((id) => session(id, START + id * 1000)))
  const seen: [number, number][] = []
  voximplant.whilePaging((offset, count) => {
    seen.push([offset, count])
    if (offset === 0) voximplant.addHistory([session(9, START)])
    else voximplant.removeHistory(1)
  })
  const asked = { ...DAY, ...UTC, count: 2 }
  t.strictSame(await idsOf(platform, asked), [1, 2])
  t.strictSame(await idsOf(platform, { ...asked, offset: 2 }), [2, 3], 'one came before')
  t.strictSame(await idsOf(platform, { ...asked, offset: 4 }), [], 'and one has gone')
  t.strictSame(seen, [
    [0, 2],
    [2, 2],
    [4, 0],
  ])
})

t.test('a session that is added again is replaced; a recording may come late', async (t) => {
  const platform = await openPlatform(t)
  const { voximplant, ask } = platform
  voximplant.addHistory([session(1, START), session(2, START + 1000)])
  voximplant.addHistory([session(1, START + 5000, { duration: 77 })])
  t.strictSame(await idsOf(platform, { ...DAY, ...UTC }), [2, 1])
  voximplant.addRecord(1, { record_id: 7, start_time: '2026-01-02 00:00:06', duration: 2 })
  const { body } = await ask('GetCallHistory', {
    call_session_history_id: 1,
    with_records: true,
    ...UTC,
  })
  t.match(body.result, [{ duration: 77, records: [{ record_id: 7 }] }])
  t.equal((await fetch(body.result[0].records[0].record_url)).status, 200)
  const record = { record_id: 8, start_time: '2026-01-02 00:00:06' }
  t.throws(() => voximplant.addRecord(5, record), { code: 'NOT_FOUND' })
})

t.test('a page of 150,000 sessions takes no more of them than it shows', async (t) => {
  const history = new CallHistory()
  const account = new Account({ accountName: 'a', isSecureByDefault: false, now: () => START })
  const commands = historyCommands({
    account,
    accountId: 1,
    history,
    files: new RecordFiles(() => ''),
    zones: new Zones('UTC'),
    mostDays: undefined,
    order: 'asc',
    echoTimezone: true,
    onPage: () => undefined,
  })
  const total = 150_000
  history.add(Iterator.from(numbers(total)).map((id) => session(id, START + id * 100)))
  const taken: number[] = []
  const slice = history.slice.bind(history)
  history.slice = (first, end) => {
    taken.push(end - first)
    return slice(first, end)
  }
  const asked = { from_date: '2026-01-02 00:00:00', to_date: '2026-02-02 00:00:00', count: '15' }
  for (const desc_order of ['false', 'true']) {
    const params = { ...asked, offset: '10000', with_total_count: 'true', desc_order }
    const values = new RequestValues(new Map(Object.entries(params)))
    const first = desc_order === 'true' ? total - 10_001 : 10_000
    t.match(commands['GetCallHistory']?.(values, 'api-key'), {
      total_count: total,
      count: 15,
      result: [{ call_session_history_id: first }],
    })
  }
  t.strictSame(taken, [15, 15])
})

function* numbers(count: number): Generator<number> {
  for (let each = 0; each < count; each += 1) yield each
}
