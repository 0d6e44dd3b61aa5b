// The pool of media workers alone: where calls are placed, and what becomes of workers that die, stall or do not start.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { Test } from 'tap'
import { createAnswerMint } from '../../../core/contracts/answer-mint.ts'
import { ms, type CallId, type MediaEvent } from '../../../core/contracts/index.ts'
import { waitFor, waitUntil } from '../../../core/lifecycle/index.ts'
import { createLogger, createMetrics } from '../../../core/telemetry/index.ts'
import { createClock } from '../../../core/time/index.ts'
import type { RecordingKeeper } from '../../../bridge/record/recording-keeper.ts'
import { createAnswerGuard } from '../../../bridge/session/answer-guard.ts'
import { MediaMetrics } from '../../../bridge/worker/media-metrics.ts'
import type { WorkerBirth } from '../../../bridge/worker/messages.ts'
import { openWorkerPool } from '../../../bridge/worker/pool.ts'
import { RemoteSession } from '../../../bridge/worker/remote-session.ts'
import type { StubBirth } from './threads/stub-thread.ts'

const ENTRY = new URL('./threads/stub-thread.ts', import.meta.url)

interface LogLine {
  readonly msg: string
  readonly thread?: string
  readonly reason?: string
}

function openPool(t: Test, births: readonly Partial<StubBirth>[]) {
  const starts = new Int32Array(new SharedArrayBuffer(4))
  const log: LogLine[] = []
  const logger = createLogger('info', { write: (line) => log.push(JSON.parse(line) as LogLine) })
  const metrics = createMetrics()
  const { key } = createAnswerMint()
  const pool = openWorkerPool(
    logger,
    new MediaMetrics(metrics),
    births.map((birth, index) => {
      const port = 20_000 + index
      const whole: StubBirth = {
        port,
        start: 'well',
        startDelayMs: 0,
        lagSeconds: 0,
        starts,
        ...birth,
      }
      // The stub reads no more than this.
      return whole as unknown as WorkerBirth
    }),
    ENTRY,
  )
  t.teardown(() => pool.close())
  /** By call, the number of its worker. */
  const placed: number[] = []
  const open = async (
    callId: string,
    recordings?: RecordingKeeper,
  ): Promise<readonly MediaEvent[]> => {
    const events: MediaEvent[] = []
    const session = await pool.openSession(
      { callId: callId as CallId, line: 'rtp', beside: null, recording: null },
      (local, line) =>
        new RemoteSession({
          callId: callId as CallId,
          local,
          isSecondLeg: false,
          guard: createAnswerGuard(key),
          clock: createClock(),
          line,
          onEvent: (event) => events.push(event),
          loadPrompt: () => Promise.reject(new Error('nothing is played')),
          recordings,
        }),
    )
    placed.push(session.local.port - 20_000)
    if (recordings)
      session.received({ type: 'recording.started', at: createClock().now(), data: {} })
    return events
  }
  const page = async (): Promise<string> => (await metrics.render()).body
  return { pool, open, placed, log, starts, page }
}

const lost = { type: 'agent.closed', data: { reason: 'worker-lost' } }

t.jobs = 4

t.test(
  'a worker that stalls is given up, told and replaced; its neighbour is left alone',
  async (t) => {
    const { log, open, page, pool } = openPool(t, [{}, {}])
    await pool.ready
    const calls = [await open('one'), await open('two'), await open('three')]
    const hangingAt = performance.now()
    const hanging = await open('four-hang')
    t.ok(await waitUntil(() => hanging.length > 0, ms(12_000)), 'noticed')
    const afterMs = performance.now() - hangingAt
    t.ok(afterMs > 4000, 'not before it had its time', { afterMs })
    t.match(hanging, [lost])
    // Four calls on two workers: the one beside it had to go as well, the two others stay.
    t.equal(calls.filter((events) => events.length > 0).length, 1)
    t.equal(pool.sessionCount(), 2)
    t.match(log, [{ msg: 'media worker lost', reason: 'stalled' }])
    t.match(await page(), 'voicegate_media_workers_lost_total{reason="stalled"} 1')
    t.ok(await waitUntil(() => log.length > 1, ms(5000)))
    t.match(log.slice(1), [{ msg: 'media worker replaced', thread: log[0]?.thread }])
    for (const name of ['five', 'six', 'seven', 'eight']) await open(name)
    t.equal(pool.sessionCount(), 6)
  },
)

t.test('a worker that dies is told at once', async (t) => {
  const { log, open, page, pool } = openPool(t, [{}])
  await pool.ready
  const events = await open('one')
  await t.rejects(open('two-crash'), { code: 'MEDIA_EXHAUSTED' })
  t.match(events, [lost])
  t.match(log, [{ msg: 'media worker failed' }, { msg: 'media worker lost', reason: 'died' }])
  t.match(await page(), 'voicegate_media_workers_lost_total{reason="died"} 1')
  t.ok(await waitUntil(() => log.length > 2, ms(5000)))
  await open('three')
})

t.test('a worker that takes its time to start is no stalled one', async (t) => {
  const { log, open, pool } = openPool(t, [{ startDelayMs: 7000 }])
  await pool.ready
  await open('one')
  t.same(log, [])
})

t.test('a first start that fails is told to whoever waits for it', async (t) => {
  const { log, pool } = openPool(t, [{ start: 'stillborn' }])
  await t.rejects(pool.ready, { code: 'INTERNAL', message: 'media-0 ended before it was ready' })
  t.match(log, [{ msg: 'media worker did not start' }])
})

t.test('starts that fail one after the other come ever more slowly', async (t) => {
  const { log, open, pool, starts } = openPool(t, [{ start: 'after-first' }])
  await pool.ready
  await t.rejects(open('one-crash'), { code: 'MEDIA_EXHAUSTED' })
  await sleep(6000)
  // 0.1–0.2 s, 0.2–0.4 s, 0.4–0.8 s, 0.8–1.6 s, 1.6–3.2 s, 3.2–6.4 s.
  t.ok(starts[0]! >= 4 && starts[0]! <= 7, 'no storm', { starts: starts[0] })
  const failed = log.filter(({ msg }) => msg === 'media worker did not start')
  t.ok(failed.length >= starts[0]! - 2, 'each is logged', { failed: failed.length })
  await t.rejects(open('two'), { code: 'MEDIA_EXHAUSTED' })
})

t.test('calls go to the worker with the fewest, but not to one that lags', async (t) => {
  const { open, placed, pool } = openPool(t, [{ lagSeconds: 0.2 }, {}, {}])
  await pool.ready
  await sleep(100)
  for (const callId of ['1', '2', '3', '4', '5']) await open(callId)
  t.same(placed, [1, 2, 1, 2, 1])
})

t.test('all lag: the least busy has to do', async (t) => {
  const { open, placed, pool } = openPool(t, [{ lagSeconds: 0.2 }, { lagSeconds: 0.3 }])
  await pool.ready
  await sleep(100)
  await open('1')
  await open('2')
  t.same(placed, [0, 1])
})

t.test('what one worker died of is not tried on the next', async (t) => {
  const { log, open, pool } = openPool(t, [{}, {}])
  await pool.ready
  await t.rejects(open('1-crash'), { code: 'MEDIA_EXHAUSTED' })
  t.equal(log.filter(({ msg }) => msg === 'media worker lost').length, 1)
  await open('2')
})

t.test('closing waits for no worker that hangs', async (t) => {
  const { open, pool } = openPool(t, [{}])
  await pool.ready
  await open('1-hang')
  await waitFor(pool.close(), { name: 'the pool to close', timeout: ms(6000) })
})

/** Keeps a recording for longer than anything else takes. */
const slowKeeper = (): RecordingKeeper => {
  const rescue = async () => {
    await sleep(300)
    return { type: 'recording.failed', data: { detail: 'mended late' } }
  }
  return { rescue } as unknown as RecordingKeeper
}
const RESCUED = ['recording.started', 'agent.closed', 'recording.failed']

t.test('who closes the pool waits for what a hanging worker had recorded', async (t) => {
  const { open, pool } = openPool(t, [{}])
  await pool.ready
  const events = await open('one-hang', slowKeeper())
  await pool.close()
  t.same(
    events.map(({ type }) => type),
    RESCUED,
  )
})

t.test('and for what one had recorded that died just before', async (t) => {
  const { open, pool } = openPool(t, [{}])
  await pool.ready
  const events = await open('one', slowKeeper())
  await t.rejects(open('two-crash'), { code: 'MEDIA_EXHAUSTED' })
  t.match(events.at(-1), lost, 'told, and not kept yet')
  await pool.close()
  t.same(
    events.map(({ type }) => type),
    RESCUED,
  )
})
