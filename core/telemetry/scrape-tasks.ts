// What sets gauges from the truth just before each scrape. One that hangs, as a question to a database may, must not keep
// the page from whoever wants to see just that; and one that fails leaves figures that look true, so it is told.
import { ms } from '../contracts/index.ts'
import { waitFor } from '../lifecycle/index.ts'

/** Prometheus itself gives up after 10 s. */
const WITHIN = ms(2000)

export interface ScrapeTasks {
  /** @param name for whoever is told that it failed */
  add(name: string, collect: () => unknown): void
  /** All at a time; waits for each as long as that is of use. Never rejects. */
  run(): Promise<void>
}

/** @param onFailure told of each that failed or was late, at each scrape; must not throw */
export function createScrapeTasks(onFailure: (name: string, error: unknown) => void): ScrapeTasks {
  const tasks: (() => Promise<void>)[] = []
  return {
    add(name, collect) {
      let running: Promise<unknown> | undefined
      tasks.push(async () => {
        // One that has not come to its end is not begun again: who scrapes meanwhile waits for the same.
        running ??= Promise.try(collect).finally(() => (running = undefined))
        try {
          await waitFor(running, { name, timeout: WITHIN })
        } catch (error) {
          // The other figures are wanted all the same.
          onFailure(name, error)
        }
      })
    },
    async run() {
      await Promise.all(tasks.map((task) => task()))
    },
  }
}
