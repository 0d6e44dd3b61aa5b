// The auditor on ledgers of Twilio, forged ones among them.
import t from 'tap'
import { auditLedger } from '../../../control-api/calls/audit-ledger.ts'
import { epochMs, newCallId, type CallEvent } from '../../../core/contracts/index.ts'

const callId = newCallId()
type Fact = CallEvent extends infer E
  ? E extends CallEvent
    ? Omit<E, 'callId' | 'at'>
    : never
  : never
const at = (offset: number, fact: Fact): CallEvent => ({
  ...fact,
  callId,
  at: epochMs(1_000_000 + offset),
})

const evidence = { dialog: 'MZ1', cseq: 1, answeredAt: epochMs(1_000_020) }
const answered = at(10, { type: 'provider.answered', data: {} })
const started = at(20, { type: 'provider.stream_started', data: { dialog: 'MZ1', cseq: 1 } })
const attempted = at(30, { type: 'agent.attempted', data: { evidence, attempt: 1 } })
const opened = at(60, {
  type: 'agent.opened',
  data: { evidence, upgradeSentAt: epochMs(1_000_030) },
})
const closed = at(500, {
  type: 'agent.closed',
  data: { reason: 'call-ended', closeCode: 1000, detail: '', seconds: 1 },
})
const stopped = at(490, { type: 'provider.stream_stopped', data: { detail: '' } })
const ended = at(600, {
  type: 'provider.ended',
  data: { status: 'completed', sipStatus: null, errorCode: null },
})
const kinds = (...events: CallEvent[]): string[] => auditLedger(events).map(({ kind }) => kind)
const moved = (event: CallEvent, to: number): CallEvent => ({
  ...event,
  at: epochMs(1_000_000 + to),
})

t.same(kinds(answered, started, attempted, opened, stopped, closed, ended), [])
t.same(kinds(answered, ended), [], 'a menu without an agent')
t.same(kinds(started, attempted, opened, stopped, closed, ended), [
  'stream-without-answer',
  'opened-without-answer',
])
t.same(kinds(started, answered, ended), ['stream-without-answer'], 'the stream came first')
t.same(kinds(answered, attempted, opened, closed, ended), ['opened-without-answer'], 'no stream')
t.same(kinds(answered, moved(attempted, 15), started, opened, closed, ended), [
  'opened-before-answer',
])
const foreign = { ...evidence, dialog: 'MZ2' }
t.same(
  kinds(
    answered,
    started,
    at(30, { type: 'agent.attempted', data: { evidence: foreign, attempt: 1 } }),
    closed,
    ended,
  ),
  ['wrong-dialog'],
)
t.same(
  kinds(
    answered,
    started,
    attempted,
    opened,
    closed,
    moved(attempted, 510),
    moved(closed, 520),
    ended,
  ),
  ['second-session'],
)
t.same(
  kinds(answered, started, moved(stopped, 100), moved(attempted, 300), moved(closed, 400), ended),
  ['opened-after-end'],
)
t.same(kinds(answered, started, attempted, opened, stopped, moved(closed, 2000), ended), [
  'closed-late',
])
t.same(kinds(answered, started, attempted, opened, stopped, ended), ['not-closed'])
