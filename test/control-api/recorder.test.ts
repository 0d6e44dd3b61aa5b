import t from 'tap'
import { createConsequences } from '../../control-api/calls/consequences.ts'
import { openFeed } from '../../control-api/feed/feed.ts'
import { SqlJobQueue } from '../../control-api/jobs/sql-job-queue.ts'
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
import { createLogger, createMetrics } from '../../core/telemetry/index.ts'
import { createClock } from '../../core/time/index.ts'
import {} from '../support/build-app.ts'
import type { Test } from 'tap'
import { migratedDataDir } from '../support/data-folder.ts'

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
  const lines: string[] = []
  const logger = createLogger('debug', { write: (line: string) => void lines.push(line) })
  const real = await openDatabase(logger, { dataDir: await migratedDataDir(t) })
  const disk = { full: false, slow: Promise.resolve() }
  const database: Database = {
    ...real,
    write: (queries) =>
      disk.full
        ? Promise.reject(new AppError('DATABASE_UNAVAILABLE', 'the disk is full'))
        : disk.slow.then(() => real.write(queries)),
  }
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
  return {
    recorder,
    events,
    disk,
    logged: () => lines.join(''),
    calls: createCallRepository(database),
  }
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

t.test('so is the transcript, with all that was said while it refused', async (t) => {
  const { recorder, events, disk, calls } = await open(t)
  const call = identity()
  const { callId } = call
  await recorder.begin(call)
  const say = (at: number, text: string, eventId: number) =>
    events.publish({
      type: 'agent.user_transcript',
      callId,
      at: epochMs(at),
      data: { text, eventId },
    })
  say(1500, 'Hello?', 1)
  disk.full = true
  say(1600, 'Anybody there?', 2)
  events.publish({ type: 'call.ended', callId, at: epochMs(2001), data: { termination } })
  await recorder.drain(ms(100))
  disk.full = false
  await recorder.drain(ms(5000))
  const row = await calls.find(callId)
  t.match(row, { status: 'ended', has_transcript: 1, position: row?.position })
  const texts = async () =>
    (await calls.transcript({ call_id: callId, status: 'ended' })).map(({ text }) => text)
  t.same(await texts(), ['Hello?', 'Anybody there?'])
  say(2500, 'Bye', 3)
  await recorder.drain(ms(1000))
  t.same(await texts(), ['Hello?', 'Anybody there?', 'Bye'], 'and what is told after the end')
  const found = await calls.page({ filter: { words: ['bye', 'hello'] }, limit: 5, after: null })
  t.match(found, { rows: [{ call_id: callId }], next: null })
})

t.test('a flood of words makes a transcript of bounded length', async (t) => {
  const { recorder, events, calls } = await open(t)
  const call = identity()
  const { callId } = call
  await recorder.begin(call)
  for (let i = 1; i <= 100; i += 1) {
    const data = { text: `${i} ${'word '.repeat(3000)}`, eventId: i }
    events.publish({ type: 'agent.user_transcript', callId, at: epochMs(1000 + i), data })
  }
  events.publish({ type: 'call.ended', callId, at: epochMs(2001), data: { termination } })
  await recorder.drain(ms(5000))
  const turns = await calls.transcript({ call_id: callId, status: 'ended' })
  t.ok(turns.length > 20 && turns.length < 40, `${turns.length} turns of 15 kB`)
})

t.test('an agent is named before or after the record is open', async (t) => {
  const { recorder, calls } = await open(t)
  const [early, late] = [identity(), identity()]
  recorder.assign(early.callId, { agent_id: 'agent_early', language: 'de' })
  await recorder.begin(early)
  await recorder.begin(late)
  recorder.assign(late.callId, { agent_id: 'agent_late' })
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

t.test(
  'a record that takes too long refuses the call, and is there when the disk is',
  async (t) => {
    const { recorder, events, disk, calls } = await open(t)
    const stuck = Promise.withResolvers<undefined>()
    disk.slow = stuck.promise
    const call = identity()
    const { callId } = call
    const begun = performance.now()
    const opening = recorder.begin(call)
    await t.rejects(opening, { code: 'DATABASE_UNAVAILABLE', retryable: true })
    const waited = performance.now() - begun
    t.ok(waited > 1900 && waited < 3000, 'after two seconds', { waited })
    events.publish({ type: 'call.ended', callId, at: epochMs(4000), data: { termination } })
    stuck.resolve(undefined)
    await recorder.drain(ms(5000))
    t.match(await calls.find(callId), { status: 'ended' }, 'nothing stays open')
    t.equal([...recorder.open()].length, 0)
  },
)

t.test('a call has at most 10,000 events, and what the ledger needs beyond', async (t) => {
  const { recorder, events, calls, logged } = await open(t)
  const call = identity()
  const { callId } = call
  await recorder.begin(call)
  const at = epochMs(2000)
  const evidence = { dialog: 'd', cseq: 1, answeredAt: at }
  for (let i = 0; i < 10_500; i++) {
    const data = { text: 'x', eventId: i }
    events.publish({ type: 'agent.response', callId, at, data })
    if (i % 500 === 499) await recorder.drain(ms(5000))
  }
  const provisional = { sipStatus: 180, earlyMedia: false }
  events.publish({ type: 'sip.provisional', callId, at, data: provisional })
  events.publish({ type: 'agent.attempted', callId, at, data: { evidence, attempt: 1 } })
  const failed = { attempt: 1, closeCode: 1011, detail: '', seconds: 0.5 }
  events.publish({ type: 'agent.attempt_failed', callId, at, data: failed })
  events.publish({ type: 'agent.attempted', callId, at, data: { evidence, attempt: 2 } })
  events.publish({ type: 'agent.opened', callId, at, data: { evidence, upgradeSentAt: at } })
  events.publish({ type: 'sip.bye', callId, at, data: { direction: 'sent' } })
  const closed = { reason: 'call-ended', closeCode: null, detail: '', seconds: 2 } as const
  events.publish({ type: 'agent.closed', callId, at, data: closed })
  events.publish({ type: 'recording.empty', callId, at, data: {} })
  events.publish({ type: 'call.ended', callId, at, data: { termination } })
  await recorder.drain(ms(5000))
  const types = (await calls.events(callId)).map(({ type }) => type)
  t.equal(types.filter((type) => type === 'agent.response').length, 10_000)
  const attempts = ['agent.attempted', 'agent.attempt_failed', 'agent.attempted', 'agent.opened']
  const ledger = [...attempts, 'sip.bye', 'agent.closed', 'recording.empty', 'call.ended']
  t.same(types.slice(10_000), ['call.record_limited', ...ledger])
  t.equal(logged().match(/a call record is full/g)?.length, 1, 'said once')
  t.match(await calls.find(callId), { status: 'ended', ringing_at: 2000, agent_seconds: 2.5 })
})

t.test('so much text in all, and no more', async (t) => {
  const { recorder, events, calls } = await open(t)
  const { callId, ...rest } = identity()
  await recorder.begin({ callId, ...rest })
  const at = epochMs(2000)
  for (let i = 0; i < 400; i++) {
    const data = { text: 'x'.repeat(16_000), eventId: i }
    events.publish({ type: 'agent.response', callId, at, data })
  }
  events.publish({ type: 'call.ended', callId, at, data: { termination } })
  await recorder.drain(ms(5000))
  const rows = await calls.events(callId)
  const letters = rows.reduce((sum, { data }) => sum + data.length, 0)
  t.ok(letters < 4.1 * 1024 * 1024, `${letters} letters are kept`)
  t.same(
    rows.slice(-2).map(({ type }) => type),
    ['call.record_limited', 'call.ended'],
  )
})

t.test('a long text is cut before it is stored', async (t) => {
  const { recorder, events, calls } = await open(t)
  const call = { ...identity(), from: 'a'.repeat(50_000) }
  const { callId } = call
  await recorder.begin(call)
  const at = epochMs(2000)
  const texts = ['x'.repeat(16_384), 'x'.repeat(16_385), 'ä€😀'.repeat(10_000)]
  for (const text of texts) {
    events.publish({ type: 'agent.response', callId, at, data: { text, eventId: 1 } })
  }
  const conversationId = 'c'.repeat(1_000_000)
  const metadata = { conversationId, inputFormat: 'x', outputFormat: 'x' }
  events.publish({ type: 'agent.metadata', callId, at, data: metadata })
  await recorder.drain(ms(5000))
  const rows = await calls.events(callId)
  const stored = rows.slice(0, 3).map(({ data }) => (JSON.parse(data) as { text: string }).text)
  t.equal(stored[0], texts[0], 'what fits is whole')
  for (const text of stored.slice(1)) {
    t.match(text, /…$/)
    t.notMatch(text, '\ufffd', 'no character is cut in two')
    const bytes = Buffer.byteLength(text)
    t.ok(bytes <= 16_384 && bytes > 16_376, 'as much as fits', { bytes })
  }
  const row = await calls.find(callId)
  t.equal(row?.conversation_id?.length, 16_382)
  t.equal(row?.from_number?.length, 16_382)
})

t.test('an agent session of a call without a record is an error', async (t) => {
  const { events, logged } = await open(t)
  const evidence = { dialog: 'd', cseq: 1, answeredAt: epochMs(1) }
  const { callId } = identity()
  const data = { evidence, attempt: 1 }
  events.publish({ type: 'agent.attempted', callId, at: epochMs(2), data })
  t.match(logged(), `"callId":"${callId}","type":"agent.attempted"`)
  t.match(logged(), /an agent session of a call without an open record/)
})

t.test('the next trunk shows another number: the row says which was seen', (t) => {
  const call = identity()
  const { callId, from } = call
  const prepared = (caller?: string | null): CallEvent => ({
    type: 'sip.invite_prepared',
    callId,
    at: epochMs(1100),
    data: {
      requestUri: 'sip:a@b',
      from: '<sip:c@b>;tag=1',
      sipCallId: 'x',
      proxy: null,
      cseq: 1,
      ...(caller === undefined ? {} : { caller }),
    },
  })
  const row = newCallRow(call, 0.08)
  const after = (event: CallEvent) => ({ ...row, ...foldCall(row, event) })
  t.match(after(prepared('+4930222002')), {
    from_number: '+4930222002',
    from_reversed: '2002220394',
  })
  t.match(after(prepared(null)), { from_number: null, from_reversed: null })
  t.match(after(prepared()), { from_number: from }, 'an old record')
  t.end()
})

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
  type Opened = Extract<CallEvent, { type: 'agent.opened' }>
  const opened = (at: number): Opened => {
    const data = { upgradeSentAt: epochMs(at - 10) } as Opened['data']
    return { type: 'agent.opened', callId, at: epochMs(at), data }
  }
  const dropped = [opened(1200), closed(1500, 3)]
  t.match(fold(dropped), { agent_closed_at: 1500, agent_close_reason: 'call-ended' })
  const open = { agent_closed_at: null, agent_close_reason: null, agent_opened_at: 1190 }
  t.match(fold([...dropped, opened(1600)]), { ...open, agent_sessions: 2, agent_seconds: 3 })
  const twice = [...dropped, opened(1600), closed(1900, 4)]
  t.match(fold(twice), { agent_sessions: 2, agent_seconds: 7, agent_closed_at: 1900 })
  const failed: CallEvent = {
    type: 'agent.attempt_failed',
    callId,
    at: epochMs(1500),
    data: { attempt: 1, closeCode: 1011, detail: '', seconds: 0.5 },
  }
  t.match(fold([failed]), { agent_seconds: 0.5, agent_closed_at: null, agent_close_reason: null })
  t.match(fold([failed, closed(1900, 4)]), { agent_seconds: 4.5 }, 'both attempts are paid for')
  t.end()
})
