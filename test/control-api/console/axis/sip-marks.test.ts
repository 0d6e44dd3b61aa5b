// The ladder: each message once, and said as people in the field say it.
import t from 'tap'
import type { TimelineItem } from '../../../../control-api/console/pages/call/axis/axis-data.ts'
import {
  sipDirection,
  sipLabel,
  sipMarks,
  sipTone,
} from '../../../../control-api/console/pages/call/axis/sip-marks.ts'

const item = (offset: number, type: string, more: object = {}): TimelineItem => ({
  at: new Date(offset).toISOString(),
  offset_ms: offset,
  type,
  ...more,
})
const message = (offset: number, direction: string, method: string, status?: number) =>
  item(offset, 'sip.message', {
    direction,
    protocol: 'udp',
    method,
    ...(status === undefined ? {} : { sip_status: status }),
  })

const labels = (items: readonly TimelineItem[], isOutbound = true): string[] =>
  sipMarks(items, isOutbound).map((mark) => sipLabel(mark))

t.test('what the wire and the story both tell is one mark, at the time of the wire', (t) => {
  const marks = sipMarks(
    [
      message(39, 'sent', 'INVITE'),
      item(59, 'sip.invite', { direction: 'outbound' }),
      message(68, 'received', 'INVITE', 100),
      message(222, 'received', 'INVITE', 180),
      item(246, 'sip.provisional', { sip_status: 180, early_media: false }),
      message(549, 'received', 'INVITE', 200),
      message(561, 'sent', 'ACK'),
      item(562, 'sip.answered', { cseq: 1 }),
      message(900, 'sent', 'BYE'),
      item(901, 'sip.bye', { direction: 'sent' }),
      message(905, 'received', 'BYE', 200),
    ],
    true,
  )
  t.same(
    marks.map((mark) => [mark.offsetMs, sipLabel(mark), sipDirection(mark), mark.items.length]),
    [
      [39, 'INVITE', 'up', 2],
      [68, '100 Trying', 'down', 1],
      [222, '180 Ringing', 'down', 2],
      [549, '200 OK', 'down', 2],
      [561, 'ACK', 'up', 1],
      [900, 'BYE', 'up', 2],
      [905, '200 BYE', 'down', 1],
    ],
  )
  t.end()
})

t.test('a repetition stays a message of its own', (t) => {
  const items = [
    message(0, 'sent', 'INVITE'),
    item(1, 'sip.invite', { direction: 'outbound' }),
    message(500, 'sent', 'INVITE'),
    message(1500, 'sent', 'INVITE'),
  ]
  t.same(labels(items), ['INVITE', 'INVITE', 'INVITE'])
  t.same(
    sipMarks(items, true).map(({ items: { length } }) => length),
    [2, 1, 1],
  )
  t.end()
})

t.test('inbound: our answers go out, and the ACK comes in', (t) => {
  const items = [
    message(0, 'received', 'INVITE'),
    item(2, 'sip.invite', { direction: 'inbound' }),
    message(10, 'sent', 'INVITE', 180),
    item(11, 'sip.provisional', { sip_status: 180, early_media: false }),
    message(20, 'sent', 'INVITE', 200),
    item(21, 'sip.answered'),
    message(30, 'received', 'ACK'),
    item(31, 'sip.acknowledged'),
  ]
  const marks = sipMarks(items, false)
  t.same(
    marks.map((mark) => [sipLabel(mark), sipDirection(mark)]),
    [
      ['INVITE', 'down'],
      ['180 Ringing', 'up'],
      ['200 OK', 'up'],
      ['ACK', 'down'],
    ],
  )
  t.end()
})

t.test('without the wire the story is enough', (t) => {
  const items = [
    item(5, 'sip.invite', { direction: 'outbound' }),
    item(300, 'sip.failed', { sip_status: 486 }),
  ]
  t.same(labels(items), ['INVITE', '486 Busy'])
  t.end()
})

t.test('tones', (t) => {
  const tone = (method: string, status?: number) =>
    sipTone({ told: { method, status, direction: 'sent' }, offsetMs: 0, items: [] })
  t.equal(tone('INVITE'), 'plain')
  t.equal(tone('CANCEL'), 'warn')
  t.equal(tone('INVITE', 180), 'plain')
  t.equal(tone('INVITE', 200), 'good')
  t.equal(tone('BYE', 200), 'plain')
  t.equal(tone('INVITE', 407), 'warn', 'asked for credentials')
  t.equal(tone('INVITE', 503), 'bad')
  t.end()
})
