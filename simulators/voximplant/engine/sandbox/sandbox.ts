// A scenario's thread, as the session sees it.
import { Worker } from 'node:worker_threads'
import type { Arrival, FromThread, ThreadPlan, Wish } from './messages.ts'

/** The vendor gives a session 16 MB; a thread of Node wants some for itself. */
const HEAP_MB = 64

export interface SandboxListener {
  wish(wish: Wish): void
  log(text: string): void
  customData(text: string): void
  /** The scenario threw, or its thread died. May come more than once. */
  broken(text: string): void
}

export interface Sandbox {
  /** The scenario has been read; its listeners are there. Also when it broke. */
  readonly ready: Promise<void>
  arrive(arrival: Arrival): void
  /** Resolves when the scenario has dealt with it, or cannot any more. */
  finishWith(
    name: 'Terminating' | 'Terminated',
    data?: Readonly<Record<string, unknown>>,
  ): Promise<void>
  close(): Promise<void>
}

export function openSandbox(plan: ThreadPlan, listener: SandboxListener): Sandbox {
  const worker = new Worker(new URL('./thread.ts', import.meta.url), {
    workerData: plan,
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  })
  const ready = Promise.withResolvers<undefined>()
  const gone = Promise.withResolvers<undefined>()
  const waiting = new Map<string, () => void>()
  worker.on('message', (message: FromThread) => {
    switch (message.type) {
      case 'ready':
        ready.resolve(undefined)
        return
      case 'log':
        listener.log(message.text)
        return
      case 'customData':
        listener.customData(message.text)
        return
      case 'wish':
        listener.wish(message.wish)
        return
      case 'arrived':
        waiting.get(message.name)?.()
        return
      case 'broken':
        listener.broken(message.text)
        return
      default:
        message satisfies never
    }
  })
  worker.on('error', (error) => listener.broken(error instanceof Error ? error.message : 'error'))
  worker.once('exit', () => {
    ready.resolve(undefined)
    gone.resolve(undefined)
  })
  const arrive = (arrival: Arrival): void => worker.postMessage({ type: 'arrive', arrival })
  return {
    ready: ready.promise,
    arrive,
    finishWith(name, data) {
      const done = new Promise<void>((resolve) => waiting.set(name, resolve))
      arrive({ kind: 'app', name, data })
      return Promise.race([done, gone.promise])
    },
    async close() {
      await worker.terminate()
    },
  }
}
