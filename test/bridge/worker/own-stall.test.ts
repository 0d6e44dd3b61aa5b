// The main thread itself stands still, longer than a worker may be silent: that is nobody else's fault.
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { AwakeTime } from '../../../bridge/worker/awake-time.ts'
import { MediaMetrics } from '../../../bridge/worker/media-metrics.ts'
import type { WorkerBirth } from '../../../bridge/worker/messages.ts'
import { openWorkerPool } from '../../../bridge/worker/pool.ts'
import { createLogger, createMetrics } from '../../../core/telemetry/index.ts'
import type { StubBirth } from './threads/stub-thread.ts'

const ENTRY = new URL('./threads/stub-thread.ts', import.meta.url)

t.test('a stall of our own counts as a second', (t) => {
  let nowMs = 0
  const awake = new AwakeTime(() => nowMs)
  nowMs = 500
  t.equal(awake.tick(), 500)
  nowMs = 60_500
  t.equal(awake.tick(), 1000)
  nowMs = 61_000
  t.equal(awake.tick(), 500)
  t.end()
})

t.test('the workers outlive it', async (t) => {
  const log: string[] = []
  const starts = new Int32Array(new SharedArrayBuffer(4))
  const birth: StubBirth = { start: 'well', starts, startDelayMs: 0, port: 20_000, lagSeconds: 0 }
  const pool = openWorkerPool(
    createLogger('info', { write: (line) => log.push(line) }),
    new MediaMetrics(createMetrics()),
    [birth as unknown as WorkerBirth],
    ENTRY,
  )
  t.teardown(() => pool.close())
  await pool.ready
  await sleep(1000)
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 8000)
  await sleep(2000)
  t.same(log, [])
  t.equal(starts[0], 1)
})
