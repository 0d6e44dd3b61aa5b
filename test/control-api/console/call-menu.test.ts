// The menu of a call as its page lists it, a call by a vendor's telephony on the axis and the ladder, and what the dial
// page sends of what was filled in.
import t from 'tap'
import type { TimelineItem } from '../../../control-api/console/live/call-timeline.ts'
import { timelineEntries } from '../../../control-api/console/components/ladder/timeline-entries.ts'
import {
  axisModel,
  type AxisSource,
} from '../../../control-api/console/pages/call/axis/axis-model.ts'
import {
  hadMenu,
  menuRows,
  menuSeconds,
  type Flow,
} from '../../../control-api/console/pages/call/menu/menu-rows.ts'
import {
  bodyOf,
  emptyForm,
  faultsOf,
  type DialForm,
} from '../../../control-api/console/pages/dial/dial-form.ts'

const CREATED = '2026-11-21T10:00:00.000Z'
const at = (seconds: number): string => new Date(Date.parse(CREATED) + seconds * 1000).toISOString()

type Step = Flow['steps'][number]

const step = (name: Step['step'], asked: number, more: Partial<Step> = {}): Step => ({
  step: name,
  attempt: 1,
  language: 'de',
  prompt_version: '1',
  asked_at: at(asked),
  answered_at: null,
  answer: null,
  digits: null,
  ...more,
})
const flow = (steps: readonly Step[], more: Partial<Flow> = {}): Flow => ({
  call_id: 'call_1',
  language: 'de',
  started_at: at(1),
  finished_at: null,
  steps: [...steps],
  consent: null,
  orders: [],
  ...more,
})

t.test('each step in order, on the axis where it was asked', (t) => {
  const steps = [
    step('consent', 1, { answer: 'silence' }),
    step('consent', 8, { attempt: 2, answer: 'yes', digits: '1' }),
    step('order', 10.5, { answer: 'entry', digits: null }),
    step('help', 20),
  ]
  const rows = menuRows(flow(steps), CREATED, false)
  t.match(rows, [
    { key: 'flow.asked@1000', offsetMs: 1000, answer: 'silence', isForgotten: false },
    { key: 'flow.asked@8000', attempt: 2, answer: 'yes', digits: '1' },
    { key: 'flow.asked@10500', answer: 'entry', isForgotten: true },
    { answer: 'unheard' },
  ])
  t.equal(menuRows(flow(steps), CREATED, true).at(-1)?.answer, 'waiting', 'it goes on')
  t.equal(menuRows(flow([step('end', 30)]), CREATED, true)[0]?.answer, 'nothing')
  t.ok(hadMenu(flow(steps)))
  t.notOk(hadMenu(flow([])))
  t.equal(menuSeconds(flow(steps)), null)
  t.equal(menuSeconds(flow(steps, { finished_at: at(31) })), 30)
  t.end()
})

const item = (offset_ms: number, type: string, more: object = {}): TimelineItem => ({
  at: at(offset_ms / 1000),
  offset_ms,
  type,
  ...more,
})
const BY_TWILIO = [
  item(5, 'provider.invited', { direction: 'outbound' }),
  item(900, 'provider.ringing'),
  item(2000, 'provider.answered'),
  item(2100, 'machine.verdict', { verdict: 'human' }),
  item(2200, 'flow.asked', { step: 'consent', attempt: 1 }),
  item(5000, 'flow.answered', { step: 'consent', attempt: 1, answer: 'silence' }),
  item(9000, 'dtmf', { source: 'stream', digit: '1' }),
  item(9100, 'provider.ended', { status: 'failed', error_code: '13224' }),
  item(9200, 'call.ended', {
    termination: { result: 'success', reason: 'flow-ended', by: 'gateway' },
  }),
]

t.test('a vendor’s call stands where SIP would, and is judged once', (t) => {
  const source: AxisSource = {
    call: {
      direction: 'outbound',
      created_at: CREATED,
      ended_at: at(9.2),
      machine: { verdict: 'human', at: at(2.1) },
      next_attempt_at: null,
      status: 'ended',
    },
    items: BY_TWILIO,
    silences: [],
    speech: [],
    turns: [],
  }
  const { lanes, guard, all } = axisModel(source, {
    event: ({ type }) => type,
    short: ({ type }) => type,
    session: () => '',
    state: (state) => state,
    silence: () => '',
    speaker: () => '',
    machine: () => 'machine',
    retry: () => '',
  })
  t.same(
    lanes.sip.map(({ title, direction }) => `${title} ${direction ?? ''}`),
    [
      'provider.invited up',
      'provider.ringing down',
      'provider.answered down',
      'provider.ended down',
    ],
  )
  t.same(
    lanes.state.map(({ title, fromMs }) => `${title} ${fromMs}`),
    ['queued 0', 'dialing 5', 'ringing 900', 'answered 2000'],
  )
  t.same(guard, { isProvider: true, answeredMs: 2000, openedMs: null })
  t.equal(all.filter(({ title }) => /machine/.test(title)).length, 1, 'as the event alone')
  const toneOf = (type: string) => all.find(({ title }) => title === type)?.tone
  t.equal(toneOf('flow.asked'), 'decision')
  t.equal(toneOf('flow.answered'), 'warn', 'silence is no answer')
  t.equal(toneOf('provider.ended'), 'bad', 'it has an error')
  const key = timelineEntries(BY_TWILIO).find(({ offset_ms: when }) => when === 9000)
  t.same(key?.label, { word: 'key_told', values: { how: 'stream', digit: '1' } })
  t.end()
})

t.test('what does not apply is neither sent nor a fault', (t) => {
  const filled: DialForm = {
    ...emptyForm('+4930231250000'),
    agent_id: 'agent_a',
    trunk: 'berlin',
    from: '030',
    first_message: 'Good morning',
    language: 'german',
    answering_machine: 'gate',
  }
  t.same([...faultsOf(filled)], ['from', 'language'])
  const byTwilio: DialForm = { ...filled, provider: 'twilio', language: 'de' }
  t.same(bodyOf(byTwilio), {
    phone_number: '+4930231250000',
    provider: 'twilio',
    answering_machine: 'gate',
    agent_id: 'agent_a',
    first_message: 'Good morning',
    language: 'de',
  })
  t.same(bodyOf({ ...filled, from: '', answer_with: 'order-ivr' }), {
    phone_number: '+4930231250000',
    answer_with: 'order-ivr',
    trunk: 'berlin',
  })
  t.match(bodyOf({ ...byTwilio, answer_with: 'order-ivr-then-agent' }), {
    answer_with: 'order-ivr-then-agent',
    agent_id: 'agent_a',
  })
  t.end()
})
