// Loaded before main.ts (`node --import`): ends a thread of the product, or stops it dead, when a proof says so. The
// product itself knows nothing of it.
import { Session } from 'node:inspector/promises'
import { syncBuiltinESMExports } from 'node:module'
import os from 'node:os'
import { isMainThread, type Worker } from 'node:worker_threads'

/** How a thread is lost: gone at once, or never back in its event loop. */
export type ThreadLoss = 'ends' | 'hangs'

export interface KillOrder {
  readonly thread: string
  readonly how: ThreadLoss
}

/** Leaves the processor to others. */
const BLOCK = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)'
/** Two media workers on any machine, so that the calls of one can outlive the other. */
const PROCESSORS = 3

if (isMainThread && process.send !== undefined) {
  os.availableParallelism = () => PROCESSORS
  syncBuiltinESMExports()
  const workers = new Map<string, Worker>()
  process.on('worker', (worker) => {
    workers.set(worker.threadName ?? '', worker)
  })
  process.on('message', ({ thread, how }: KillOrder) => {
    if (how === 'ends') void workers.get(thread)?.terminate()
    else void block(thread)
  })
  // Whoever started it is gone: nobody would ever end it.
  process.on('disconnect', () => process.exit(1))
}

/** As a debugger does it: the thread has no door for this. */
async function block(thread: string): Promise<void> {
  const session = new Session()
  session.connect()
  let isDone = false
  session.on('NodeWorker.attachedToWorker', ({ params }) => {
    // Its successor has the same name.
    if (isDone || !params.workerInfo.title.includes(thread)) return
    isDone = true
    const order = { id: 1, method: 'Runtime.evaluate', params: { expression: BLOCK } }
    const message = JSON.stringify(order)
    void session.post('NodeWorker.sendMessageToWorker', { sessionId: params.sessionId, message })
  })
  await session.post('NodeWorker.enable', { waitForDebuggerOnStart: false })
}
