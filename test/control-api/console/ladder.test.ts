// The ladder: what its rungs are made of, and how they stand together.
import t from 'tap'
import {
  drawnEntries,
  offsetWords,
} from '../../../control-api/console/components/ladder/ladder-entry.ts'
import { rehearsalEntry } from '../../../control-api/console/components/ladder/rehearsal-entries.ts'
import { sipStatus } from '../../../control-api/console/components/sip-status.ts'
import { timelineEntries } from '../../../control-api/console/components/ladder/timeline-entries.ts'
import type { TimelineItem } from '../../../control-api/console/live/call-timeline.ts'

const item = (offset_ms: number, type: string, fields: object = {}): TimelineItem => ({
  at: '2026-11-21T10:00:00.000Z',
  offset_ms,
  type,
  ...fields,
})
const short = (items: readonly TimelineItem[]): readonly string[] =>
  timelineEntries(items).map(({ lane, direction, label }) => {
    const words = typeof label === 'string' ? label : label.word
    return `${lane === 'carrier-gateway' ? 'SIP' : 'agent'} ${direction} ${words}`
  })

const OUTBOUND = [
  item(5, 'sip.invite', { direction: 'outbound' }),
  item(90, 'sip.provisional', { sip_status: 183, early_media: true }),
  item(900, 'sip.answered'),
  item(901, 'agent.attempted'),
  item(950, 'agent.opened'),
  item(5000, 'dtmf', { source: 'rtp' }),
  item(9000, 'sip.bye', { direction: 'received' }),
  item(9003, 'agent.closed', { reason: 'call-ended', seconds: 8.05 }),
  item(9004, 'call.ended', { termination: { result: 'success', reason: 'hangup', by: 'callee' } }),
]

t.test('an outbound call, told by its turning points', (t) => {
  t.same(short(OUTBOUND), [
    'SIP left INVITE',
    'SIP right 183 Session Progress + SDP',
    'SIP right 200 OK',
    'agent right upgrade',
    'agent left opened',
    'SIP right key',
    'SIP right BYE',
    'agent right closed',
    'agent note ended',
  ])
  t.end()
})

t.test('an inbound call: the same words the other way round', (t) => {
  const items = [
    item(0, 'sip.invite', { direction: 'inbound' }),
    item(3, 'sip.provisional', { sip_status: 180, early_media: false }),
    item(9, 'sip.answered'),
    item(20, 'sip.acknowledged'),
    item(30, 'agent.closed', { reason: 'dropped', seconds: 1 }),
  ]
  t.same(short(items), [
    'SIP right INVITE',
    'SIP left 180 Ringing',
    'SIP left 200 OK',
    'SIP right ACK',
    'agent left closed',
  ])
  t.end()
})

t.test('with the wire the story is not told twice', (t) => {
  const items = [
    item(4, 'sip.message', { direction: 'sent', method: 'INVITE' }),
    item(5, 'sip.invite', { direction: 'outbound' }),
    item(7, 'sip.message', { direction: 'received', method: 'INVITE', sip_status: 100 }),
    item(80, 'sip.message', { direction: 'received', method: 'INVITE', sip_status: 486 }),
    item(81, 'sip.failed', { sip_status: 486 }),
    item(82, 'sip.message', { direction: 'sent', method: 'ACK' }),
    item(90, 'sip.message', { direction: 'received', method: 'BYE', sip_status: 200 }),
  ]
  t.same(short(items), [
    'SIP left INVITE',
    'SIP right 100 Trying',
    'SIP right 486 Busy Here',
    'SIP left ACK',
    'SIP right 200 OK (BYE)',
  ])
  t.equal(timelineEntries(items)[2]?.tone, 'bad')
  t.end()
})

t.test('what nobody sent crosses no wire; what is not of the ladder is not on it', (t) => {
  const items = [
    item(1, 'sip.failed', { sip_status: 503, local: true, detail: 'Connection Refused' }),
    item(2, 'agent.response', { text: 'Hello' }),
    item(3, 'something.new'),
  ]
  t.same(short(items), ['agent note failed_here'])
  t.end()
})

t.test('the agent costs from the upgrade request to the close', (t) => {
  const drawn = drawnEntries(timelineEntries(OUTBOUND.toReversed()))
  t.same(
    drawn.map(({ isPaid }) => isPaid),
    [false, false, false, true, true, true, true, true, false],
    'in order of time, whatever order they came in',
  )
  t.same(
    drawn.map(({ pause }) => pause),
    [0, 0, 1, 0, 0, 2, 2, 0, 0],
  )
  t.equal(new Set(drawn.map(({ key }) => key)).size, drawn.length)
  t.end()
})

t.test('more of it does not draw anew what is there', (t) => {
  const entries = timelineEntries(OUTBOUND)
  const before = drawnEntries(entries.slice(0, 4)).map(({ key }) => key)
  t.same(
    drawnEntries(entries)
      .map(({ key }) => key)
      .slice(0, 4),
    before,
  )
  const twice = drawnEntries([...entries.slice(0, 1), ...entries.slice(0, 1)])
  t.not(twice[0]?.key, twice[1]?.key, 'the same said twice in one moment')
  t.end()
})

t.test('the rehearsal’s labels are known, others are shown as they are', (t) => {
  const label = (text: string, lane: 'carrier-gateway' | 'gateway-agent' = 'gateway-agent') =>
    rehearsalEntry({ offset_ms: 1, lane, direction: 'right', label: text }).label
  t.same(label('upgrade request'), { word: 'upgrade' })
  t.same(label('101, metadata'), { word: 'opened_as', values: { status: '101' } })
  t.same(label('agent prewarmed in 3.4 ms, not opened'), { word: 'prewarmed', values: { ms: 3 } })
  t.same(label('call ended: client_error/busy by callee'), {
    word: 'ended',
    values: { reason: 'busy', by: 'callee' },
  })
  t.same(label('call ended: odd/odd by nobody'), {
    word: 'ended_otherwise',
    values: { reason: 'odd', by: 'nobody' },
  })
  t.same(label('200 OK + SDP (again)'), { word: 'again', values: { what: '200 OK + SDP' } })
  t.equal(label('486 Busy Here', 'carrier-gateway'), '486 Busy Here')
  t.equal(label('something new'), 'something new')
  t.end()
})

t.test('the rehearsal’s rungs say when the agent costs, and what went wrong', (t) => {
  const entry = (label: string, lane: 'carrier-gateway' | 'gateway-agent') =>
    rehearsalEntry({ offset_ms: 1, lane, direction: 'right', label })
  t.equal(entry('upgrade request', 'gateway-agent').agent, 'opens')
  t.equal(entry('close 1000', 'gateway-agent').agent, 'closes')
  t.equal(entry('HTTP 403', 'gateway-agent').agent, 'closes')
  t.equal(entry('HTTP 403', 'gateway-agent').tone, 'bad')
  t.equal(entry('486 Busy Here', 'carrier-gateway').tone, 'bad')
  t.equal(entry('200 OK + SDP', 'carrier-gateway').tone, 'good')
  t.equal(entry('200 OK (BYE)', 'carrier-gateway').tone, 'plain')
  t.equal(entry('CANCEL', 'carrier-gateway').tone, 'warn')
  t.end()
})

t.test('figures and phrases', (t) => {
  t.equal(offsetWords(0, 'en'), '+0')
  t.equal(offsetWords(3.42, 'en'), '+3.4')
  t.equal(offsetWords(3042.4, 'en'), '+3,042')
  t.equal(offsetWords(-2, 'en'), '−2')
  t.equal(sipStatus(486), '486 Busy Here')
  t.equal(sipStatus(499), '499')
  t.end()
})
