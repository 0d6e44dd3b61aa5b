// Code run in a worker thread of this process from outside, as a debugger does: a defect that nobody had to build in.
import { Session } from 'node:inspector/promises'
import type { Test } from 'tap'

/** Starts that code in the worker of that name; what becomes of it is not waited for. */
export async function runInWorker(t: Test, name: string, expression: string): Promise<void> {
  const session = new Session()
  session.connect()
  t.teardown(() => session.disconnect())
  const found = Promise.withResolvers<string>()
  session.on('NodeWorker.attachedToWorker', ({ params }) => {
    if (params.workerInfo.title.includes(name)) found.resolve(params.sessionId)
  })
  await session.post('NodeWorker.enable', { waitForDebuggerOnStart: false })
  const sessionId = await found.promise
  const message = JSON.stringify({ id: 1, method: 'Runtime.evaluate', params: { expression } })
  await session.post('NodeWorker.sendMessageToWorker', { sessionId, message })
}

/** Never comes back to its event loop; and leaves the processor to others, which a test machine needs. */
export const BLOCK = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)'
/** An exception that nobody catches. */
export const THROW = 'setTimeout(() => { throw new Error("a defect") }, 0)'
