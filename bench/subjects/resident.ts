// The resident set after a garbage collection of every thread: without it the garbage of a warm-up hides what the next
// calls take. Worker threads are reached over the inspector, from inside the process.
import { Session } from 'node:inspector/promises'

interface WorkerReply {
  readonly id?: number
}

class Collector {
  readonly #session = new Session()
  readonly #workers = new Set<string>()
  readonly #waiting = new Map<number, () => void>()
  #asked = 0

  async open(): Promise<this> {
    this.#session.connect()
    this.#session.on('NodeWorker.attachedToWorker', ({ params }) => {
      this.#workers.add(params.sessionId)
    })
    this.#session.on('NodeWorker.detachedFromWorker', ({ params }) => {
      this.#workers.delete(params.sessionId)
    })
    this.#session.on('NodeWorker.receivedMessageFromWorker', ({ params }) => {
      const { id } = JSON.parse(params.message) as WorkerReply
      if (id !== undefined) this.#waiting.get(id)?.()
    })
    await this.#session.post('NodeWorker.enable', { waitForDebuggerOnStart: false })
    return this
  }

  async collect(): Promise<void> {
    await this.#session.post('HeapProfiler.collectGarbage')
    await Promise.all([...this.#workers].map((worker) => this.#collectIn(worker)))
  }

  async #collectIn(sessionId: string): Promise<void> {
    const id = (this.#asked += 1)
    const done = new Promise<void>((resolve) => this.#waiting.set(id, resolve))
    const message = JSON.stringify({ id, method: 'HeapProfiler.collectGarbage' })
    await this.#session.post('NodeWorker.sendMessageToWorker', { message, sessionId })
    await done
    this.#waiting.delete(id)
  }
}

let collector: Promise<Collector> | undefined

/** @param collect false: as it stands, garbage and all */
export async function residentBytes({ collect }: { readonly collect: boolean }): Promise<number> {
  collector ??= new Collector().open()
  const opened = await collector
  if (collect) await opened.collect()
  return process.memoryUsage.rss()
}
