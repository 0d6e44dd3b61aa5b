import t from 'tap'
import { CALL_OUTCOMES, outcomeOf, termination } from '../../../core/contracts/index.ts'
import { terminationOfFailure } from '../../../gateway/sip/sip-failure.ts'

const UNANSWERED = { answered: false, verdict: null }
const TALKED = { answered: true, verdict: null }

// status, provisional seen, made by our own server → result, reason, outcome (the contract's table).
const TABLE: [number, boolean, boolean, string, string, string][] = [
  [486, true, false, 'client_error', 'busy', 'busy'],
  [600, true, false, 'client_error', 'busy', 'busy'],
  [603, true, false, 'client_error', 'declined', 'declined'],
  [607, false, false, 'client_error', 'declined', 'declined'],
  [608, false, false, 'client_error', 'declined', 'declined'],
  [480, true, false, 'client_error', 'no-answer', 'no-answer'],
  [408, true, true, 'client_error', 'no-answer', 'no-answer'],
  [408, false, true, 'upstream_error', 'no-response', 'failed'],
  [487, true, false, 'client_error', 'canceled', 'canceled'],
  [404, false, false, 'client_error', 'rejected', 'failed'],
  [488, false, false, 'upstream_error', 'media-not-acceptable', 'failed'],
  [503, false, false, 'upstream_error', 'rejected', 'failed'],
  [503, false, true, 'upstream_error', 'unreachable', 'failed'],
  [302, false, false, 'upstream_error', 'rejected', 'failed'],
  [500, true, false, 'upstream_error', 'rejected', 'failed'],
]

t.test('every SIP failure has one blame, one reason and one outcome', async (t) => {
  for (const [status, provisionalSeen, local, result, reason, outcome] of TABLE) {
    const ending = terminationOfFailure(status, { provisionalSeen, local, lost: false })
    t.match(
      ending,
      { result, reason, sipStatus: status },
      `${status} ${local ? 'local' : 'remote'}`,
    )
    t.equal(outcomeOf(ending, UNANSWERED), outcome)
  }
})

t.test(
  'an answered call is answered however its talk ends, unless the answer crossed our CANCEL',
  async (t) => {
    t.equal(outcomeOf(termination('success', 'hangup', 'callee'), TALKED), 'answered')
    t.equal(outcomeOf(termination('upstream_error', 'agent-dropped', 'agent'), TALKED), 'answered')
    t.equal(
      outcomeOf(termination('server_error', 'gateway-crashed', 'gateway'), UNANSWERED),
      'failed',
    )
    t.equal(outcomeOf(termination('client_error', 'canceled', 'api'), TALKED), 'canceled')
  },
)

t.test('a machine that was hung up on for being one is an outcome of its own', async (t) => {
  const gated = termination('success', 'hangup', 'gateway')
  for (const verdict of ['machine', 'fax'])
    t.equal(outcomeOf(gated, { answered: true, verdict }), 'machine')
  for (const verdict of ['human', 'unknown', null])
    t.equal(outcomeOf(gated, { answered: true, verdict }), 'answered')
  const byCallee = termination('success', 'hangup', 'callee')
  t.equal(outcomeOf(byCallee, { answered: true, verdict: 'machine' }), 'answered')
})

t.test('each outcome there is can come about', async (t) => {
  const found = new Set([
    ...TABLE.map(([, , , , , outcome]) => outcome),
    outcomeOf(termination('success', 'hangup', 'callee'), TALKED),
    outcomeOf(termination('success', 'hangup', 'gateway'), { answered: true, verdict: 'machine' }),
  ])
  t.same([...found].toSorted(), CALL_OUTCOMES.toSorted())
})

t.test('a lost SIP server is our fault, whatever status stands for it', async (t) => {
  t.match(terminationOfFailure(503, { provisionalSeen: true, local: true, lost: true }), {
    result: 'server_error',
    reason: 'sip-server-lost',
  })
})
