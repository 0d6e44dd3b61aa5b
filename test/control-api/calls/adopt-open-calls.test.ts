// An agent that was open when the process ended, of a call that goes on without us: closed, and counted, once.
import t from 'tap'
import { adoptOpenCalls } from '../../../control-api/calls/after-crash/adopt-open-calls.ts'
import type { RecordedListener } from '../../../control-api/calls/recorder.ts'
import { openDatabase } from '../../../control-api/db/database.ts'
import { epochMs, type CallEvent } from '../../../core/contracts/index.ts'
import { createCallEventBus } from '../../../core/events/index.ts'
import { createLogger, createMetrics } from '../../../core/telemetry/index.ts'
import { buildApp, freshDataDir, sample } from '../../support/build-app.ts'

const CLOSED = { reason: 'gateway-crashed', closeCode: null, seconds: 30 } as const

async function cutOff(t: Parameters<typeof buildApp>[0], hasOpened: boolean) {
  const dataDir = await freshDataDir(t)
  const app = await buildApp(t, { dataDir })
  const { callId, createdAt } = await app.control.begin({ provider: 'twilio', trunk: 'twilio' })
  const at = (offsetMs: number) => epochMs(createdAt + offsetMs)
  const evidence = { dialog: 'd', cseq: 1, answeredAt: at(100) }
  app.emit('agent.attempted', callId, { evidence, attempt: 1 }, at(200))
  if (hasOpened) app.emit('agent.opened', callId, { evidence, upgradeSentAt: at(200) }, at(300))
  app.emit('recording.started', callId, {}, at(30_200))
  await app.recorded(callId, hasOpened ? 3 : 2)
  await app.close()
  const database = await openDatabase(createLogger('silent'), { dataDir, url: undefined })
  t.teardown(() => database.close())
  const published: CallEvent[] = []
  const told: RecordedListener[] = []
  const metrics = createMetrics()
  const events = createCallEventBus((error) => {
    throw error
  })
  events.subscribe((event) => published.push(event))
  const recorder = { adopt: () => undefined, onRecorded: told.push.bind(told) }
  await adoptOpenCalls({ database, events, recorder, metrics }, ['twilio'])
  const figures = () =>
    Promise.all(
      ['agent_sessions_total{result="gateway-crashed"}', 'agent_seconds_total'].map((name) =>
        sample(metrics, name),
      ),
    )
  const recorded = () => published.forEach((event) => told.forEach((listener) => listener(event)))
  return { callId, published, figures, recorded }
}

t.test('it is counted once its end is durable: another crash may come first', async (t) => {
  const { callId, published, figures, recorded } = await cutOff(t, true)
  t.match(published, [{ type: 'agent.closed', callId, data: CLOSED }])
  t.same(await figures(), [0, 0])
  recorded()
  t.same(await figures(), [1, 30])
  recorded()
  t.same(await figures(), [1, 30], 'once')
})

t.test('one that was only asked for is in the record, and costs nothing', async (t) => {
  const { published, figures, recorded } = await cutOff(t, false)
  t.match(published, [{ type: 'agent.closed', data: CLOSED }])
  recorded()
  t.same(await figures(), [1, 0])
})
