// The search of the calls page: what the box is taken for, what the address holds, and the viewer's days as bounds.
import t from 'tap'
import {
  decodeAsked,
  filterBody,
  isDay,
  readFilters,
  readTrunks,
  writeFilters,
} from '../../../control-api/console/pages/calls/call-search.ts'
import { decodeNumberSearch } from '../../../control-api/calls/number-search.ts'

process.env['TZ'] = 'Europe/Berlin'
const NOTHING = { kind: 'nothing' } as const
const NOW = new Date('2026-03-30T10:00:00+02:00')

t.test('numbers, words, and what is still being typed', (t) => {
  for (const typed of ['4567', '030 123456', '+49 (30) 123-456', '0049 30 123456', '456'])
    t.same(decodeAsked(` ${typed} `), { kind: 'number', number: typed })
  for (const typed of ['opening hours', 'Größe', 'четверг', '4711 please', 'a'])
    t.same(decodeAsked(typed), { kind: 'words', text: typed })
  for (const typed of ['"2026"', '“2026”', '„2026“', '«2026»', '"2026'])
    t.same(decodeAsked(typed), { kind: 'words', text: '2026' }, 'digits as words')
  for (const typed of [
    '1',
    '12',
    '+',
    '+49',
    '+49 30',
    '00493',
    '1'.repeat(16),
    '1+2345678',
    '...',
    '"',
  ])
    t.equal(decodeAsked(typed).kind, 'unfinished', typed)
  t.same(decodeAsked('  '), NOTHING)
  t.end()
})

t.test('what is sent as a number is one to the API', (t) => {
  for (const typed of [
    '4567',
    '030 123456',
    '+49 (30) 123-456',
    '0049 30 123456',
    '030/12 34.56',
  ]) {
    const asked = decodeAsked(typed)
    t.ok(asked.kind === 'number' && decodeNumberSearch(asked.number), typed)
  }
  t.end()
})

t.test('the address holds the filters and comes back as it was', (t) => {
  const queries = [
    '',
    '?direction=inbound&status=ended&outcome=no-answer&fault=agent&review_status=problem&provider=sip',
    '?application_id=shop+1&range=7d&limit=25',
    '?from=2026-01-31&to=2026-02-01',
    '?trunk=exolve&trunk=a+b&from_date=2026-11-21T10%3A00%3A00.000Z&to_date=2026-11-21T13%3A00%3A00%2B02%3A00',
  ]
  for (const query of queries) t.equal(writeFilters(readFilters(query)), query)
  const wrong = '?direction=up&limit=7&range=ever&from=2026-02-30&number=4567&text=secret&asked=1'
  t.equal(writeFilters(readFilters(wrong)), '', 'what it does not know is left out')
  t.equal(writeFilters(readFilters('?range=today&from=2026-01-01')), '?range=today')
  t.equal(writeFilters(readFilters('?trunk=&.*&from_date=2026-11-21&to_date=now')), '')
  t.equal(writeFilters(readFilters('?trunk=a&trunk=a')), '?trunk=a')
  t.match(readFilters('?from=2026-01-01&to_date=2026-11-21T10:00:00Z').from, undefined)
  t.end()
})

t.test('days are those of the viewer, also where clocks change', (t) => {
  const body = (query: string) => filterBody(readFilters(query), NOTHING, NOW)
  t.same(body('?range=today'), { from_date: '2026-03-29T22:00:00.000Z' })
  t.same(
    body('?range=yesterday'),
    { from_date: '2026-03-28T23:00:00.000Z', to_date: '2026-03-29T21:59:59.999Z' },
    'a day of 23 hours',
  )
  t.same(body('?range=7d'), { from_date: '2026-03-23T23:00:00.000Z' })
  t.same(body('?range=30d'), { from_date: '2026-02-28T23:00:00.000Z' })
  t.same(body('?from=2026-03-29&to=2026-03-29'), {
    from_date: '2026-03-28T23:00:00.000Z',
    to_date: '2026-03-29T21:59:59.999Z',
  })
  t.same(body('?to=2026-12-31&limit=25'), { to_date: '2026-12-31T22:59:59.999Z' })
  t.notOk(isDay('0202-03-01'), 'a year that is still being typed')
  t.end()
})

t.test('another page leads here by moments and trunks', (t) => {
  const moments = 'from_date=2026-11-21T10:00:00.000Z&to_date=2026-11-21T11:00:00.000Z'
  const filters = readFilters(`?trunk=exolve&trunk=other&outcome=failed&${moments}`)
  t.same(filterBody(filters, NOTHING, NOW), {
    outcome: 'failed',
    trunk: ['exolve', 'other'],
    from_date: '2026-11-21T10:00:00.000Z',
    to_date: '2026-11-21T11:00:00.000Z',
  })
  t.same(readTrunks(' exolve, other,'), ['exolve', 'other'])
  t.equal(readTrunks(' , '), undefined)
  t.end()
})

t.test('the body is what the API takes', (t) => {
  const filters = readFilters('?direction=inbound&application_id=a&limit=100')
  const base = { direction: 'inbound', application_id: 'a' }
  t.same(filterBody(filters, decodeAsked('4567'), NOW), { ...base, number: '4567' })
  t.same(filterBody(filters, decodeAsked('"4567"'), NOW), { ...base, text: '4567' })
  t.same(filterBody(filters, decodeAsked('45'), NOW), base)
  t.end()
})
