// The cost guard from outside: by the agent's own clock no session before the 200 OK, none without, none after BYE.
// guard-removed.test.ts runs this file on a copy whose guard is taken out, and wants the named tests to fail.
import t from 'tap'
import type { CarrierCallRecord, PhoneScript, ScriptName } from '../../simulators/carrier/index.ts'
import { eventually } from '../support/process.ts'
import { startProduct } from '../support/start-product.ts'
import type { CallView } from '../support/product-view.ts'

interface Unanswered {
  readonly script: PhoneScript | ScriptName
  /** We take the call back after so long. */
  readonly hangUpAfterMs?: number
  readonly ringTimeoutSeconds?: number
  readonly call: Partial<CallView>
}

const RINGS: PhoneScript = [{ ring: 0 }, { neverAnswer: true }]

const NEVER_ANSWERED: Readonly<Record<string, Unanswered>> = {
  busy: { script: 'busy', call: { outcome: 'busy' } },
  declined: { script: 'declined', call: { outcome: 'declined' } },
  'number not found': { script: 'notFound', call: { outcome: 'failed' } },
  'no answer until the ring timeout': {
    script: RINGS,
    ringTimeoutSeconds: 5,
    call: { outcome: 'no-answer' },
  },
  'an operator message, then failure': {
    script: [{ earlyMedia: { speech: 'operator-unavailable' } }, { reject: 480 }],
    call: { outcome: 'no-answer' },
  },
  'ring-back as early media, then busy': {
    script: [{ earlyMedia: { ringBack: true, ms: 1500 } }, { reject: 486 }],
    call: { outcome: 'busy' },
  },
  'hung up while it rings': {
    script: RINGS,
    hangUpAfterMs: 700,
    call: { outcome: 'canceled' },
  },
  'hung up during an operator message': {
    script: [{ earlyMedia: { speech: 'operator-unavailable' } }, { neverAnswer: true }],
    hangUpAfterMs: 1500,
    call: { outcome: 'canceled' },
  },
  'a 200 OK that crosses our CANCEL': {
    script: 'answersOnCancel',
    hangUpAfterMs: 900,
    call: { outcome: 'canceled' },
  },
}

t.test('a call that is never answered never reaches an agent', async (t) => {
  const product = await startProduct(t)
  const { view, carrier, agent } = product
  const cases = Object.entries(NEVER_ANSWERED)
  const ends = cases.map(async ([, { script, hangUpAfterMs, ringTimeoutSeconds }], index) => {
    const number = `+4930123${500 + index}`
    carrier.script(number, script)
    const timeout = ringTimeoutSeconds ? { ring_timeout_seconds: ringTimeoutSeconds } : {}
    const callId = await view.place(number, timeout)
    if (hangUpAfterMs !== undefined) setTimeout(() => void view.hangUp(callId), hangUpAfterMs)
    const call = await view.ended(callId)
    const record = carrier.calls.find(({ to }) => to === number)
    return { call, record }
  })
  for (const [index, [name, { call: expected }]] of cases.entries()) {
    await t.test(`no agent: ${name}`, async (t) => {
      const { call, record } = await ends[index]!
      t.match({ outcome: call.outcome }, { outcome: expected.outcome })
      t.same(product.sessionsOf(call.call_id), [])
      t.match(call.agent, { opened_at: null, sessions: 0 })
      const types = (await view.timeline(call.call_id)).map(({ type }) => type)
      t.notOk(types.includes('agent.attempted'), types.join(' '))
      t.same(record?.protocolErrors, [])
    })
  }
  await t.test('no upgrade request was seen at all', async (t) => {
    t.same(
      agent.sessions.map(({ upgradeAt }) => upgradeAt),
      [],
    )
    t.ok(agent.connections.every(({ upgraded }) => !upgraded))
    t.equal(await view.metric('agent_seconds_total'), 0)
    t.ok((await view.metric('agent_seconds_avoided_total')) > 5)
  })
  await t.test('the auditor counts none', async (t) => {
    t.equal(await view.metric('agent_sessions_before_answer_total'), 0)
  })
  await product.idle()
})

t.test('an agent lives between 200 OK and BYE', async (t) => {
  const product = await startProduct(t)
  const { view, carrier } = product
  const scripts: Readonly<Record<string, PhoneScript>> = {
    'rings, answers, the callee hangs up': [
      { ring: 500 },
      { answer: true },
      { listen: 1000 },
      { hangUp: true },
    ],
    'an operator message, then an answer': [
      { earlyMedia: { speech: 'caller-hello' } },
      { answer: true },
      { listen: 1000 },
      { hangUp: true },
    ],
    'answered at once, we hang up': [{ answer: true }, { untilHangUp: 20_000 }],
  }
  const ends = Object.values(scripts).map(async (script, index) => {
    const number = `+4930123${600 + index}`
    carrier.script(number, script)
    const callId = await view.place(number)
    if (index === 2) setTimeout(() => void view.hangUp(callId), 2000)
    const record = await carrier.waitForCall(({ to }) => to === number, 5000)
    await eventually('the end of the call', 20_000, () => record.endedAt !== null)
    return { callId, record }
  })
  for (const [index, name] of Object.keys(scripts).entries()) {
    await t.test(`opened after 200 OK: ${name}`, async (t) => {
      const { callId, record } = await ends[index]!
      const sessions = product.sessionsOf(callId)
      t.equal(sessions.length, 1)
      t.ok(
        secondsBeforeAnswer(sessions[0]?.upgradeAt, record) === 0,
        'no agent second before the answer',
      )
    })
    await t.test(`closed after BYE: ${name}`, async (t) => {
      const { callId, record } = await ends[index]!
      const session = await eventually('the close of the agent', 1500, () =>
        product.sessionsOf(callId).find(({ closedAt }) => closedAt !== null),
      )
      // The BYE and the close frame leave us in the same moment, for two places.
      t.ok(
        Math.abs(session.closedAt! - record.byeAt!) < 250,
        `${session.closedAt! - record.byeAt!} ms`,
      )
    })
  }
  t.equal(await view.metric('agent_sessions_before_answer_total'), 0)
  t.equal(await view.metric('agent_sessions_total'), 3)
  await product.idle()
})

const secondsBeforeAnswer = (
  upgradeAt: number | undefined,
  { answeredAt }: CarrierCallRecord,
): number => Math.max(0, (answeredAt ?? Infinity) - (upgradeAt ?? Infinity)) || 0
