// SIGKILL at any moment loses no record: the next start closes each one with a cause.
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { startChild, type ChildProduct } from '../support/child-product.ts'
import { eventually, temporaryFolder } from '../support/process.ts'
import { runSipp, sippOptions, succeeds } from '../support/sipp.ts'

const CRASHED = { result: 'server_error', reason: 'gateway-crashed', by: 'gateway' }

const reached = (product: ChildProduct, callId: string, status: string) =>
  eventually(`a call that is ${status}`, 10_000, async () => {
    return (await product.view.call(callId)).status === status
  })

/** Brings a call to the moment at which the process dies. The last digits choose what the phone does. */
const MOMENTS: Readonly<Record<string, (product: ChildProduct) => Promise<string>>> = {
  'right after the 202': (product) => product.view.place('+4930555008'),
  'while it rings': async (product) => {
    const callId = await product.view.place('+4930555008')
    await reached(product, callId, 'ringing')
    return callId
  },
  'during an operator message': async (product) => {
    const callId = await product.view.place('+4930555080')
    await reached(product, callId, 'early_media')
    return callId
  },
  'right after the answer': async (product) => {
    const callId = await product.view.place('+4930555072')
    await reached(product, callId, 'answered')
    return callId
  },
  'in the middle of the talk': async (product) => {
    const callId = await product.view.place('+4930555100')
    await reached(product, callId, 'answered')
    await sleep(1000)
    return callId
  },
  'during the hang-up': async (product) => {
    const callId = await product.view.place('+4930555075')
    await reached(product, callId, 'answered')
    await product.view.hangUp(callId)
    return callId
  },
}

async function closedByNextStart(t: Test, product: ChildProduct, callIds: readonly string[]) {
  for (const callId of callIds) {
    const call = await product.view.call(callId)
    t.match(call, { status: 'ended', termination: CRASHED })
    t.ok(call.ended_at)
    const types = (await product.view.timeline(callId)).map(({ type }) => type)
    const after = types.slice(types.indexOf('call.ended') + 1)
    t.ok(types.includes('call.ended'))
    // What a crash cut short of the recording is found, or missed, by the next start; a phone that rang is called off, and
    // one whose BYE the crash was faster than is hung up.
    const ofNextStart = ['sip.cancel', 'sip.bye']
    t.same(
      after.filter((type) => !type.startsWith('recording.') && !ofNextStart.includes(type)),
      [],
    )
    if (call.agent.opened_at !== null) t.ok(call.agent.closed_at, 'the agent’s end is known')
  }
  t.equal(await product.view.metric('agent_sessions_before_answer_total'), 0)
  t.equal(await product.view.metric('calls_active'), 0)
}

t.test('a crash at any moment leaves a closed record', async (t) => {
  const dataDir = temporaryFolder(t, 'data')
  let product = await startChild(t, { dataDir })
  for (const [moment, bring] of Object.entries(MOMENTS)) {
    const callId = await bring(product)
    await product.kill()
    const next = await startChild(t, { dataDir })
    await t.test(moment, (t) => closedByNextStart(t, next, [callId]))
    product = next
  }
  t.equal((await product.view.history()).length, Object.keys(MOMENTS).length)
  t.equal(await product.stop(), 0)
})

t.test('no call that got its 202 is ever lost, whenever the process dies', async (t) => {
  const dataDir = temporaryFolder(t, 'data')
  const seed = Date.now() % 1000
  const accepted: string[] = []
  for (let round = 0; round < 4; round += 1) {
    const product = await startChild(t, { dataDir })
    const before = accepted.length
    const dieAfterMs = (seed * (round + 7)) % 250
    const placing = Array.from({ length: 20 }, async (_, index) => {
      await sleep(index * 12)
      // The process dies under some of these: those were never promised anything.
      const callId = await product.view.place('+4930555108').catch(() => undefined)
      if (callId !== undefined) accepted.push(callId)
    })
    await sleep(200 + dieAfterMs)
    await product.kill()
    await Promise.all(placing)
    t.comment(
      `round ${round}: killed after ${200 + dieAfterMs} ms, ${accepted.length - before} calls`,
    )
  }
  const last = await startChild(t, { dataDir })
  const history = new Map((await last.view.history()).map((call) => [call.call_id, call]))
  t.ok(accepted.length > 0, `${accepted.length} calls were accepted`)
  t.same(
    accepted.filter((callId) => !history.has(callId)),
    [],
  )
  // A call whose 202 was lost on the way may be there too; none may be open.
  for (const call of history.values()) t.match(call, { status: 'ended', termination: CRASHED })
  await closedByNextStart(t, last, accepted)
  t.equal(await last.stop(), 0)
})

t.test(
  'a call in that talked is closed too, and its caller can call again',
  sippOptions,
  async (t) => {
    const dataDir = temporaryFolder(t, 'data')
    const product = await startChild(t, { dataDir })
    const sipp = await runSipp(t, { scenario: 'call-in-until-bye', target: product.sipTarget })
    const [call] = await eventually('an answered call', 10_000, async () => {
      const calls = await product.view.history()
      return calls[0]?.agent.opened_at ? calls : false
    })
    await product.kill()
    await sipp.stop()
    const next = await startChild(t, { dataDir })
    await closedByNextStart(t, next, [call!.call_id])
    t.match(await next.view.call(call!.call_id), {
      outcome: 'answered',
      agent: { sessions: 1, close_reason: 'gateway-crashed' },
    })
    const again = await runSipp(t, {
      scenario: 'call-in',
      target: next.sipTarget,
      args: ['-d', '300'],
    })
    await succeeds(t, again)
    t.equal(await next.stop(), 0)
  },
)
