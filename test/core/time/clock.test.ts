import t from 'tap'
import { Worker } from 'node:worker_threads'
import { createClock } from '../../../core/time/index.ts'

t.test('clocks on one anchor agree across threads to a millisecond', async (t) => {
  const clock = createClock()
  const before = clock.now()
  const code = `
    const { parentPort, workerData } = require('node:worker_threads')
    import(workerData.module).then(({ createClock }) => parentPort.postMessage(createClock(workerData.anchor).now()))`
  const module = new URL('../../../core/time/index.ts', import.meta.url).href
  const worker = new Worker(code, { eval: true, workerData: { anchor: clock.anchor, module } })
  const there = await new Promise<number>((resolve) => worker.once('message', resolve))
  t.ok(there >= before, 'not before we asked')
  t.ok(there <= clock.now(), 'not after we heard')
})
