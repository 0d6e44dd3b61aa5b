// A story of calls that ends in alerts: told of a live product that a Prometheus with impatient rules watches.
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { CallView } from '../product-view.ts'
import { prometheusOptions } from '../prometheus.ts'
import { SCRAPED_MS, startWatched, type Watched, type WatchedOptions } from './watched-product.ts'

export interface StoryOptions extends WatchedOptions {
  /** Beside others, as most of it waits; true where nothing is said. */
  readonly buffered?: boolean
}

export const story = (
  name: string,
  options: StoryOptions | ((t: Test) => Promise<WatchedOptions>),
  tell: (t: Test, watched: Watched) => Promise<void>,
): void => {
  const { buffered = true } = typeof options === 'function' ? {} : options
  void t.test(name, { buffered, ...prometheusOptions }, async (t) => {
    const more = typeof options === 'function' ? await options(t) : options
    const watched = await startWatched(t, { isImpatient: true, ...more })
    await watched.prometheus.until('up{job="voicegate"} == 1', 40_000)
    await sleep(SCRAPED_MS)
    await tell(t, watched)
  })
}

/** Calls to numbers of this ending, at once; gives their ids. */
export const place = ({ product }: Watched, count: number, ending = '00'): Promise<string[]> =>
  Promise.all(
    Array.from({ length: count }, (_, index) =>
      product.view.place(`+49301234${String(index).padStart(3, '0')}${ending}`),
    ),
  )

export const allEnd = (watched: Watched, count: number): Promise<readonly CallView[]> =>
  watched.product.view.allEnded(count)
