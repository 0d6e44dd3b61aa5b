import { setTimeout as delay } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createConsequences } from '../../control-api/calls/consequences.ts'
import { CallRecorder } from '../../control-api/calls/recorder.ts'
import { createCallRepository } from '../../control-api/calls/repository.ts'
import { openDatabase, type Database } from '../../control-api/db/database.ts'
import { openFeed } from '../../control-api/feed/feed.ts'
import { SqlJobQueue } from '../../control-api/jobs/sql-job-queue.ts'
import {
  epochMs,
  ms,
  newCallId,
  type CallIdentity,
  type Termination,
} from '../../core/contracts/index.ts'
import { AppError } from '../../core/errors/index.ts'
import { createCallEventBus } from '../../core/events/index.ts'
import { createLogger, createMetrics } from '../../core/telemetry/index.ts'
import { createClock } from '../../core/time/index.ts'
import {} from '../support/build-app.ts'
import { migratedDataDir } from '../support/data-folder.ts'

const identity = (): CallIdentity => ({
  callId: newCallId(),
  direction: 'outbound',
  from: '+4930555100',
  to: '+4930123456',
  trunk: 'rehearsal',
  createdAt: epochMs(1000),
  metadata: {},
})
const termination: Termination = {
  result: 'client_error',
  reason: 'busy',
  by: 'callee',
  sipStatus: 486,
}

/** A recorder on a disk that takes what it is given and does not say so, or has a damaged index of words. */
async function open(t: Test) {
  const logger = createLogger('silent')
  const real = await openDatabase(logger, { dataDir: await migratedDataDir(t) })
  const disk = { deaf: false, damaged: false }
  const write: Database['write'] = async (queries) => {
    const hasWords = queries.some((one) => one.compile().sql.includes('insert into "call_words"'))
    if (disk.damaged && hasWords) {
      await delay(20)
      throw new AppError('INTERNAL', 'the index of words is damaged')
    }
    const results = await real.write(queries)
    if (disk.deaf) throw new AppError('DATABASE_UNAVAILABLE', 'it did not answer')
    return results
  }
  const database: Database = { ...real, write }
  const events = createCallEventBus((error) => t.error(error))
  const clock = createClock()
  const feed = await openFeed(database, clock)
  const jobs = new SqlJobQueue({ database, clock, logger, metrics: createMetrics() })
  const consequences = createConsequences({ feed, jobs }, [])
  const deps = { database, consequences, events, clock, logger }
  const recorder = new CallRecorder(deps, { agentPricePerMinute: 0.08 })
  t.teardown(async () => {
    await recorder.close()
    await real.close()
  })
  return { recorder, events, disk, feed, calls: createCallRepository(database) }
}

t.test('what was written without our being told is not told twice', async (t) => {
  const { recorder, events, disk, feed, calls } = await open(t)
  const call = identity()
  const { callId } = call
  await recorder.begin(call)
  disk.deaf = true
  events.publish({ type: 'sip.failed', callId, at: epochMs(2000), data: { sipStatus: 486 } })
  events.publish({ type: 'call.ended', callId, at: epochMs(2001), data: { termination } })
  await recorder.drain(ms(100))
  disk.deaf = false
  await recorder.drain(ms(5000))
  t.equal((await calls.events(callId)).length, 2)
  const told = (await feed.since(0, 10)).map(({ type }) => type)
  t.same(told, ['call.created', 'call.ended'])
})

t.test('an end that is written without its words is told behind what came between', async (t) => {
  const { recorder, events, disk, feed } = await open(t)
  const [mute, other] = [identity(), identity()]
  await recorder.begin(mute)
  const { callId } = mute
  const data = { text: 'Hello?', eventId: 1 }
  events.publish({ type: 'agent.user_transcript', callId, at: epochMs(1500), data })
  await recorder.drain(ms(1000))
  disk.damaged = true
  events.publish({ type: 'call.ended', callId, at: epochMs(2001), data: { termination } })
  await recorder.begin(other)
  const [, between] = await feed.since(0, 10)
  t.match(between, { type: 'call.created', callId: other.callId })
  await recorder.drain(ms(1000))
  const behind = await feed.since(between?.position ?? 0, 10)
  t.match(behind, [{ type: 'call.ended', callId }, { type: 'transcript.ready' }])
})
