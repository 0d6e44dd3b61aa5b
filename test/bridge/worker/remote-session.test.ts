// A session whose worker has stopped answering.
import t from 'tap'
import { createAnswerMint } from '../../../core/contracts/answer-mint.ts'
import { epochMs, newCallId, type MediaEvent } from '../../../core/contracts/index.ts'
import { createClock } from '../../../core/time/index.ts'
import { createAnswerGuard } from '../../../bridge/session/answer-guard.ts'
import { RemoteSession } from '../../../bridge/worker/remote-session.ts'

function stage() {
  const events: MediaEvent[] = []
  const said: string[] = []
  const session = new RemoteSession({
    callId: newCallId(),
    local: { address: '127.0.0.1', port: 20_000 },
    guard: createAnswerGuard(createAnswerMint().key),
    clock: createClock(),
    line: { post: ({ type }) => said.push(type), abandon: () => said.push('abandoned') },
    onEvent: (event) => events.push(event),
  })
  return { session, events, said }
}

t.test('an upgrade in flight when the worker dies is money', async (t) => {
  const { session, events } = stage()
  const evidence = { dialog: 'd', cseq: 1, answeredAt: epochMs(Date.now() - 2000) }
  const at = epochMs(Date.now() - 1000)
  session.received({ type: 'agent.attempted', at, data: { evidence, attempt: 1 } })
  session.lost()
  const closed = events.at(-1)
  if (closed?.type !== 'agent.closed') throw new Error('agent.closed is last')
  t.ok(closed.data.seconds >= 0.9 && closed.data.seconds < 10, 'since the request', closed.data)
})

t.test('close gives up on a worker that hangs, and says what that means', async (t) => {
  const { session, events, said } = stage()
  // Nothing else keeps this process up while the deadline runs.
  const awake = setInterval(() => undefined, 1000)
  t.teardown(() => clearInterval(awake))
  const startedAt = performance.now()
  t.match(await session.close(), { packetsSent: 0 })
  t.ok(performance.now() - startedAt < 7000)
  t.same(said, ['close', 'abandoned'])
  t.match(events, [{ type: 'agent.closed', data: { reason: 'worker-lost' } }])
})
