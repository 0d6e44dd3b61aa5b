// Orders in the console: which are asked for, a change while others change the same, what the history says, weeks.
import t from 'tap'
import {
  isNarrowed,
  orderQuery,
  readFilters,
  writeFilters,
  writtenNumber,
} from '../../../control-api/console/pages/orders/order-search.ts'
import {
  bodyOf,
  current,
  draftOf,
  isChange,
  newerValues,
  onto,
  type Base,
} from '../../../control-api/console/pages/order/order-draft.ts'
import {
  namedBy,
  statusBefore,
  type HistoryLine,
  type OneOrder,
} from '../../../control-api/console/pages/order/order-history.ts'
import { stretchesOf } from '../../../control-api/console/pages/statistics/orders/stretches.ts'

const BASE: Base = {
  status: 'confirmed',
  notes: null,
  updated_at: '2026-11-21T10:00:00.000Z',
}
const LATER = '2026-11-21T10:05:00.000Z'

t.test('an address is read and written, without what is nonsense', async (t) => {
  for (const query of ['', '?status=problem', '?status=completed&from=2026-11-01&to=2026-11-30'])
    t.equal(writeFilters(readFilters(query)), query)
  t.same(readFilters('?status=lost&from=yesterday&to=2026-13-01'), {})
})

t.test('the number is asked for as callers enter it, and is in no address', async (t) => {
  t.equal(writtenNumber(' 47 11-5 '), '47115')
  t.equal(writtenNumber('#4711'), '4711')
  t.equal(writtenNumber('A-4711'), 'A-4711', 'with letters, as it was imported')
  t.match(orderQuery({ status: 'problem' }, '4711', 'next'), {
    status: 'problem',
    order_number: '4711',
    cursor: 'next',
  })
  const { from_date: from, to_date: to } = orderQuery(
    { from: '2026-11-20', to: '2026-11-20' },
    '',
    undefined,
  )
  t.equal(Date.parse(to ?? '') - Date.parse(from ?? ''), 86_400_000 - 1, 'the whole day')
  t.notOk(isNarrowed({}, '  '))
  t.ok(isNarrowed({}, '7'))
})

t.test('a change says what was changed, on top of what was seen', async (t) => {
  const draft = draftOf(BASE)
  t.notOk(isChange(draft))
  t.notOk(isChange({ ...draft, notes: '  ' }), 'blank notes are none')
  const changed = { ...draft, status: 'problem' as const }
  t.ok(isChange(changed))
  t.same(bodyOf(changed), { status: 'problem', updated_at: BASE.updated_at })
  t.match(bodyOf({ ...draft, notes: ' called ' }), { status: 'confirmed', notes: 'called' })
  t.match(bodyOf({ ...draftOf({ ...BASE, notes: 'old' }), notes: '' }), { notes: null })
})

t.test('what others change meanwhile is shown, and kept where one did not touch it', async (t) => {
  const mine = { ...draftOf(BASE), notes: 'Mine' }
  t.equal(newerValues(mine, BASE), undefined)
  const earlier = { ...BASE, status: 'problem' as const, updated_at: '2026-11-21T09:00:00.000Z' }
  t.equal(newerValues(mine, earlier), undefined, 'an answer that was on its way')
  t.equal(newerValues(mine, { ...BASE, updated_at: LATER }), undefined, 'changed and changed back')
  t.equal(current(mine, earlier), mine)
  t.equal(current(mine, { ...BASE, updated_at: LATER }).base.updated_at, LATER)
  const theirs: Base = { status: 'completed', notes: 'Theirs', updated_at: LATER }
  t.same(newerValues(mine, theirs), { status: 'completed', notes: 'Theirs' })
  t.same(onto(mine, theirs), { status: 'completed', notes: 'Mine', base: theirs })
  t.same(bodyOf(onto(mine, theirs)), { status: 'completed', notes: 'Mine', updated_at: LATER })
})

const line = (kind: HistoryLine['kind'], more: Partial<HistoryLine> = {}): HistoryLine => {
  return { at: LATER, who: 'caller', kind, from: null, to: null, call_id: null, ...more }
}
const orderWith = (status: OneOrder['status'], history: HistoryLine[]): OneOrder => {
  const ids = { order_id: 'order_1', order_number: '4711', call_id: null, call_ids: [] }
  return { ...BASE, ...ids, created_at: BASE.updated_at, status, history }
}

t.test('the last change of status can be taken back, while it still holds', async (t) => {
  const changed = line('status', { from: 'confirmed', to: 'completed' })
  t.equal(statusBefore(orderWith('completed', [line('confirmed'), changed])), 'confirmed')
  t.equal(statusBefore(orderWith('problem', [changed])), undefined, 'it is another by now')
  t.equal(statusBefore(orderWith('confirmed', [line('confirmed')])), undefined)
  const unheard = line('status', { from: 'lost', to: 'completed' })
  t.equal(statusBefore(orderWith('completed', [unheard])), undefined, 'nobody knows that one')
})

t.test('the calls that named it, the newest first and each once', async (t) => {
  const at = BASE.updated_at
  const history = [
    line('confirmed', { call_id: 'call_1', at }),
    line('notes'),
    line('confirmed', { call_id: 'call_2' }),
    line('confirmed', { call_id: 'call_1' }),
  ]
  t.same(namedBy({ history }), [
    { callId: 'call_2', at: LATER },
    { callId: 'call_1', at },
  ])
})

t.test('days are drawn as they are, or in weeks from Monday', async (t) => {
  const day = (key: string, confirmed: number) => {
    return { key, starts_at: '', ends_at: '', confirmed, given: 1, refused: 0, withdrawn: 0 }
  }
  // The 22nd is a Sunday.
  const days = [day('2026-11-21', 1), day('2026-11-22', 2), day('2026-11-23', 4)]
  t.equal(stretchesOf(days, 'day').length, 3)
  t.same(stretchesOf(days, 'week'), [
    { first: '2026-11-21', last: '2026-11-22', confirmed: 3, given: 2, refused: 0 },
    { first: '2026-11-23', last: '2026-11-23', confirmed: 4, given: 1, refused: 0 },
  ])
})
