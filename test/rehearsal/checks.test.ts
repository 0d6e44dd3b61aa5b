// What a rehearsal must notice: each fault alone in a call that was good otherwise.
import t from 'tap'
import { epochMs } from '../../core/contracts/index.ts'
import { checkTake, isStutter } from '../../rehearsal/checks.ts'
import { measure } from '../../rehearsal/measure.ts'
import type { Take } from '../../rehearsal/take.ts'
import {
  aBusyTake,
  aCarrierRecord,
  aHearing,
  aSession,
  aTake,
  aTimeline,
  EXPECTED,
  T0,
} from './a-take.ts'

const BUSY = {
  ...EXPECTED,
  expect: {
    outcome: 'busy',
    termination: { result: 'client_error', reason: 'busy', by: 'callee', sipStatus: 486 },
    agentSessions: 0,
    callerHears: [],
    agentHears: [],
  },
} as const
const after = (offsetMs: number) => epochMs(T0 + offsetMs)

t.test('a call in which all is well has no complaint', async (t) => {
  t.strictSame(checkTake(EXPECTED, aTake()), [])
  t.strictSame(checkTake(BUSY, aBusyTake()), [])
})

const FAULTS: readonly [string, Take, RegExp][] = [
  ['it ended otherwise', aBusyTake(), /^outcome busy instead of answered$/],
  [
    'an agent before the answer',
    aTake({ sessions: [aSession({ upgradeAt: after(400) })] }),
    /^the agent was opened before the answer: 0\.600 s$/,
  ],
  [
    'an agent that stays on',
    aTake({ sessions: [aSession({ closedAt: after(8500) })] }),
    /^the agent stayed 1\.500 s after the hang-up$/,
  ],
  [
    'a socket left open',
    aTake({ sessions: [aSession({ closedAt: null, closedBy: null })] }),
    /socket was still open after the call$/,
  ],
  [
    'an agent closed while the caller still talks',
    aTake({ sessions: [aSession({ closedAt: after(6000) })] }),
    /closed before the BYE$/,
  ],
  [
    'an agent asked for long after the answer',
    aTake({ sessions: [aSession({ upgradeAt: after(1501) })] }),
    /^the agent was asked for 501 ms after the answer$/,
  ],
  [
    'an agent heard long after it spoke',
    aTake({ sessions: [aSession({ sentAudioAt: [after(950)] })] }),
    /^the agent was heard 250 ms after it spoke$/,
  ],
  [
    'lost packets, however busy the machine',
    aTake({
      carrier: aCarrierRecord({ rtpIn: aHearing({ lost: 6 }) }),
      stalls: [{ from: T0, to: T0 + 8000 }],
    }),
    /^the phone missed 6 RTP packets$/,
  ],
  [
    'a second session',
    aTake({ sessions: [aSession(), aSession()] }),
    /^2 agent sessions were asked for instead of 1$/,
  ],
  [
    'the auditor’s count',
    aTake({ sessionsBeforeAnswerMetric: 1 }),
    /agent_sessions_before_answer_total is 1 instead of 0$/,
  ],
  [
    'a metric that is gone',
    aTake({ sessionsBeforeAnswerMetric: null }),
    /agent_sessions_before_answer_total is null instead of 0$/,
  ],
  [
    'broken SIP',
    aTake({ carrier: aCarrierRecord({ protocolErrors: ['ACK with the wrong To tag'] }) }),
    /^the carrier objects: ACK with the wrong To tag$/,
  ],
  [
    'a greeting with a bit turned',
    aTake({ carrier: aCarrierRecord({ rtpIn: aHearing({ audio: Buffer.alloc(40_000, 0xff) }) }) }),
    /^the phone did not hear agent-greeting whole$/,
  ],
  [
    'a caller who is not heard',
    aTake({ sessions: [aSession({ callerAudio: Buffer.alloc(0) })] }),
    /^the agent did not hear caller-hello whole$/,
  ],
  [
    'a late packet',
    aTake({
      carrier: aCarrierRecord({ rtpIn: aHearing({ gaps: [{ at: after(3000), ms: 41 }] }) }),
    }),
    /^the phone heard 1 gaps over 20 ms, the longest 41 ms$/,
  ],
  [
    'an opening in the ledger before the answer',
    aTake({ timeline: aTimeline().toSorted(openedFirst) }),
    /^the ledger has an agent before the answer$/,
  ],
  [
    'evidence of another dialog',
    aTake({
      timeline: aTimeline().map((fact) =>
        fact.type === 'sip.answered' ? { ...fact, fields: { dialog: 'other', cseq: 1 } } : fact,
      ),
    }),
    /^an agent was opened on other evidence than the answer$/,
  ],
  [
    'seconds that are not those of the agent',
    aTake({
      timeline: aTimeline().map((fact) =>
        fact.type === 'agent.closed' ? { ...fact, fields: { seconds: 2 } } : fact,
      ),
    }),
    /^the ledger has 2\.000 agent seconds, the agent counts 6\.003$/,
  ],
  [
    'seconds that differ by more than the machine accounts for',
    aTake({
      timeline: aTimeline().map((fact) =>
        fact.type === 'agent.closed' ? { ...fact, fields: { seconds: 5.5 } } : fact,
      ),
      stalls: [{ from: T0 + 6900, to: T0 + 7100 }],
    }),
    /^the ledger has 5\.500 agent seconds, the agent counts 6\.003$/,
  ],
  [
    'a call that could not be played',
    aTake({ call: null, broken: 'the INVITE took longer than 5000 ms' }),
    /^it could not be played: the INVITE took longer/,
  ],
]

function openedFirst(one: { readonly type: string }, other: { readonly type: string }): number {
  return Number(other.type === 'agent.opened') - Number(one.type === 'agent.opened')
}

for (const [name, take, complaint] of FAULTS) {
  t.test(`it is noticed: ${name}`, async (t) => {
    const complaints = checkTake(EXPECTED, take)
    t.ok(
      complaints.some((each) => complaint.test(each)),
      'the complaint is made',
      { complaints },
    )
  })
}

t.test('an agent in a call that nobody answered is all before the answer', async (t) => {
  const take = aBusyTake({ sessions: [aSession({ upgradeAt: after(100), closedAt: after(300) })] })
  t.equal(measure(take).agentSecondsBeforeAnswer, 0.2)
  t.match(checkTake(BUSY, take).join('\n'), /opened before the answer: 0\.200 s/)
})

t.test('the figures are differences of the simulators’ times', async (t) => {
  const figures = measure(aTake())
  t.match(figures, { agentSessions: 1, answerToAgentMs: 5, agentAudioToRtpMs: 5 })
  t.match(figures, { agentSeconds: 6.003, secondsFromInvite: 7.008, agentSecondsBeforeAnswer: 0 })
  t.equal(figures.agentSecondsAfterHangUp, 0.008)
})

t.test('a gap is excused only by a wait of that moment that accounts for it', async (t) => {
  const carrier = aCarrierRecord({ rtpIn: aHearing({ gaps: [{ at: after(3000), ms: 60 }] }) })
  const gapsWith = (from: number, to: number) =>
    measure(aTake({ carrier, stalls: [{ from: T0 + from, to: T0 + to }] })).callerGaps
  t.match(gapsWith(2930, 2990), { count: 0, excused: 1 })
  t.match(gapsWith(2980, 2995), { count: 1, excused: 0 }, 'too short a wait')
  t.match(gapsWith(2000, 2060), { count: 1, excused: 0 }, 'another moment')
})

t.test('only gaps and pauses may be a busy machine’s doing', async (t) => {
  const late = aHearing({ gaps: [{ at: after(3000), ms: 60 }] })
  const complaints = checkTake(EXPECTED, aTake({ carrier: aCarrierRecord({ rtpIn: late }) }))
  t.equal(complaints.length, 1)
  t.ok(complaints.every(isStutter))
  for (const [name, take] of FAULTS)
    if (name !== 'a late packet') t.notOk(checkTake(EXPECTED, take).every(isStutter), name)
})

t.test('a wait that the machine accounts for is no fault', async (t) => {
  const asked = aTake({ sessions: [aSession({ upgradeAt: after(1501) })] })
  const heard = aTake({ sessions: [aSession({ sentAudioAt: [after(950)] })] })
  const stalls = [{ from: T0 + 1100, to: T0 + 1200 }]
  t.notMatch(checkTake(EXPECTED, { ...asked, stalls }).join(), /was asked for/)
  t.strictSame(checkTake(EXPECTED, { ...heard, stalls: [{ from: T0 + 1000, to: T0 + 1060 }] }), [])
  const before = [{ from: T0 + 800, to: T0 + 900 }]
  t.match(checkTake(EXPECTED, { ...heard, stalls: before }), [/heard 250 ms after/], 'not then')
})

t.test('seconds that the machine’s waiting accounts for are no fault', async (t) => {
  const timeline = aTimeline().map((fact) =>
    fact.type === 'agent.closed' ? { ...fact, fields: { seconds: 5.5 } } : fact,
  )
  const stalls = [{ from: T0 + 6800, to: T0 + 7100 }]
  t.strictSame(checkTake(EXPECTED, aTake({ timeline, stalls })), [])
})
