// A media worker with no media in it, which fails as it is told to: at its birth, or by the call it is asked to open.
import { parentPort, workerData } from 'node:worker_threads'
import type { FromWorker, ToWorker } from '../../../../bridge/worker/messages.ts'

export interface StubBirth {
  /** `stillborn` ends before it is ready, from its second start on `after-first`. */
  readonly start: 'well' | 'stillborn' | 'after-first'
  /** Counts the starts of one pool. */
  readonly starts: Int32Array
  readonly startDelayMs: number
  /** Of every session. */
  readonly port: number
  /** What it tells of its event loop. */
  readonly lagSeconds: number
}

const { lagSeconds, port, start, startDelayMs, starts } = workerData as StubBirth
const post = (message: FromWorker): void => parentPort?.postMessage(message)
const started = Atomics.add(starts, 0, 1) + 1
if (start === 'stillborn' || (start === 'after-first' && started > 1)) process.exit(1)

parentPort?.on('message', (message: ToWorker) => {
  if (message.type === 'close')
    post({ type: 'open-failed', session: message.session, code: 'INTERNAL', message: 'a stub' })
  if (message.type !== 'open') return
  const {
    birth: { callId },
    session,
  } = message
  if (callId.endsWith('crash')) throw new Error('a defect')
  post({ type: 'opened', session, local: { address: '127.0.0.1', port } })
  if (callId.endsWith('hang')) for (;;);
})

/** Blocks, as loading a large program on a starved machine would. */
if (startDelayMs > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, startDelayMs)
const tell = (): void =>
  post({
    type: 'tally',
    report: {
      counters: [],
      observations: [],
      gauges: { portsInUse: 0, eventLoopLagSeconds: lagSeconds },
      gcPauses: [],
    },
  })
setInterval(tell, 1000)
post({ type: 'ready' })
tell()
