// What is really kept in memory, in all threads: resident memory says little, as V8 and malloc give back when they like.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Worker } from 'node:worker_threads'
import { residentBytes } from '../bench/subjects/resident.ts'

export interface LiveMemory {
  /** Reachable, this thread's heap and all workers', with the buffers outside of them. */
  readonly liveBytes: number
  readonly residentBytes: number
}

const workers = new Set<Worker>()

// The SIP server's thread is started behind its front door.
process.on('worker', (worker) => {
  workers.add(worker)
  worker.once('exit', () => workers.delete(worker))
})

export async function liveMemory(): Promise<LiveMemory> {
  // Buffers are freed behind the collection that found them.
  for (let times = 0; times < 3; times += 1) {
    await residentBytes({ collect: true })
    await sleep(20)
  }
  const { external, heapUsed, rss } = process.memoryUsage()
  const threads = await Promise.all([...workers].map(keptBy))
  const liveBytes = threads.reduce((sum, bytes) => sum + bytes, heapUsed + external)
  return { liveBytes, residentBytes: rss }
}

async function keptBy(worker: Worker): Promise<number> {
  const { external_memory, used_heap_size } = await worker.getHeapStatistics()
  return external_memory + used_heap_size
}

/** Code that is compiled on the way, caches that fill; a leak of a dozen bytes an input or a kilobyte a call is more. */
const MAX_GROWTH_BYTES = 12e6

export function judgeMemory(
  before: LiveMemory,
  after: LiveMemory,
): { readonly figure: string; readonly problems: readonly string[] } {
  const grown = (now: number, then: number): string =>
    `${(now / 1e6).toFixed(1)} MB (${now >= then ? '+' : ''}${((now - then) / 1e6).toFixed(1)})`
  const live = grown(after.liveBytes, before.liveBytes)
  const figure = `live memory ${live}, resident ${grown(after.residentBytes, before.residentBytes)}`
  const leaks = after.liveBytes - before.liveBytes > MAX_GROWTH_BYTES
  return { figure, problems: leaks ? [`live memory grew: ${live}`] : [] }
}
