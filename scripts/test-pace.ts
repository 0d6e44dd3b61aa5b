// How many test processes run at a time: two, and more while the processors have time to spare. Many tests wait for
// timers; others want a core. Nobody has to say which does which.
import { cpus } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'

const FEWEST = 2
const MOST = 5
/** Of all processors, over the last second. */
const SPARE = 0.2
/** A process that was just started does not show its load before. */
const LOOK_MS = 1000

export class TestPace {
  readonly #running = new Set<Promise<void>>()
  readonly #most: number

  /** @param most at a time, however much the processors have to spare */
  constructor(most = MOST) {
    this.#most = most
  }

  /** Runs the jobs in their order; gives the control back when all have ended. */
  async run(jobs: readonly (() => Promise<void>)[]): Promise<void> {
    for (const job of jobs) {
      await this.#room()
      const run: Promise<void> = job().finally(() => this.#running.delete(run))
      this.#running.add(run)
    }
    await Promise.all(this.#running)
  }

  async #room(): Promise<void> {
    for (let since = processorTimes(); this.#running.size >= FEWEST;) {
      const looks = await Promise.race([sleep(LOOK_MS, true), ...this.#running])
      if (looks !== true) continue
      const now = processorTimes()
      const spare = (now.idle - since.idle) / (now.all - since.all)
      if (this.#running.size < this.#most && spare >= SPARE) return
      since = now
    }
  }
}

interface ProcessorTimes {
  readonly idle: number
  readonly all: number
}

/** Milliseconds since the machine started, of all processors together. */
function processorTimes(): ProcessorTimes {
  const each = cpus().map(({ times }) => times)
  const idle = each.reduce((sum, times) => sum + times.idle, 0)
  const all = each.flatMap((times) => Object.values(times)).reduce((sum, time) => sum + time, 0)
  return { idle, all }
}
