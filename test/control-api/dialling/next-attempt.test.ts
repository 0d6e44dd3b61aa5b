// Who is rung again, and who never: the table of outcomes and causes.
import t from 'tap'
import {
  epochMs,
  newCallId,
  outcomeOf,
  termination,
  type EpochMs,
  type Termination,
} from '../../../core/contracts/index.ts'
import { decodeCallId } from '../../../core/contracts/index.ts'
import {
  foldEndOfAttempt,
  foldRefusal,
  idOfAttempt,
  mayFollow,
  withoutFurther,
} from '../../../control-api/dialling/next-attempt.ts'
import { decodePolicy, encodePolicy } from '../../../control-api/dialling/retry-policy.ts'

const ALL = { attempts: 2, after_seconds: 90, on: ['no-answer', 'busy', 'failed'] as const }
const AT = epochMs(1_000_000)

const policy = (on: readonly string[] = ALL.on, attempts = ALL.attempts) =>
  encodePolicy({ ...ALL, attempts, on: on as never })

const due = (ending: Termination, on?: readonly string[], attempt = 1): EpochMs | null => {
  const outcome = outcomeOf(ending, { answered: false, verdict: null })
  const row = { attempt, retry_policy: policy(on) }
  const { next_attempt_at: at = null } = foldEndOfAttempt(row, {
    outcome,
    termination: ending,
    at: AT,
  })
  return at as EpochMs | null
}

const IN_TIME = AT + 90_000
const BUSY = termination('client_error', 'busy', 'callee', 486)

t.test('each ending: dialled again, or never', (t) => {
  const cases: readonly (readonly [Termination, boolean])[] = [
    [BUSY, true],
    [termination('client_error', 'busy', 'callee', 600), true],
    [termination('client_error', 'no-answer', 'callee', 480), true],
    [termination('client_error', 'no-answer', 'callee'), true],
    [termination('client_error', 'declined', 'callee', 603), false],
    [termination('client_error', 'declined', 'callee', 607), false],
    [termination('client_error', 'declined', 'callee', 608), false],
    [termination('client_error', 'canceled', 'api'), false],
    [termination('client_error', 'canceled', 'carrier', 487), false],
    [termination('upstream_error', 'rejected', 'carrier', 503), true],
    [termination('upstream_error', 'rejected', 'carrier', 500), true],
    [termination('client_error', 'rejected', 'carrier', 404), false],
    [termination('client_error', 'rejected', 'carrier', 410), false],
    [termination('client_error', 'rejected', 'carrier', 484), false],
    [termination('client_error', 'rejected', 'carrier', 604), false],
    [termination('upstream_error', 'rejected', 'carrier', 403), false],
    [termination('upstream_error', 'media-not-acceptable', 'carrier', 488), false],
    [termination('upstream_error', 'no-response', 'carrier', 408), true],
    [termination('upstream_error', 'unreachable', 'carrier', 503), true],
    [termination('server_error', 'sip-server-lost', 'gateway'), true],
    [termination('server_error', 'gateway-crashed', 'gateway'), true],
    [termination('server_error', 'shutdown', 'gateway'), true],
    [termination('server_error', 'internal-error', 'gateway', 500), false],
  ]
  for (const [ending, isDue] of cases)
    t.equal(due(ending), isDue ? IN_TIME : null, `${ending.reason} ${ending.sipStatus}`)
  t.end()
})

t.test('only after the outcomes that were named', (t) => {
  t.equal(due(BUSY, ['no-answer', 'failed']), null)
  t.equal(due(BUSY, ['busy']), IN_TIME)
  t.equal(due(termination('server_error', 'shutdown', 'gateway'), ['busy']), null)
  t.end()
})

t.test('so often and no more; never after a talk; never without a policy', (t) => {
  t.equal(due(BUSY, undefined, 2), IN_TIME)
  t.equal(due(BUSY, undefined, 3), null)
  const crashed = termination('server_error', 'gateway-crashed', 'gateway')
  const row = { attempt: 1, retry_policy: policy() }
  const talked = {
    outcome: outcomeOf(crashed, { answered: true, verdict: null }),
    termination: crashed,
    at: AT,
  }
  t.same(foldEndOfAttempt(row, talked), {})
  const bare = { attempt: 1, retry_policy: null }
  t.same(foldEndOfAttempt(bare, { outcome: 'busy', termination: BUSY, at: AT }), {})
  t.same(withoutFurther(bare), {})
  t.end()
})

t.test('a decline in the words of telephony counts, whatever its SIP status', (t) => {
  for (const q850Cause of [1, 21, 22, 28]) {
    const row = { attempt: 1, retry_policy: policy() }
    const { retry_policy } = foldRefusal(row, { q850Cause })
    t.type(retry_policy, 'string')
    t.notOk(mayFollow({ attempt: 1, retry_policy: retry_policy ?? null }), `cause ${q850Cause}`)
    t.equal(decodePolicy(retry_policy ?? '').after_seconds, 90)
  }
  for (const q850Cause of [16, 17, 18, 19, 34, 41, undefined])
    t.same(
      foldRefusal(
        { attempt: 1, retry_policy: policy() },
        q850Cause === undefined ? {} : { q850Cause },
      ),
      {},
    )
  t.end()
})

t.test('the id of an attempt is an id like any other, and always the same', (t) => {
  const of = newCallId()
  const at = epochMs(Date.now() + 0.75)
  const id = idOfAttempt(of, 2, at)
  t.equal(decodeCallId(id), id)
  t.equal(idOfAttempt(of, 2, at), id)
  t.not(idOfAttempt(of, 3, at), id)
  t.not(idOfAttempt(newCallId(), 2, at), id)
  t.ok(id.slice(0, 17) >= of.slice(0, 17), 'sortable by time')
  t.match(id, /^call_[0-9a-f]{12}7[0-9a-f]{3}8[0-9a-f]{15}$/)
  t.end()
})
