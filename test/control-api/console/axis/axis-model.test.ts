// What the axis shows of a call: states, agent sessions, the guard's evidence, turns where they were heard.
import t from 'tap'
import type { TimelineItem } from '../../../../control-api/console/pages/call/axis/axis-data.ts'
import type { AxisWords } from '../../../../control-api/console/pages/call/axis/axis-language.ts'
import {
  axisModel,
  type AxisSource,
} from '../../../../control-api/console/pages/call/axis/axis-model.ts'
import type { Turn } from '../../../../control-api/console/pages/call/axis/axis-data.ts'
import { callStates } from '../../../../control-api/console/pages/call/axis/call-states.ts'
import { placeTurns } from '../../../../control-api/console/pages/call/axis/turn-places.ts'
import { readFields } from '../../../../control-api/console/pages/call/axis/read-fields.ts'

const CREATED = '2026-05-01T10:00:00.000Z'
const WORDS: AxisWords = {
  event: ({ type }) => type,
  short: ({ type }) => type,
  session: () => 'session',
  state: (state) => state,
  silence: ({ reason }) => reason,
  speaker: ({ role }) => role,
  machine: (verdict) => verdict,
  retry: () => 'retry',
}

const at = (offset: number): string => new Date(Date.parse(CREATED) + offset).toISOString()
const item = (offset: number, type: string, more: object = {}): TimelineItem => ({
  at: at(offset),
  offset_ms: offset,
  type,
  ...more,
})

const source = (items: readonly TimelineItem[], more: Partial<AxisSource> = {}): AxisSource => ({
  call: {
    direction: 'outbound',
    created_at: CREATED,
    ended_at: null,
    machine: null,
    next_attempt_at: null,
    status: 'answered',
  },
  items,
  silences: [],
  speech: [],
  turns: [],
  ...more,
})

const ANSWERED = [
  item(5, 'sip.invite', { direction: 'outbound' }),
  item(20, 'sip.provisional', { sip_status: 100, early_media: false }),
  item(300, 'sip.provisional', { sip_status: 180, early_media: false }),
  item(900, 'sip.answered'),
  item(910, 'agent.attempted', { attempt: 1 }),
  item(960, 'agent.opened'),
  item(1400, 'agent.first_audio'),
]
const ENDED = [
  ...ANSWERED,
  item(9000, 'sip.bye', { direction: 'received' }),
  item(9004, 'agent.closed', { reason: 'call-ended', seconds: 8.094 }),
  item(9005, 'call.ended', { termination: { result: 'success', reason: 'hangup' } }),
]

t.test('states follow each other without gaps', (t) => {
  t.same(callStates(ENDED), [
    { state: 'queued', fromMs: 0, toMs: 5 },
    { state: 'dialing', fromMs: 5, toMs: 300 },
    { state: 'ringing', fromMs: 300, toMs: 900 },
    { state: 'answered', fromMs: 900, toMs: 9005 },
  ])
  t.same(callStates(ANSWERED).at(-1), {
    state: 'answered',
    fromMs: 900,
    toMs: Number.POSITIVE_INFINITY,
  })
  const early = [
    item(0, 'sip.invite'),
    item(200, 'sip.provisional', { sip_status: 183, early_media: true }),
    item(400, 'sip.provisional', { sip_status: 180, early_media: false }),
    item(2000, 'sip.failed', { sip_status: 480 }),
    item(2005, 'call.ended'),
  ]
  t.same(
    callStates(early).map(({ state }) => state),
    ['dialing', 'early_media'],
  )
  t.end()
})

t.test('the agent lies behind the answer, and its session says what it costs', (t) => {
  const { guard, sessions, lanes } = axisModel(source(ENDED), WORDS)
  t.same(guard, { isProvider: false, answeredMs: 900, openedMs: 960 })
  t.match(sessions, [{ attemptedMs: 910, openedMs: 960, closedMs: 9004, seconds: 8.094 }])
  t.match(lanes.session, [{ key: 'session@910', fromMs: 910, toMs: 9004 }])
  t.equal(lanes.link.length, 3)
  t.match(
    lanes.link.map(({ direction }) => direction),
    ['down', 'up', 'down'],
  )
  t.end()
})

t.test('an attempt that failed is a session of its own', (t) => {
  const { sessions } = axisModel(
    source([
      item(0, 'sip.answered'),
      item(10, 'agent.attempted', { attempt: 1 }),
      item(50, 'agent.attempt_failed', { attempt: 1, seconds: 0.04 }),
      item(60, 'agent.attempted', { attempt: 2 }),
      item(90, 'agent.opened'),
    ]),
    WORDS,
  )
  t.match(sessions, [
    { attemptedMs: 10, openedMs: null, closedMs: 50 },
    { attemptedMs: 60, openedMs: 90, closedMs: Number.POSITIVE_INFINITY },
  ])
  t.end()
})

t.test('an unanswered call has no evidence and no session', (t) => {
  const items = [
    item(0, 'sip.invite'),
    item(400, 'sip.failed', { sip_status: 486 }),
    item(405, 'call.ended', { termination: { result: 'client_error', reason: 'busy' } }),
  ]
  const { guard, sessions, lanes } = axisModel(source(items), WORDS)
  t.equal(guard, null)
  t.same(sessions, [])
  t.match(lanes.sip.at(-1), { label: '486 Busy', tone: 'bad' })
  t.match(lanes.call.at(-1), { label: 'call.ended', tone: 'bad' })
  t.end()
})

t.test('all is in order, each key is one, and stays when more comes', (t) => {
  const again = [...ANSWERED, item(1500, 'dtmf'), item(1500, 'dtmf'), item(1500, 'dtmf')]
  const before = axisModel(source(again), WORDS)
  const after = axisModel(source([...again, ...ENDED.slice(ANSWERED.length)]), WORDS)
  t.equal(before.byKey.size, before.all.length)
  t.ok(before.all.every(({ key }) => after.byKey.has(key)))
  const offsets = after.all.map(({ fromMs }) => fromMs)
  t.same(
    offsets,
    offsets.toSorted((one, other) => one - other),
  )
  t.end()
})

t.test('what was recorded long after the end does not stretch the axis', (t) => {
  const call = { ...source([]).call, status: 'ended' as const, ended_at: at(9005) }
  const items = [...ENDED, item(86_400_000, 'call.reviewed', { status: 'processed' })]
  const { toMs } = axisModel(source(items, { call }), WORDS)
  t.ok(toMs < 15_000, { toMs })
  t.end()
})

t.test('decisions of the record stand among the events', (t) => {
  const call = {
    ...source([]).call,
    status: 'ended' as const,
    ended_at: at(9005),
    machine: { verdict: 'human', at: at(2000) },
    next_attempt_at: at(99_000),
  }
  const { lanes } = axisModel(source(ENDED, { call }), WORDS)
  t.match(
    lanes.call.filter(({ tone }) => tone === 'decision'),
    [
      { label: 'human', fromMs: 2000 },
      { label: 'retry', fromMs: 9005 },
    ],
  )
  t.end()
})

const turn = (role: Turn['role'], offset: number, more: Partial<Turn> = {}): Turn => ({
  role,
  at: at(offset),
  offset_ms: offset,
  ended_at: null,
  text: 'twelve words',
  tentative: false,
  interrupted: false,
  heard: role === 'caller' ? null : 'whole',
  heard_text: null,
  heard_text_by: null,
  heard_ms: null,
  spoken_ms: null,
  prompt_id: null,
  ...more,
})

t.test('turns lie where they were heard', (t) => {
  const speech = [
    { who: 'caller', from_ms: 4000, to_ms: 4800 },
    { who: 'caller', from_ms: 5000, to_ms: 6100 },
    { who: 'caller', from_ms: 12_000, to_ms: 13_000 },
  ] as const
  const turns = [
    turn('agent', 1000, { ended_at: at(3500) }),
    turn('caller', 6400),
    turn('agent', 7000, { heard_ms: 1500 }),
    turn('caller', 13_200),
    turn('caller', 40_000),
  ]
  t.same(
    placeTurns(turns, speech).map(({ fromMs, toMs }) => [fromMs, toMs]),
    [
      [1000, 3500],
      [4000, 6100],
      [7000, 8500],
      [12_000, 13_000],
      [40_000 - 12 * 65, 40_000],
    ],
  )
  t.ok(placeTurns(turns, []).every(({ fromMs, toMs }) => toMs >= fromMs))
  t.end()
})

t.test('a transcript that is a mess still lies in order', (t) => {
  const turns = [turn('caller', 100), turn('caller', 100), turn('caller', 90, { text: null })]
  for (const { fromMs, toMs } of placeTurns(turns, [{ who: 'caller', from_ms: 200, to_ms: 300 }]))
    t.ok(toMs >= fromMs)
  t.end()
})

t.test('fields are flat and readable', (t) => {
  const amounts = {
    duration: (seconds: number) => `${seconds} s`,
    moment: (moment: string) => moment,
    number: String,
    bytes: (value: number) => `${value} B`,
  }
  const words = { yes: 'yes', no: 'no', none: 'none', amounts }
  const fields = readFields(
    {
      type: 'x',
      at: at(0),
      offset_ms: 1,
      evidence: { cseq: 1 },
      is_error: false,
      note: null,
      to_ms: 61_000,
      silent_ms: 5000,
      sip_status: 486,
    },
    words,
  )
  t.same(fields, [
    { name: 'evidence_cseq', value: '1' },
    { name: 'is_error', value: 'no' },
    { name: 'note', value: 'none' },
    { name: 'to_ms', value: '1:01.000' },
    { name: 'silent_ms', value: '5 s' },
    { name: 'sip_status', value: '486 Busy' },
  ])
  t.end()
})
