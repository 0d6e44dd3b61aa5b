// What the pages live, dial and rehearsal reckon with, apart from how they draw it.
import t from 'tap'
import {
  checkNumber,
  type NumberFault,
} from '../../../control-api/console/components/phone-number/phone-number.ts'
import { clock, spokenLines } from '../../../control-api/console/components/spoken/spoken-lines.ts'
import type { TimelineItem } from '../../../control-api/console/live/call-timeline.ts'
import type { LiveMessage } from '../../../control-api/console/live/live-feed.ts'
import {
  bodyOf,
  emptyForm,
  faultsOf,
  isAllowed,
  refusalsOf,
} from '../../../control-api/console/pages/dial/dial-form.ts'
import {
  costSoFar,
  isLeaving,
  isStaying,
  liveCallsOf,
  STAYS_MS,
  withNews,
  withTimeline,
  type Call,
} from '../../../control-api/console/pages/live/live-calls.ts'
import {
  ladderOf,
  mostInteresting,
  stateOf,
  watchedRun,
  withNews as withRehearsalNews,
  type WatchedRun,
} from '../../../control-api/console/pages/rehearsal/watched-run.ts'

t.test('a number as it is typed', (t) => {
  const fault = (text: string): NumberFault | null => checkNumber(text).fault
  t.equal(fault(''), 'empty')
  t.equal(fault('030 123456'), 'plus')
  t.equal(fault('0049 30 123456'), 'plus')
  t.equal(fault('call me'), 'characters')
  t.equal(fault('+49 30 12x'), 'characters')
  t.equal(fault('+4'), 'too_short')
  t.equal(fault('+49 30'), 'too_short')
  t.equal(fault('+999 1234567'), 'country')
  t.equal(fault('+49 1234567890123456'), 'too_long')
  t.same(checkNumber(' +49 (30) 123-4567 '), {
    fault: null,
    e164: '+49301234567',
    region: 'DE',
    grouped: '+49 301 234 567',
  })
  t.match(checkNumber('+77012345678'), { region: 'KZ', grouped: '+7 701 234 5678' })
  t.match(checkNumber('+74951234567'), { region: 'RU' })
  t.match(checkNumber('+12025550123'), { region: 'US' })
  t.end()
})

const item = (offset_ms: number, type: string, fields: object = {}): TimelineItem => ({
  at: '2026-11-21T10:00:00.000Z',
  offset_ms,
  type,
  ...fields,
})

t.test('words as they are spoken: corrected in place, keys among them', (t) => {
  const lines = spokenLines([
    item(0, 'agent.attempted'),
    item(10, 'agent.response', { event_id: 1, text: 'Hello, how can I help?' }),
    item(20, 'agent.response_corrected', { event_id: 1, text: 'Hello, how' }),
    item(21, 'agent.interrupted', { event_id: 1 }),
    item(30, 'agent.user_transcript', { event_id: 2, text: 'One mo' }),
    item(35, 'agent.user_transcript', { event_id: 2, text: 'One moment' }),
    item(40, 'dtmf', { source: 'rtp' }),
    item(41, 'dtmf', { source: 'rtp' }),
    item(50, 'agent.attempted'),
    item(60, 'agent.response', { event_id: 1, text: 'Back again' }),
    item(70, 'prompt.started', { prompt_id: 'sorry' }),
    item(80, 'agent.response', { event_id: 9, text: '  ' }),
  ])
  t.same(
    lines.map(({ who, kind, text, isInterrupted }) => [who, kind, text, isInterrupted]),
    [
      ['agent', 'words', 'Hello, how', true],
      ['caller', 'words', 'One moment', false],
      ['caller', 'key', '', false],
      ['caller', 'key', '', false],
      ['agent', 'words', 'Back again', false],
      ['gateway', 'message', '', false],
    ],
  )
  t.equal(clock(67_900), '1:07')
  t.equal(clock(3_725_000), '1:02:05')
  t.end()
})

const call = (id: string, status: string, more: object = {}): Call =>
  ({
    call_id: id,
    status,
    created_at: `2026-11-21T10:00:0${id.length}.000Z`,
    agent: { opened_at: null, closed_at: null, sessions: 0 },
    ...more,
  }) as unknown as Call
const told = (type: string, id: string | null, data: object = {}): LiveMessage => ({
  id: '1',
  type,
  at: '2026-11-21T10:00:30.000Z',
  call_id: id,
  data: { ...data },
})

t.test('calls come, go on and go', (t) => {
  const ids = (calls: ReturnType<typeof liveCallsOf>) =>
    calls.map(({ call: { call_id: id } }) => id)
  const begun = liveCallsOf([call('a', 'ringing'), call('a', 'answered'), call('bb', 'ended')])
  t.same(ids(begun), ['a'], 'one that went on while the list was read is there once')
  t.equal(begun[0]?.call.status, 'answered')
  const two = withNews(begun, told('call.created', 'ccc', { call: call('ccc', 'queued') }))
  t.same(ids(two), ['ccc', 'a'], 'the newest first')
  t.equal(withNews(two, told('trunk.changed', null)), two, 'other news changes nothing')
  t.equal(withNews(two, told('call.ended', 'zz', { call: call('zz', 'ended') })), two)
  const left = withNews(two, told('call.ended', 'a', { call: call('a', 'ended') }), 1000)
  t.equal(left.find(({ call: one }) => one.call_id === 'a')?.leftAt, 1000, 'it stays a moment')
  const one = { call: call('a', 'ended'), leftAt: 1000 }
  const when = (now: number) => [isStaying(one, now), isLeaving(one, now)]
  t.same(
    [when(999 + STAYS_MS), when(1000 + STAYS_MS)],
    [
      [true, true],
      [false, false],
    ],
  )
  t.notOk(isLeaving({ ...one, leftAt: null }, 1000), 'one that goes on is not drawn again')
  const news = told('call.ringing', 'ccc', { call: call('ccc', 'ringing') })
  t.same(ids(withNews(left, news, 1000 + STAYS_MS)), ['ccc'], 'and is gone then')
  t.end()
})

t.test('the agent of a call is told apart from the call', (t) => {
  const calls = withNews(liveCallsOf([call('a', 'answered')]), told('agent.opened', 'a'))
  const one = calls[0]?.call as Call
  t.equal(one.agent.opened_at, '2026-11-21T10:00:30.000Z')
  const now = Date.parse('2026-11-21T10:01:30.000Z')
  t.equal(costSoFar(one, 0.08, now), 8, 'cents: a minute')
  t.equal(costSoFar(call('b', 'ringing'), 0.08, now), 0)
  const closed = withNews(calls, told('agent.closed', 'a', { reason: 'dropped' }))
  t.equal(costSoFar(closed[0]?.call as Call, 0.08, now), 0)
  t.end()
})

t.test('an agent that was dropped and opened again is open', (t) => {
  const at = (second: number): string => `2026-11-21T10:00:${second}.000Z`
  const event = (second: number, type: string) => item(second, type, { at: at(second) })
  const agentAfter = (closed_at: string | null, ...items: TimelineItem[]) => {
    const agent = { opened_at: at(10), closed_at, sessions: 1 }
    const { agent: shown } = withTimeline(call('a', 'answered', { agent }), items)
    return [shown.opened_at, shown.closed_at]
  }
  const dropped = [event(10, 'agent.opened'), event(20, 'agent.closed')]
  const again = [...dropped, event(21, 'agent.opened')]
  t.same(agentAfter(null), [at(10), null])
  t.same(agentAfter(null, ...dropped), [at(10), at(20)])
  t.same(agentAfter(null, ...again), [at(21), null])
  t.same(agentAfter(at(20), ...again), [at(21), null], 'the record is older')
  t.same(agentAfter(at(30), ...again), [at(21), at(30)], 'the record is newer')
  t.same(agentAfter(at(30), ...again, event(29, 'agent.closed')), [at(21), at(29)])
  t.end()
})

t.test('the form becomes the request: what is empty is left out', (t) => {
  const form = emptyForm('+49 30 1234567')
  t.same(bodyOf(form), { phone_number: '+49301234567' })
  t.equal(bodyOf(emptyForm('030 1234567')), null)
  const row = (id: number, name: string, value: string) => ({ id, name, value })
  t.same(
    bodyOf({
      ...form,
      trunk: 'berlin',
      from: '+49 30 555 100',
      variables: [row(1, ' name ', 'Ada'), row(2, '', '')],
      ring_timeout_seconds: 20,
      retries: true,
      retry_after_minutes: 2,
      metadata: [row(1, 'order', '7')],
    }),
    {
      phone_number: '+49301234567',
      trunk: 'berlin',
      from: '+4930555100',
      dynamic_variables: { name: 'Ada' },
      ring_timeout_seconds: 20,
      retry: { attempts: 2, after_seconds: 120, on: ['no-answer', 'busy'] },
      metadata: { order: '7' },
    },
  )
  const wrong = {
    ...form,
    language: 'german',
    from: 'me',
    variables: [row(1, '', 'x'), row(2, 'secret__a', ''), row(3, 'secret__a', '')],
    retries: true,
    retry_on: [],
  }
  t.same([...faultsOf(wrong)].toSorted(), [
    'from',
    'language',
    'retry_on',
    'retry_secret',
    'variable_twice',
    'variable_unnamed',
  ])
  t.end()
})

t.test('a refusal stands beside its field', (t) => {
  const problem = (code: string, ...fields: string[]) => ({
    code,
    message: 'no',
    fields: fields.map((field) => ({ field, message: `${field} is wrong` })),
  })
  t.same(refusalsOf(problem('REQUEST_INVALID', 'retry.on.0', 'language')), {
    retry: 'retry.on.0 is wrong',
    language: 'language is wrong',
  })
  t.same(refusalsOf(problem('NUMBER_NOT_ALLOWED')), { phone_number: 'no' })
  t.same(refusalsOf(problem('CAPACITY')), {})
  t.ok(isAllowed('+4930', ['+49']))
  t.notOk(isAllowed('+4930', []))
  t.end()
})

const RUN = {
  run_id: 'run_1',
  scenario: 'all',
  state: 'running',
  started_at: '2026-11-21T10:00:00.000Z',
  ended_at: null,
  error: null,
  scenarios: [],
  steps: [],
} as const
const rung = (offset_ms: number, label: string) =>
  ({ offset_ms, lane: 'carrier-gateway', direction: 'left', label }) as const

t.test('a run of the rehearsal grows as it is told', (t) => {
  const news = (run: WatchedRun, type: string, data: object): WatchedRun =>
    withRehearsalNews(run, told(type, null, { run_id: 'run_1', ...data }))
  const empty = watchedRun({ ...RUN, scenarios: [], steps: [] })
  t.equal(news(empty, 'rehearsal.step', { run_id: 'run_2' }), empty, 'another run')
  const step = { scenario: 'busy', entry: rung(0, 'INVITE') }
  let run = news(empty, 'rehearsal.scenario', { scenario: 'busy' })
  t.equal(stateOf(run, 'busy'), 'playing')
  t.equal(stateOf(run, 'nat'), 'waiting')
  run = news(run, 'rehearsal.step', step)
  t.equal(news(run, 'rehearsal.step', step), run, 'what was read and told is there once')
  t.same(
    ladderOf(run, 'busy').map(({ label }) => label),
    ['INVITE'],
  )
  t.equal(mostInteresting(run), 'busy')
  const again = news(run, 'rehearsal.scenario', { scenario: 'busy' })
  t.same(ladderOf(again, 'busy'), [], 'played once more: its steps anew')
  const result = { name: 'busy', passed: false, ladder: [rung(0, 'INVITE'), rung(9, '486')] }
  run = news(run, 'rehearsal.result', { result })
  t.equal(stateOf(run, 'busy'), 'failed')
  t.equal(ladderOf(run, 'busy').length, 2)
  t.same(run.steps, [])
  t.equal(news(run, 'rehearsal.step', step), run, 'a late step is of no use')
  run = news(run, 'rehearsal.finished', { state: 'failed' })
  t.match(run, { state: 'failed', ended_at: '2026-11-21T10:00:30.000Z' })
  t.equal(stateOf(run, 'nat'), 'not_played')
  t.equal(mostInteresting(run), 'busy')
  t.end()
})
