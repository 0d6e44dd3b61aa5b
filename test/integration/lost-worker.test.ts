// The whole product when its media worker dies or hangs under a call: the phone is released with a BYE, the agent's socket
// closes, the record says why, and the next call is taken.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { eventually } from '../support/process.ts'
import { startProduct } from '../support/start-product.ts'
import { BLOCK, runInWorker, THROW } from '../support/worker-inspector.ts'

/** Answers and talks until somebody hangs up. */
const TALKS = '+4930555100'

for (const { code, name, reason } of [
  { code: THROW, name: 'crashes', reason: 'died' },
  { code: BLOCK, name: 'hangs', reason: 'stalled' },
] as const) {
  t.test(`a media worker that ${name} in the middle of a talk`, async (t) => {
    const product = await startProduct(t)
    const { agent, carrier, view } = product
    const callId = await view.place(TALKS)
    await eventually('agent audio', 10_000, () => (agent.sessions[0]?.sentAudioBytes ?? 0) > 0)
    await sleep(500)
    await runInWorker(t, 'media-0', code)

    const call = await view.ended(callId)
    t.match(call, {
      termination: { result: 'server_error', reason: 'media-lost', by: 'gateway' },
      agent: { close_reason: 'worker-lost', sessions: 1 },
    })
    const closed = (await view.timeline(callId)).find(({ type }) => type === 'agent.closed')
    t.match(closed, { reason: 'worker-lost' })
    t.match(carrier.calls[0], { byeBy: 'gateway' }, 'the phone is not left alone')
    await eventually('the agent’s socket to close', 2000, () => agent.sessions[0]?.closedAt != null)
    await product.idle()
    t.equal(await view.metric('media_workers_lost_total', `reason="${reason}"`), 1)
    t.equal(await view.metric('agent_sessions_total', 'result="worker-lost"'), 1)

    const next = await eventually('a call to be taken again', 5000, async () => {
      const { body, status } = await view.start({ phone_number: TALKS })
      return status === 202 && String(body['call_id'])
    })
    await eventually('the next agent’s audio', 10_000, () =>
      product.sessionsOf(next).some(({ sentAudioBytes }) => sentAudioBytes > 0),
    )
    t.equal(await view.hangUp(next), 202)
    t.match(await view.ended(next), { termination: { result: 'success' } })
  })
}
