// A session whose worker has stopped answering.
import t from 'tap'
import { createAnswerMint } from '../../../core/contracts/answer-mint.ts'
import { epochMs, newCallId, type MediaEvent } from '../../../core/contracts/index.ts'
import { createClock } from '../../../core/time/index.ts'
import { createLogger } from '../../../core/telemetry/index.ts'
import { RecordingKeeper } from '../../../bridge/record/recording-keeper.ts'
import { createAnswerGuard } from '../../../bridge/session/answer-guard.ts'
import { RemoteSession } from '../../../bridge/worker/remote-session.ts'

function stage(recordings?: RecordingKeeper, isSecondLeg = false) {
  const events: MediaEvent[] = []
  const said: string[] = []
  const session = new RemoteSession({
    callId: newCallId(),
    local: { address: '127.0.0.1', port: 20_000 },
    guard: createAnswerGuard(createAnswerMint().key),
    clock: createClock(),
    isSecondLeg,
    line: {
      session: 1,
      thread: 'media-0',
      post: ({ type }) => said.push(type),
      abandon: () => said.push('abandoned'),
    },
    loadPrompt: () => Promise.reject(new Error('no prompts here')),
    recordings,
    onEvent: (event) => events.push(event),
  })
  return { session, events, said }
}

t.test('an upgrade in flight when the worker dies is money', async (t) => {
  const { session, events } = stage()
  const evidence = { dialog: 'd', cseq: 1, answeredAt: epochMs(Date.now() - 2000) }
  const at = epochMs(Date.now() - 1000)
  session.received({ type: 'agent.attempted', at, data: { evidence, attempt: 1 } })
  session.lost('the media worker died')
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
  t.match(await session.close(), { sent: { packets: 0 } })
  t.ok(performance.now() - startedAt < 9000)
  t.same(said, ['close', 'abandoned'])
  t.match(events, [{ type: 'agent.closed', data: { reason: 'worker-lost' } }])
})

const NOTHING = {
  received: { packets: 0, lost: null, jitterMs: null, mos: null },
  sent: { packets: 0, lost: null, jitterMs: null, mos: null },
  roundTripMs: null,
  packetsRejected: 0,
  concealedMs: 0,
  underruns: 0,
}

t.test('a recording that was begun is settled, whatever comes of it', async (t) => {
  const empty = stage()
  const at = epochMs(Date.now())
  empty.session.received({ type: 'recording.started', at, data: {} })
  empty.session.closed({ stats: NOTHING, recorded: null })
  t.match(empty.events.slice(1), [{ type: 'recording.empty' }], 'nothing was heard: no failure')
  t.equal(empty.events.length, 2)
  const failed = stage()
  failed.session.received({ type: 'recording.started', at, data: {} })
  failed.session.received({ type: 'recording.failed', at, data: { detail: 'ENOSPC' } })
  failed.session.closed({ stats: NOTHING, recorded: null })
  t.equal(failed.events.length, 2, 'told once')
  const rescued = stage(new RecordingKeeper(createLogger('silent'), {} as never, t.testdir({})))
  rescued.session.received({ type: 'recording.started', at, data: {} })
  rescued.session.lost('the media worker died')
  await rescued.session.close()
  t.equal(rescued.events.at(-1)?.type, 'recording.failed', 'a rescue that finds nothing is one')
})

t.test('the file of a worker that hangs is left alone: it may be written yet', async (t) => {
  const kept: string[] = []
  const recordings = new RecordingKeeper(
    createLogger('silent'),
    { putFile: (key: string) => Promise.reject(new Error(kept.push(key).toString())) } as never,
    t.testdir({}),
  )
  const { session, events } = stage(recordings)
  const awake = setInterval(() => undefined, 1000)
  t.teardown(() => clearInterval(awake))
  session.received({ type: 'recording.started', at: epochMs(Date.now()), data: {} })
  await session.close()
  t.match(events.slice(1), [
    { type: 'recording.failed', data: { detail: /does not answer/ } },
    { type: 'agent.closed' },
  ])
  t.equal(events.length, 3)
})
