import t from 'tap'
import { foldCall } from '../../control-api/calls/fold-call.ts'
import { newCallRow } from '../../control-api/calls/call-row.ts'
import { CallRecorder } from '../../control-api/calls/recorder.ts'
import { createCallRepository } from '../../control-api/calls/repository.ts'
import { openDatabase, type Database } from '../../control-api/db/database.ts'
import { AppError } from '../../core/errors/index.ts'
import {
  epochMs,
  ms,
  newCallId,
  type CallEvent,
  type CallIdentity,
  type Termination,
} from '../../core/contracts/index.ts'
import { createCallEventBus } from '../../core/events/index.ts'
import { createLogger } from '../../core/telemetry/index.ts'
import { createClock } from '../../core/time/index.ts'
import { freshDataDir } from '../support/build-app.ts'
import type { Test } from 'tap'

const identity = (): CallIdentity => ({
  callId: newCallId(),
  direction: 'outbound',
  from: '+4930555100',
  to: '+4930555000',
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

async function open(t: Test) {
  const logger = createLogger('silent')
  const real = await openDatabase(logger, { dataDir: await freshDataDir(t) })
  const disk = { full: false }
  const database: Database = {
    ...real,
    write: (queries) =>
      disk.full
        ? Promise.reject(new AppError('DATABASE_UNAVAILABLE', 'the disk is full'))
        : real.write(queries),
  }
  const events = createCallEventBus((error) => t.error(error))
  const deps = { database, events, clock: createClock(), logger }
  const recorder = new CallRecorder(deps, { agentPricePerMinute: 0.08 })
  t.teardown(async () => {
    await recorder.close()
    await real.close()
  })
  return { recorder, events, disk, calls: createCallRepository(database) }
}

t.test('events keep their order, however fast they come', async (t) => {
  const { recorder, events, calls } = await open(t)
  const call = identity()
  const opened = recorder.begin(call)
  for (let i = 0; i < 500; i++) {
    const data = { text: `${i}`, eventId: i }
    events.publish({ type: 'agent.response', callId: call.callId, at: epochMs(2000), data })
  }
  await opened
  await recorder.drain(ms(5000))
  const rows = await calls.events(call.callId)
  t.same(
    rows.map(({ seq }) => seq),
    rows.map((_, index) => index),
  )
  t.equal(rows.length, 500)
  t.ok(rows.every(({ data, seq }) => (JSON.parse(data) as { eventId: number }).eventId === seq))
})

t.test('what the disk refused is written when it is back, row and events', async (t) => {
  const { recorder, events, disk, calls } = await open(t)
  const call = identity()
  const { callId } = call
  await recorder.begin(call)
  events.publish({
    type: 'sip.invite',
    callId,
    at: epochMs(1010),
    data: { direction: 'outbound', sipCallId: 's' },
  })
  await recorder.drain(ms(1000))
  disk.full = true
  events.publish({
    type: 'sip.provisional',
    callId,
    at: epochMs(1500),
    data: { sipStatus: 180, earlyMedia: false },
  })
  events.publish({ type: 'sip.failed', callId, at: epochMs(2000), data: { sipStatus: 486 } })
  events.publish({ type: 'call.ended', callId, at: epochMs(2001), data: { termination } })
  await recorder.drain(ms(100))
  t.match(await calls.find(callId), { status: 'dialing', ringing_at: null })
  const heard: string[] = []
  recorder.onRecorded(({ type }) => heard.push(type))
  disk.full = false
  await recorder.drain(ms(5000))
  t.match(await calls.find(callId), { status: 'ended', outcome: 'busy', ringing_at: 1500 })
  const types = (await calls.events(callId)).map(({ type }) => type)
  t.same(types, ['sip.invite', 'sip.provisional', 'sip.failed', 'call.ended'])
  t.same(heard, types.slice(1), 'and reported as durable only then')
})

t.test('an agent is named before or after the record is open', async (t) => {
  const { recorder, calls } = await open(t)
  const [early, late] = [identity(), identity()]
  recorder.assignAgent(early.callId, { agentId: 'agent_early', language: 'de' })
  await recorder.begin(early)
  await recorder.begin(late)
  recorder.assignAgent(late.callId, { agentId: 'agent_late' })
  await recorder.drain(ms(1000))
  t.match(await calls.find(early.callId), { agent_id: 'agent_early', language: 'de' })
  t.match(await calls.find(late.callId), { agent_id: 'agent_late', language: null })
})

t.test(
  'a record that cannot be opened fails the opening, and its events are dropped',
  async (t) => {
    const { recorder, events, disk, calls } = await open(t)
    disk.full = true
    const call = identity()
    await t.rejects(recorder.begin(call), { code: 'DATABASE_UNAVAILABLE' })
    disk.full = false
    events.publish({
      type: 'call.ended',
      callId: call.callId,
      at: epochMs(2001),
      data: { termination },
    })
    await recorder.drain(ms(1000))
    t.equal(await calls.find(call.callId), undefined)
    t.equal([...recorder.open()].length, 0)
  },
)

t.test('the row folds from its events', (t) => {
  const call = identity()
  const { callId } = call
  const fold = (events: readonly CallEvent[]) =>
    events.reduce((row, event) => ({ ...row, ...foldCall(row, event) }), newCallRow(call, 0.08))
  const provisional = (at: number, sipStatus: number, earlyMedia: boolean): CallEvent => ({
    type: 'sip.provisional',
    callId,
    at: epochMs(at),
    data: { sipStatus, earlyMedia },
  })
  t.match(fold([provisional(1100, 100, false)]), { status: 'queued', ringing_at: null })
  t.match(fold([provisional(1100, 180, false)]), { status: 'ringing', ringing_at: 1100 })
  const early = [provisional(1100, 183, true), provisional(1200, 180, false)]
  t.match(fold(early), { status: 'early_media', ringing_at: 1100 }, 'a status never goes back')
  const end: CallEvent = { type: 'call.ended', callId, at: epochMs(2000), data: { termination } }
  t.match(fold([end]), { status: 'ended', outcome: 'busy', termination_sip_status: 486 })
  const again: CallEvent = { ...end, at: epochMs(3000) }
  t.match(fold([end, again]), { ended_at: 2000 }, 'a call ends once')
  const closed = (at: number, seconds: number): CallEvent => ({
    type: 'agent.closed',
    callId,
    at: epochMs(at),
    data: { reason: 'call-ended', closeCode: null, detail: '', seconds },
  })
  t.match(fold([end, closed(2001, 3)]), {
    agent_seconds: 3,
    agent_closed_at: 2001,
    status: 'ended',
  })
  t.match(fold([closed(1500, 3), closed(1900, 4)]), { agent_seconds: 7 }, 'seconds add up')
  t.end()
})
