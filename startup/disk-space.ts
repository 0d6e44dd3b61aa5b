// How full the disk of DATA_DIR is, in the metrics: asked when somebody scrapes, and not by each of them.
import { statfs } from 'node:fs/promises'
import { ms } from '#core/contracts'
import { waitFor } from '#core/lifecycle'
import type { Metrics } from '#core/telemetry'

const AT_MOST_EVERY_MS = 15_000
/** A network disk that is away never answers. */
const ANSWER_WITHIN = ms(1000)
const FOLDER = { folder: 'data' } as const

/** What cannot be read is not shown: the last free space would look like the true one for ever. */
export function exposeDisk(
  metrics: Pick<Metrics, 'set' | 'remove' | 'onScrape'>,
  path: string,
  atMostEveryMs = AT_MOST_EVERY_MS,
): void {
  let askedAtMs = -Infinity
  let asked: Promise<void> | undefined
  const ask = async (): Promise<void> => {
    const { bsize, blocks, bavail } = await statfs(path)
    metrics.set('disk_free_bytes', bavail * bsize, FOLDER)
    metrics.set('disk_size_bytes', blocks * bsize, FOLDER)
  }
  const forget = (): void => {
    metrics.remove('disk_free_bytes', FOLDER)
    metrics.remove('disk_size_bytes', FOLDER)
  }
  metrics.onScrape('the disk of DATA_DIR', async () => {
    // While it does not answer it is not asked again: each question holds a thread of Node's few.
    if (asked === undefined && performance.now() - askedAtMs >= atMostEveryMs) {
      askedAtMs = performance.now()
      asked = ask().finally(() => (asked = undefined))
    }
    if (!asked) return
    try {
      await waitFor(asked, { name: 'an answer', timeout: ANSWER_WITHIN })
    } catch (error) {
      forget()
      throw error
    }
  })
}
