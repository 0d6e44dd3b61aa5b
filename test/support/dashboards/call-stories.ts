// A story of calls that ends in alerts: told of a live product that a Prometheus with impatient rules watches.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { eventually } from '../process.ts'
import { SCRAPED_MS, startWatched, type Watched, type WatchedOptions } from './watched-product.ts'

/** All that it has was scraped, so that what is done to it next is seen to grow. */
export async function startStory(t: Test, options: WatchedOptions): Promise<Watched> {
  const watched = await startWatched(t, { isImpatient: true, ...options })
  await watched.prometheus.until('up{job="voicegate"} == 1', 40_000)
  await sleep(SCRAPED_MS)
  return watched
}

/** Calls to numbers of this ending, and of this beginning, at once; gives their ids. */
export const place = (
  { product }: Watched,
  count: number,
  ending = '00',
  beginning = '+493012',
): Promise<string[]> =>
  Promise.all(
    Array.from({ length: count }, (_, index) =>
      product.view.place(`${beginning}34${String(index).padStart(3, '0')}${ending}`),
    ),
  )

/** Waits until no more calls live than these. */
export const allEnd = ({ product }: Watched, but = 0): Promise<true> =>
  eventually('the end of the calls', 30_000, () => {
    return product.voicegate.gateway.calls.list().length <= but
  })
