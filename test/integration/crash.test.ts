// SIGKILL at any moment loses no record: the next start closes each one with a cause.
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { startChild, type ChildProduct } from '../support/child-product.ts'
import { eventually, temporaryFolder } from '../support/process.ts'
import { runSipp, sippOptions, succeeds, type Sipp } from '../support/sipp.ts'

const CRASHED = { result: 'server_error', reason: 'gateway-crashed', by: 'gateway' }

async function placed({ view }: ChildProduct, number: string, status: string): Promise<string> {
  const callId = await view.place(number)
  await eventually(`a call that is ${status}`, 10_000, async () => {
    return (await view.call(callId)).status === status
  })
  return callId
}

/** A call for each moment at which a process may die; the last digits choose what its phone does. What passes comes last. */
async function callsAtEachMoment(product: ChildProduct): Promise<Readonly<Record<string, string>>> {
  const talking = await placed(product, '+4930555100', 'answered')
  const ringing = await placed(product, '+4930555008', 'ringing')
  const hangingUp = await placed(product, '+4930555075', 'answered')
  await sleep(1000)
  const told = await placed(product, '+4930555080', 'early_media')
  const answered = await placed(product, '+4930555072', 'answered')
  const [taken] = await Promise.all([
    product.view.place('+4930555008'),
    product.view.hangUp(hangingUp),
  ])
  return {
    'in the middle of the talk': talking,
    'while it rings': ringing,
    'during an operator message': told,
    'right after the answer': answered,
    'during the hang-up': hangingUp,
    'right after the 202': taken,
  }
}

/** Calls that got their 202 while they were placed one after the other, until the process dies under them. */
async function acceptedUntilKilled(product: ChildProduct, afterMs: number): Promise<string[]> {
  const accepted: string[] = []
  const placing = Array.from({ length: 20 }, async (_, index) => {
    await sleep(index * 12)
    // The process dies under some of these: those were never promised anything.
    const callId = await product.view.place('+4930555108').catch(() => undefined)
    if (callId !== undefined) accepted.push(callId)
  })
  await sleep(afterMs)
  await product.kill()
  await Promise.all(placing)
  return accepted
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

/** The call of a phone that calls in and talks, as SIPp does. */
async function callIn(t: Test, product: ChildProduct): Promise<{ callId: string; sipp: Sipp }> {
  const sipp = await runSipp(t, { scenario: 'call-in-until-bye', target: product.sipTarget })
  const call = await eventually('an answered call', 10_000, async () => {
    const calls = await product.view.history()
    return calls.find(({ agent }) => agent.opened_at !== null)
  })
  return { callId: call.call_id, sipp }
}

t.test('a crash at any moment leaves closed records, start after start', async (t) => {
  const dataDir = temporaryFolder(t, 'data')
  const start = () => startChild(t, { dataDir })
  const first = await start()
  const inbound = sippOptions.skip === undefined ? await callIn(t, first) : undefined
  const atMoments = await callsAtEachMoment(first)
  await first.kill()
  await inbound?.sipp.stop()

  const second = await start()
  for (const [moment, callId] of Object.entries(atMoments))
    await t.test(moment, (t) => closedByNextStart(t, second, [callId]))
  const { length } = Object.keys(atMoments)
  t.equal((await second.view.history()).length, length + (inbound === undefined ? 0 : 1))
  await t.test(
    'a call in that talked is closed too, and its caller can call again',
    sippOptions,
    async (t) => {
      const callId = inbound?.callId ?? ''
      await closedByNextStart(t, second, [callId])
      t.match(await second.view.call(callId), {
        outcome: 'answered',
        agent: { sessions: 1, close_reason: 'gateway-crashed' },
      })
      const { sipTarget: target } = second
      await succeeds(t, await runSipp(t, { scenario: 'call-in', target, args: ['-d', '300'] }))
    },
  )

  await t.test('no call that got its 202 is ever lost, whenever the process dies', async (t) => {
    const seed = Date.now() % 1000
    const accepted: string[] = []
    let product = second
    const known = new Set((await second.view.history()).map(({ call_id: callId }) => callId))
    for (let round = 0; round < 2; round += 1) {
      const afterMs = 200 + ((seed * (round + 7)) % 250)
      const ofRound = await acceptedUntilKilled(product, afterMs)
      t.comment(`round ${round}: killed after ${afterMs} ms, ${ofRound.length} calls`)
      accepted.push(...ofRound)
      product = await start()
    }
    const history = new Map((await product.view.history()).map((call) => [call.call_id, call]))
    t.ok(accepted.length > 0, `${accepted.length} calls were accepted`)
    t.same(
      [...known, ...accepted].filter((callId) => !history.has(callId)),
      [],
    )
    for (const callId of known) history.delete(callId)
    // A call whose 202 was lost on the way may be there too; none may be open.
    for (const call of history.values()) t.match(call, { status: 'ended', termination: CRASHED })
    await closedByNextStart(t, product, accepted)
    t.equal(await product.stop(), 0)
  })
})
