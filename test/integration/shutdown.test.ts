// SIGTERM with calls up: callers get BYE, records are closed, agents leave, the process ends with 0, in time.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startElevenLabs } from '../../simulators/elevenlabs/index.ts'
import { startChild, type ChildProduct } from '../support/child-product.ts'
import { eventually, temporaryFolder } from '../support/process.ts'
import { runSipp, sippOptions, succeeds } from '../support/sipp.ts'

const API_KEY = 'a-key-of-the-tests-that-is-long-enough'

const answered = (product: ChildProduct, count: number) =>
  eventually(`${count} answered calls`, 10_000, async () => {
    const calls = await product.view.history()
    return calls.filter(({ status }) => status === 'answered').length === count
  })

t.test(
  'SIGTERM: no new calls, then BYE for all, records closed, exit 0',
  sippOptions,
  async (t) => {
    const dataDir = temporaryFolder(t, 'data')
    const product = await startChild(t, { dataDir })
    const target = product.sipTarget
    const talking = await runSipp(t, { scenario: 'call-in-until-bye', target, calls: 3 })
    // A number whose phone rings for ever: its call must be canceled.
    const ringing = await product.view.place('+4930555008')
    await answered(product, 3)
    await eventually(
      'ringing',
      5000,
      async () => (await product.view.call(ringing)).status === 'ringing',
    )

    const signalledAt = performance.now()
    product.program.signal('SIGTERM')
    await t.test('while it drains, a new call is refused with 503 and Retry-After', async (t) => {
      const refused = await runSipp(t, { scenario: 'refused', target, timeoutSeconds: 5 })
      await succeeds(t, refused)
      t.equal((await product.view.request('/ready')).status, 503)
      t.match(await product.view.start({ phone_number: '+4930123456' }), {
        status: 503,
        body: { code: 'DRAINING' },
      })
    })
    await succeeds(t, talking)
    const { code, signal } = await product.program.ended
    t.match({ code, signal }, { code: 0, signal: null }, product.program.stderr)
    const tookMs = performance.now() - signalledAt
    t.ok(tookMs < 6000, `ended after ${Math.round(tookMs)} ms`)

    const next = await startChild(t, { dataDir })
    const calls = await next.view.history()
    t.equal(calls.length, 4)
    for (const call of calls) {
      t.match(call, {
        status: 'ended',
        termination: { result: 'server_error', reason: 'shutdown', by: 'gateway' },
        outcome: call.direction === 'inbound' ? 'answered' : 'failed',
      })
      if (call.direction === 'inbound')
        t.ok(call.agent.closed_at, 'the agent’s end is in the record')
    }
    t.equal(await next.stop(), 0)
  },
)

t.test(
  'calls may finish while it drains; a second SIGTERM ends them at once',
  sippOptions,
  async (t) => {
    const agent = await startElevenLabs()
    t.teardown(() => agent.close())
    const product = await startChild(t, {
      env: {
        API_KEY,
        ELEVENLABS_AGENT_ID: 'agent_under_test',
        ELEVENLABS_BASE_URL: agent.restUrl,
        ELEVENLABS_WS_URL: agent.wsUrl,
      },
    })
    const target = product.sipTarget
    const talking = await runSipp(t, { scenario: 'call-in-until-bye', target, calls: 2 })
    await answered(product, 2)
    product.program.signal('SIGTERM')
    await sleep(1500)
    t.equal(agent.sessions.filter(({ closedAt }) => closedAt === null).length, 2, 'they still talk')
    const secondAt = Date.now()
    product.program.signal('SIGTERM')
    await succeeds(t, talking)
    t.match(await product.program.ended, { code: 0 }, product.program.stderr)
    t.ok(Date.now() - secondAt < 2500, `ended ${Date.now() - secondAt} ms after the second signal`)
    for (const { closedAt, closedBy } of agent.sessions) {
      t.equal(closedBy, 'client', 'closed by us, not lost')
      t.ok(closedAt! >= secondAt && closedAt! - secondAt < 1000)
    }
  },
)
