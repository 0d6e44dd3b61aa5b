// A queue of animations, a fifth of which meet something that goes wrong: how long it takes beside the provider’s own time,
// and how often the provider is asked, with webhooks and without.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { workOff, type QueueResult } from '../media-jobs/queue-run.ts'
import type { BenchOptions } from '../options.ts'
import { finding, type Report } from '../report/finding.ts'

const MOST_JOBS = 1000
const RENDER_MS = 1000
const MAX_JOBS = 20
/** Beside rendering one after the other without a gap: faults that are submitted or fetched again are in it. */
const RATIO_GOAL = 2

export async function mediaJobs({ rows, progress }: BenchOptions): Promise<Report> {
  const jobs = Math.min(rows, MOST_JOBS)
  const bare = (jobs * RENDER_MS) / MAX_JOBS / 1000
  const run = async (withWebhooks: boolean): Promise<QueueResult> => {
    const folder = mkdtempSync(join(tmpdir(), 'voicegate-media-jobs-'))
    progress(`${jobs} animations ${withWebhooks ? 'with' : 'without'} webhooks`)
    try {
      const queue = { jobs, renderMs: RENDER_MS, maxJobs: MAX_JOBS }
      const result = await workOff({ ...queue, withWebhooks, folder })
      if (result.wrong.length > 0) throw new Error(`ended wrongly: ${result.wrong.join('; ')}`)
      return result
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  const [told, silent] = [await run(true), await run(false)]
  const took = (what: string, { seconds }: QueueResult) =>
    finding({
      what,
      unit: 's',
      value: seconds,
      beside: { name: 'rendering alone', value: bare },
      goal: { relation: '<=', limit: RATIO_GOAL, of: 'ratio' },
    })
  return {
    name: 'media-jobs',
    title: `${jobs} animations at D-ID, ${MAX_JOBS} at a time, 20 % with faults`,
    findings: [
      took('worked off, with webhooks', told),
      took('worked off, without webhooks', silent),
      finding({
        what: 'questions a job, with webhooks',
        unit: '',
        value: told.polls / jobs,
        beside: { name: 'without', value: silent.polls / jobs },
      }),
      finding({
        what: 'paid more than once',
        unit: '',
        value: told.paid - told.accepted + silent.paid - silent.accepted,
        goal: { relation: '<=', limit: 0, of: 'value' },
      }),
    ],
    notes: [
      'All of them ended as they should: done, or failed where the provider refuses.',
      `Each renders for ${RENDER_MS} ms, and is asked about after 100 to 600 ms: a fiftieth of a minute, and of our 5 to 30 s.`,
      'The video is judged by its bytes, not by ffmpeg.',
    ],
    raw: { told, silent },
  }
}
