// Snapshots of a scenario as facts of a call, and as its end: pure.
import t from 'tap'
import { auditLedger } from '../../../../control-api/calls/audit-ledger.ts'
import {
  agentClosed,
  providerEnded,
  terminationOf,
} from '../../../../control-api/voximplant/calls/session-end.ts'
import { factsOf } from '../../../../control-api/voximplant/calls/session-facts.ts'
import { clockOffset } from '../../../../control-api/voximplant/calls/scenario-clock.ts'
import { decodeScenarioMessage } from '../../../../control-api/voximplant/calls/scenario-message.ts'
import { merged, type Snapshot } from '../../../../control-api/voximplant/calls/snapshot.ts'
import { epochMs, newCallId, type CallEvent } from '../../../../core/contracts/index.ts'
import { aMessage, type MessageFields } from './a-message.ts'

const T = 1_790_000_000_000
const timeOf = (moment: number) => epochMs(moment + 10)
const decode = (fields: MessageFields): Snapshot =>
  decodeScenarioMessage(Buffer.from(JSON.stringify(aMessage(fields)))).snapshot

const TALK: MessageFields = {
  at: {
    started: T,
    ringing: T + 100,
    connected: T + 1000,
    agent_requested: T + 1200,
    agent_opened: T + 1500,
    first_audio: T + 1700,
    recording: T + 1100,
    agent_closed: T + 9000,
    ended: T + 9050,
  },
  conversation_id: 'conv_1',
  machine: { verdict: 'human', at: T + 1050 },
  consent: { given: true, at: T + 1060, prompt: 'question', language: 'de' },
  agent_close: { code: 1000, reason: '', clean: true },
  ended: { outcome: 'answered', by: 'callee', code: 200, reason: 'Normal' },
}

/** As its owner tells them. */
function ledgerOf(known: Snapshot): CallEvent[] {
  const callId = newCallId()
  const context = { sessionId: '77', timeOf }
  const at = timeOf(known.at.ended ?? T)
  const closed = agentClosed(known, at, context)
  return [
    ...factsOf(known, context),
    ...(closed ? [closed] : []),
    providerEnded(known.ended, at),
  ].map((fact) => ({ ...fact, callId }))
}

t.test('a talk is told in its order, by our clock, and the auditor finds nothing in it', (t) => {
  const ledger = ledgerOf(decode(TALK))
  t.same(
    ledger.map(({ type }) => type),
    [
      'provider.invited',
      'provider.ringing',
      'provider.answered',
      'machine.verdict',
      'consent.given',
      'provider.stream_started',
      'agent.attempted',
      'agent.opened',
      'agent.metadata',
      'agent.first_audio',
      'recording.started',
      'agent.closed',
      'provider.ended',
    ],
  )
  t.same(auditLedger(ledger), [])
  const evidence = { dialog: '77', cseq: 1, answeredAt: T + 1010 }
  t.match(
    ledger.find(({ type }) => type === 'agent.opened'),
    { at: T + 1510, data: { evidence, upgradeSentAt: T + 1210 } },
  )
  t.match(ledger.find(({ type }) => type === 'agent.closed')?.data, {
    reason: 'call-ended',
    closeCode: 1000,
    seconds: 7.8,
  })
  t.end()
})

t.test('a scenario that opens its agent before the answer is found by the auditor', (t) => {
  const kinds = (at: Record<string, number | null>): string[] =>
    auditLedger(ledgerOf(decode({ ...TALK, at: { ...TALK.at, ...at } }))).map(({ kind }) => kind)
  t.same(kinds({ agent_requested: T + 999 }), ['opened-before-answer'])
  const inOne = decode({ ...TALK, at: { ...TALK.at, agent_requested: T + 900 } })
  const context = { sessionId: '77', timeOf: () => epochMs(T) }
  const attempted = factsOf(inOne, context).find(({ type }) => type === 'agent.attempted')
  t.equal(attempted?.at, T - 1, 'also where both are at the same bound')
  t.same(kinds({ agent_requested: T + 1000 }), [], 'in the same millisecond')
  t.same(kinds({ connected: null }), ['opened-without-answer'])
  t.same(kinds({ agent_requested: T + 9500, agent_opened: T + 9600, agent_closed: T + 9700 }), [
    'opened-after-end',
  ])
  t.same(kinds({ agent_closed: T + 10_600 }), ['closed-late'])
  t.end()
})

t.test('an agent that was asked for and never opened is closed with the call', (t) => {
  const at = { ...TALK.at, agent_opened: null, agent_closed: null, first_audio: null }
  const refused = decode({
    ...TALK,
    at,
    conversation_id: null,
    agent_close: null,
    ended: { outcome: 'answered', by: 'scenario', code: null, reason: 'agent' },
  })
  t.same(auditLedger(ledgerOf(refused)), [])
  t.match(ledgerOf(refused).find(({ type }) => type === 'agent.closed')?.data, {
    reason: 'refused',
    seconds: 7.85,
  })
  t.match(refused.ended && terminationOf(refused, refused.ended), {
    result: 'upstream_error',
    reason: 'agent-refused',
    by: 'agent',
  })
  t.end()
})

t.test('every ending has its termination', (t) => {
  const cases: readonly [object, string, MessageFields?][] = [
    [{ outcome: 'answered', by: 'callee' }, 'success hangup callee'],
    [{ outcome: 'answered', by: 'caller' }, 'success hangup caller'],
    [{ outcome: 'answered', by: 'api' }, 'success hangup api'],
    [{ outcome: 'answered', by: 'agent' }, 'success agent-ended agent'],
    [
      { outcome: 'answered', by: 'agent' },
      'upstream_error agent-dropped agent',
      { agent_close: { code: 1008, reason: '', clean: true } },
    ],
    [
      { outcome: 'answered', by: 'agent' },
      'upstream_error agent-dropped agent',
      { agent_close: { code: 1006, reason: '', clean: false } },
    ],
    [{ outcome: 'answered', by: 'carrier' }, 'upstream_error provider-failed carrier'],
    [
      { outcome: 'answered', by: 'scenario', reason: 'max duration' },
      'success max-duration gateway',
    ],
    [
      { outcome: 'answered', by: 'scenario', reason: 'error' },
      'server_error internal-error gateway',
    ],
    [{ outcome: 'machine', by: 'scenario' }, 'success hangup gateway'],
    [{ outcome: 'busy', by: 'callee' }, 'client_error busy callee 486'],
    [{ outcome: 'declined', by: 'callee', code: 607 }, 'client_error declined callee 607'],
    [{ outcome: 'no-answer', by: 'callee', code: 408 }, 'client_error no-answer callee 408'],
    [{ outcome: 'no-answer', by: 'scenario' }, 'client_error no-answer gateway'],
    [{ outcome: 'canceled', by: 'api' }, 'client_error canceled api'],
    [{ outcome: 'canceled', by: 'carrier', code: 487 }, 'client_error canceled carrier 487'],
    [{ outcome: 'canceled', by: 'scenario' }, 'upstream_error provider-failed carrier'],
    [
      { outcome: 'canceled', by: 'caller' },
      'client_error canceled caller',
      { direction: 'inbound' },
    ],
    [{ outcome: 'failed', by: 'carrier', code: 404 }, 'upstream_error rejected carrier 404'],
    [{ outcome: 'failed', by: 'carrier' }, 'upstream_error provider-failed carrier'],
    [{ outcome: 'failed', by: 'scenario', code: 404 }, 'upstream_error provider-failed carrier'],
  ]
  for (const [ended, wanted, more = {}] of cases) {
    const known = decode({ ...TALK, ...more, ended: { code: null, reason: '', ...ended } })
    const end = known.ended && terminationOf(known, known.ended)
    const { result, reason, by, sipStatus } = end ?? {}
    t.equal([result, reason, by, sipStatus].filter(Boolean).join(' '), wanted, wanted)
  }
  t.end()
})

t.test('what is known only grows', (t) => {
  const early = decode({ at: { started: T, ringing: T + 100 }, from: null, to: '' })
  const late = decode(TALK)
  t.same(merged(early, late), { ...merged(late, early) }, 'in whatever order')
  t.same(merged(late, late), late)
  const other = decode({ ...TALK, at: { ...TALK.at, connected: T + 5 }, conversation_id: 'conv_2' })
  t.equal(merged(late, other).at.connected, T + 1000, 'the first word counts')
  t.equal(merged(late, other).conversationId, 'conv_1')
  const moved = decode({ ...TALK, recording_url: 'https://r.example/2' })
  const before = decode({ ...TALK, ended: null, recording_url: 'https://r.example/1' })
  t.equal(merged(before, moved).recordingUrl, 'https://r.example/2', 'but for a whole recording')
  t.equal(merged(moved, before).recordingUrl, 'https://r.example/2')
  t.end()
})

t.test('a clock that is hours wrong is not believed', (t) => {
  t.equal(clockOffset(T - 40_000, T), 40_000)
  t.equal(clockOffset(T + 3_600_000, T), -3_600_000)
  t.equal(clockOffset(T + 3_600_001, T), 0)
  t.equal(clockOffset(T - 86_400_000, T), 0)
  t.end()
})

t.test('what it cost is a sum of money, or not known', (t) => {
  const costOf = (fields: object) =>
    decode({ ended: { outcome: 'answered', by: 'callee', code: null, reason: '', ...fields } })
      .ended?.cost
  t.equal(costOf({ cost: 0.5, record_cost: 0.25 }), 0.75)
  t.equal(costOf({ cost: 0.5, record_cost: null }), 0.5)
  t.equal(costOf({ cost: 0 }), 0)
  t.equal(costOf({ cost: 0.5, record_cost: -7 }), 0.5)
  for (const cost of [null, undefined, '1', -1, -1e9, 1e308, 1_000_001, {}, true])
    t.equal(costOf({ cost, record_cost: 0.25 }), null, JSON.stringify(cost))
  t.equal(costOf({ cost: 1e6, record_cost: 1e6 }), null)
  const infinite = '{"session_id":"1","ended":{"cost":1e999}}'
  t.equal(decodeScenarioMessage(Buffer.from(infinite)).snapshot.ended?.cost, null)
  t.end()
})

t.test('messages are read tolerantly', (t) => {
  const read = (text: string) => () => decodeScenarioMessage(Buffer.from(text))
  for (const text of ['', '{', 'null', '[]', '"x"', '{}', '{"session_id":"a"}'])
    t.throws(read(text), { code: 'REQUEST_INVALID' }, text)
  const odd = decodeScenarioMessage(
    Buffer.from(
      JSON.stringify({
        session_id: 6760041670,
        token: 7,
        sent_at: 'now',
        direction: 'sideways',
        from: 5,
        at: { started: 'x', ringing: 1, connected: T },
        conversation_id: 'not an id',
        consent: { given: 'yes' },
        machine: { verdict: 'dog', at: T },
        ended: { outcome: 'exploded', by: 'nobody', code: 1.5, reason: 'x'.repeat(999) },
        agent_close: 'x',
        unknown: true,
      }),
    ),
  )
  t.match(odd, {
    sessionId: '6760041670',
    token: null,
    sentAt: null,
    snapshot: {
      direction: 'outbound',
      from: null,
      to: '',
      conversationId: null,
      consent: null,
      machine: null,
      agentClose: null,
      ended: { outcome: 'failed', by: 'carrier', code: null, reason: 'x'.repeat(200) },
    },
  })
  t.match(odd.snapshot.at, { started: null, ringing: null, connected: T })
  t.end()
})
