import t from 'tap'
import {
  auditLedger,
  BEFORE_ANSWER,
  VIOLATION_KINDS,
  type ViolationKind,
} from '../../control-api/calls/audit-ledger.ts'
import {
  epochMs,
  newCallId,
  type CallEvent,
  type CallEventData,
  type CallEventType,
} from '../../core/contracts/index.ts'
import { aDialog } from '../support/a-dialog.ts'
import { buildApp, eventually, sample } from '../support/build-app.ts'

const BASE = Date.parse('2026-01-01T00:00:00Z')
const at = (offsetMs: number) => epochMs(BASE + offsetMs)
const callId = newCallId()

const fact = <T extends CallEventType>(
  offsetMs: number,
  type: T,
  data: CallEventData[T],
): CallEvent => ({ callId, at: at(offsetMs), type, data }) as CallEvent

const answered = (offsetMs = 1000, dialog = 'd', cseq = 1) =>
  fact(offsetMs, 'sip.answered', { dialog, cseq, ...aDialog() })
const evidence = (dialog = 'd', cseq = 1) => ({ dialog, cseq, answeredAt: at(1000) })
const attempted = (offsetMs = 1001, proof = evidence(), attempt = 1) =>
  fact(offsetMs, 'agent.attempted', { evidence: proof, attempt })
const again = (offsetMs = 1500, proof = evidence(), attempt = 2) =>
  attempted(offsetMs, proof, attempt)
const failed = (offsetMs = 1200, attempt = 1) =>
  fact(offsetMs, 'agent.attempt_failed', { attempt, closeCode: 1011, detail: '', seconds: 0.2 })
const opened = (offsetMs = 1050, proof = evidence(), sentOffsetMs = offsetMs - 48) =>
  fact(offsetMs, 'agent.opened', { evidence: proof, upgradeSentAt: at(sentOffsetMs) })
const closed = (offsetMs = 5001) =>
  fact(offsetMs, 'agent.closed', { reason: 'call-ended', closeCode: 1000, detail: '', seconds: 4 })
const bye = (offsetMs = 5000) => fact(offsetMs, 'sip.bye', { direction: 'received' })
const cancel = (offsetMs: number) => fact(offsetMs, 'sip.cancel', { direction: 'sent' })
const termination = { result: 'success', reason: 'hangup', by: 'caller', sipStatus: null } as const
const ended = (offsetMs = 5010) => fact(offsetMs, 'call.ended', { termination })

const INNOCENT: readonly (readonly [string, readonly CallEvent[]])[] = [
  ['nothing at all', []],
  ['a call never answered', [fact(0, 'sip.failed', { sipStatus: 486 }), ended()]],
  ['a call without an agent', [answered(), bye(), ended()]],
  ['the true path', [answered(), attempted(), opened(), bye(), closed(), ended()]],
  [
    'the agent said goodbye first',
    [answered(), attempted(), opened(), closed(4000), bye(), ended()],
  ],
  [
    'it closed just within a second',
    [answered(), attempted(), opened(), bye(), ended(), closed(6000)],
  ],
  [
    'the BYE crossed the order to open, and the socket was closed at once',
    [answered(), bye(1000), attempted(1100), opened(1150, evidence(), 1100), closed(1160), ended()],
  ],
  [
    'a CANCEL after the 200 OK has no effect',
    [answered(), cancel(1001), attempted(1500), opened(1550), bye(), closed(), ended()],
  ],
  ['refused by the vendor', [answered(), attempted(), closed(2000), bye(), ended()]],
  ['a talk that is still on', [answered(), attempted(), opened()]],
  [
    'a second attempt after the first was told as failed',
    [answered(), attempted(), failed(), again(), opened(1600), bye(), closed(), ended()],
  ],
  [
    'the first had been opened',
    [answered(), attempted(), opened(), failed(), again(), opened(1600), bye(), closed(), ended()],
  ],
  [
    'both attempts failed',
    [answered(), attempted(), failed(), again(), closed(1700), bye(), ended()],
  ],
  [
    'the second attempt never came, for the call was over',
    [answered(), attempted(), failed(4990), bye(), closed(), ended()],
  ],
  [
    'the second attempt began in the millisecond in which the first was told as failed',
    [answered(), attempted(), failed(1500), again(1500), opened(1600), bye(), closed(), ended()],
  ],
]

const FORGED: readonly (readonly [string, ViolationKind, readonly CallEvent[]])[] = [
  ['no answer at all', 'opened-without-answer', [attempted(), opened(), bye(), closed(), ended()]],
  ['an attempt is enough', 'opened-without-answer', [attempted(), closed(), ended()]],
  ['opened with no attempt', 'opened-without-answer', [opened(), closed(), ended()]],
  [
    'requested before the 200',
    'opened-before-answer',
    [attempted(900), answered(), opened(), bye(), closed(), ended()],
  ],
  [
    'the request left before the 200',
    'opened-before-answer',
    [answered(), opened(1050, evidence(), 999), bye(), closed(), ended()],
  ],
  [
    'earlier in the ledger',
    'opened-before-answer',
    [attempted(1001), answered(1000), opened(), bye(), closed(), ended()],
  ],
  [
    'another dialog',
    'wrong-dialog',
    [
      answered(),
      attempted(1001, evidence('other')),
      opened(1050, evidence('other')),
      bye(),
      closed(),
      ended(),
    ],
  ],
  [
    'a re-INVITE',
    'wrong-cseq',
    [
      answered(),
      attempted(1001, evidence('d', 2)),
      opened(1050, evidence('d', 2)),
      bye(),
      closed(),
      ended(),
    ],
  ],
  [
    'two sessions on one answer',
    'second-session',
    [
      answered(),
      attempted(),
      opened(),
      attempted(2000),
      opened(2050),
      bye(),
      closed(),
      closed(),
      ended(),
    ],
  ],
  [
    'a second one after the first closed',
    'second-session',
    [
      answered(),
      attempted(),
      opened(),
      closed(2000),
      attempted(3000),
      opened(3050),
      bye(),
      closed(),
      ended(),
    ],
  ],
  [
    'a second attempt while the first is open, neither ever opened',
    'second-session',
    [answered(), attempted(), attempted(1500), bye(), closed(), closed(), ended()],
  ],
  [
    'a retry after a refusal',
    'second-session',
    [
      answered(),
      attempted(),
      closed(1400),
      attempted(1500),
      opened(1600),
      bye(),
      closed(),
      ended(),
    ],
  ],
  [
    'a second attempt that calls itself the first',
    'second-session',
    [answered(), attempted(), failed(), again(1500, evidence(), 1), bye(), closed(), ended()],
  ],
  [
    'a third attempt',
    'second-session',
    [
      answered(),
      attempted(),
      failed(),
      again(),
      closed(1700),
      again(1800),
      bye(),
      closed(),
      ended(),
    ],
  ],
  [
    'a second attempt while the first is open: told as failed too late',
    'second-session',
    [answered(), attempted(), again(1150), failed(1200), bye(), closed(), closed(), ended()],
  ],
  [
    'the second request left before the first was told as failed',
    'second-session',
    [
      answered(),
      attempted(),
      failed(1500),
      again(1500),
      opened(1600, evidence(), 1450),
      bye(),
      closed(),
      ended(),
    ],
  ],
  [
    'a second opening without an attempt, after a failed first',
    'second-session',
    [answered(), attempted(), failed(), opened(1600, evidence(), 1500), bye(), closed(), ended()],
  ],
  [
    'a second attempt after a close that was no failure',
    'second-session',
    [answered(), attempted(), closed(1200), failed(1250), again(), bye(), closed(), ended()],
  ],
  [
    'a failure of another attempt than the first',
    'second-session',
    [answered(), attempted(), failed(1200, 2), again(), bye(), closed(), closed(), ended()],
  ],
  [
    'the second attempt claims another moment of the answer',
    'second-session',
    [
      answered(),
      attempted(),
      failed(),
      again(1500, { ...evidence(), answeredAt: at(1001) }),
      bye(),
      closed(),
      ended(),
    ],
  ],
  [
    'the second attempt told as failed and never closed',
    'not-closed',
    [answered(), attempted(), failed(), again(), failed(1700, 2), bye(), ended()],
  ],
  [
    'the second attempt is closed late',
    'closed-late',
    [answered(), attempted(), failed(), again(), bye(), closed(6001), ended()],
  ],
  [
    'a second attempt after the BYE',
    'opened-after-end',
    [answered(), attempted(), failed(4900), bye(), again(5200), closed(5300), ended()],
  ],
  [
    'asked for half a second after the BYE',
    'opened-after-end',
    [answered(), bye(), ended(), attempted(5500), opened(5600), closed(5900)],
  ],
  [
    'asked for just too late to have crossed the BYE',
    'opened-after-end',
    [answered(), bye(), attempted(5101), closed(5110), ended()],
  ],
  [
    'asked for after the end, without a BYE',
    'opened-after-end',
    [answered(), ended(5000), attempted(5500), closed(5510)],
  ],
  [
    'asked for after a CANCEL that the 200 OK crossed',
    'opened-after-end',
    [cancel(900), answered(), attempted(1101), opened(1150), closed(1160), ended(1200)],
  ],
  [
    'attempted in time, but the request left after the BYE',
    'opened-after-end',
    [answered(), attempted(4999), bye(), opened(5400, evidence(), 5350), closed(5410), ended()],
  ],
  [
    'attempted, never opened, closed late',
    'closed-late',
    [answered(), attempted(), bye(), ended(), closed(6001)],
  ],
  [
    'attempted, never opened, never closed',
    'not-closed',
    [answered(), attempted(), bye(), ended()],
  ],
  [
    'closed long after the BYE',
    'closed-late',
    [answered(), attempted(), opened(), bye(), closed(6001), ended()],
  ],
  [
    'closed long after the end',
    'closed-late',
    [answered(), attempted(), opened(), ended(5000), closed(6001)],
  ],
  ['never closed', 'not-closed', [answered(), attempted(), opened(), bye(), ended()]],
]

t.test('honest ledgers pass', async (t) => {
  for (const [name, events] of INNOCENT) t.same(auditLedger(events), [], name)
})

t.test('each forgery is found, and only that', async (t) => {
  for (const [name, kind, events] of FORGED) {
    const kinds = new Set(auditLedger(events).map((violation) => violation.kind))
    t.same([...kinds], [kind], name)
  }
})

t.test('one close ends one session: of two, the second is still open', async (t) => {
  const twice = [answered(), attempted(), opened(), attempted(1500), opened(1600)]
  t.same(auditLedger([...twice, closed(2000), bye(), ended()]), [
    { kind: 'second-session', session: 1 },
    { kind: 'not-closed', session: 1 },
  ])
})

t.test('an attempt an hour after the end is found from every side', async (t) => {
  const kinds = auditLedger([answered(), bye(), ended(), attempted(3_600_000)])
  t.same(kinds, [
    { kind: 'opened-after-end', session: 0 },
    { kind: 'not-closed', session: 0 },
  ])
})

t.test('a retry is judged like any session: by the answer it claims', async (t) => {
  const retried = [attempted(), failed(), again(), opened(1600), bye(), closed(), ended()]
  t.same(auditLedger(retried), [
    { kind: 'opened-without-answer', session: 0 },
    { kind: 'opened-without-answer', session: 1 },
  ])
  const elsewhere = again(1500, evidence('other'))
  t.same(auditLedger([answered(), attempted(), failed(), elsewhere, bye(), closed(), ended()]), [
    { kind: 'wrong-dialog', session: 1 },
  ])
})

t.test('of fifty attempts on one dialog, forty-nine are too many', async (t) => {
  const attempts = Array.from({ length: 50 }, (_, i) => attempted(1100 + i))
  t.equal(auditLedger([answered(), ...attempts]).length, 49)
})

t.test('the auditor reads persisted ledgers, moves the metric and logs the call', async (t) => {
  const app = await buildApp(t)
  const METRIC = 'agent_sessions_before_answer_total'
  const foundOf = (kind: string) => `agent_sessions_audit_violations_total{kind="${kind}"}`
  const play = async (events: readonly CallEvent[]) => {
    const call = await app.control.begin()
    for (const event of events) app.events.publish({ ...event, callId: call.callId })
    await app.recorded(call.callId, events.length)
    return call.callId
  }
  for (const [name, kind, events] of FORGED) {
    const before = await sample(app.metrics, METRIC)
    const found = await sample(app.metrics, foundOf(kind))
    const forged = await play(events)
    const violation = `"callId":"${forged}","violation":"${kind}"`
    await eventually(`${name} is logged`, async () => app.logged().includes(violation))
    t.ok((await sample(app.metrics, foundOf(kind))) > found, `${name} is counted by its kind`)
    const moved = (await sample(app.metrics, METRIC)) - before
    if (BEFORE_ANSWER.has(kind)) t.ok(moved >= 1, `${name} moves the metric`)
    else t.equal(moved, 0, `${name} is late, not unanswered: logged, not counted`)
  }
  const { body } = await app.metrics.render()
  for (const kind of VIOLATION_KINDS) t.ok(body.includes(foundOf(kind)), `${kind} on the page`)
  const before = await sample(app.metrics, METRIC)
  for (const [, events] of INNOCENT) await play(events)
  const last = await play([attempted(), opened(), bye(), closed(), ended()])
  await eventually('the last is audited', async () => app.logged().includes(last))
  t.equal((await sample(app.metrics, METRIC)) - before, 1, 'one session once, honest calls never')
})

t.test('a session that opens after its call was audited is found too', async (t) => {
  const app = await buildApp(t)
  const call = await app.control.begin()
  const publish = (event: CallEvent) => app.events.publish({ ...event, callId: call.callId })
  for (const event of [bye(), ended()]) publish(event)
  await app.recorded(call.callId, 2)
  for (const event of [attempted(6000), opened(6100), closed(6200)]) publish(event)
  const METRIC = 'agent_sessions_before_answer_total'
  await eventually('the metric moves', async () => (await sample(app.metrics, METRIC)) === 1)
})
