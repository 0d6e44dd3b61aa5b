// Rounds that mend what crashes and failures left of media jobs: animations that nobody works on, media whose files could
// not be deleted, and once an hour files that belong to nothing. A job that never ends: put off to the next round.
import { ms, type MediaStore } from '#core/contracts'
import type { Logger } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { Database } from '../../db/database.ts'
import type { JobQueue, JobRun } from '../../jobs/job-queue.ts'
import { MEDIA_TIMING, type MediaTiming } from '../media-timing.ts'
import { createOrphanSweep } from './orphans.ts'
import { deleteStaleParts } from './stale-parts.ts'

export interface MediaSweepDeps {
  readonly database: Pick<Database, 'query' | 'write'>
  readonly mediaStore: MediaStore
  readonly jobs: JobQueue
  readonly clock: Clock
  readonly logger: Logger
}

export interface MediaSweepOptions {
  readonly workFolder: string
  /** Animations that should be worked on and are not: how many are again. */
  readonly reviveAnimations: () => Promise<number>
  /** Media that are being deleted: how many are gone now. */
  readonly finishDeletions: () => Promise<number>
  /** Transcodings that no job is at work on any more: how many are said to have failed. */
  readonly endTranscodes: () => Promise<number>
  /** Other than MEDIA_TIMING, in tests. */
  readonly timing?: Partial<MediaTiming> | undefined
  /** Other than an hour, in tests. */
  readonly orphansEveryMs?: number | undefined
}

const LEASE = ms(120_000)
/** A database that is away for weeks does not end it. */
const MAX_ATTEMPTS = 1_000_000
/**
 * The store is listed for it, which a bucket charges for. First so long after the start: whoever started it with the wrong
 * settings sees that before.
 */
const ORPHANS_EVERY_MS = 3_600_000

type Count = 'revived' | 'deletions' | 'transcodes' | 'orphans' | 'parts'
type Counts = Partial<Record<Count, number>>

/** To be opened before jobs start. */
export async function openMediaSweep(
  deps: MediaSweepDeps,
  options: MediaSweepOptions,
): Promise<void> {
  const timing = { ...MEDIA_TIMING, ...options.timing }
  const round = createRound(deps, { ...options, orphanMs: timing.orphanMs })
  deps.jobs.work(
    'media.sweep',
    { concurrency: 1, lease: LEASE, maxAttempts: MAX_ATTEMPTS },
    async (_job, run) => {
      const done = await round(run)
      if (Object.values(done).some((count) => count > 0))
        deps.logger.info({ ...done }, 'what was left of media jobs was swept')
      return { kind: 'later', delay: ms(timing.sweepEveryMs) }
    },
  )
  await deps.jobs.enqueue({ kind: 'media.sweep', data: {}, dedupeKey: 'media.sweep' })
}

interface RoundOptions extends MediaSweepOptions {
  readonly orphanMs: number
}

function createRound(
  deps: MediaSweepDeps,
  options: RoundOptions,
): (run: JobRun) => Promise<Counts> {
  const { clock } = deps
  const { workFolder, orphansEveryMs = ORPHANS_EVERY_MS } = options
  const deleteOrphans = createOrphanSweep({ ...deps, workFolder })
  let orphansAt = clock.now() + orphansEveryMs
  const failing = new Set<Count>()
  return async (run) => {
    const now = clock.now()
    const parts: [Count, () => Promise<number>][] = [
      ['revived', options.reviveAnimations],
      ['deletions', options.finishDeletions],
      ['transcodes', options.endTranscodes],
    ]
    if (now >= orphansAt) {
      const before = now - options.orphanMs
      parts.push(['orphans', () => deleteOrphans({ before, run })])
      parts.push(['parts', () => deleteStaleParts(workFolder, before)])
      orphansAt = now + orphansEveryMs
    }
    const done: Counts = {}
    for (const [name, part] of parts) {
      done[name] = await attempt(name, part, { deps, failing, run })
      await run.extend()
    }
    return done
  }
}

interface Attempt {
  readonly deps: MediaSweepDeps
  readonly failing: Set<Count>
  readonly run: JobRun
}

/** One part that fails does not hold up the others; said when it begins to. */
async function attempt(
  name: Count,
  part: () => Promise<number>,
  { deps: { logger }, failing, run }: Attempt,
): Promise<number> {
  run.signal.throwIfAborted()
  try {
    const count = await part()
    failing.delete(name)
    return count
  } catch (error) {
    run.signal.throwIfAborted()
    if (!failing.has(name)) logger.warn({ err: error, part: name }, 'sweeping media jobs failed')
    failing.add(name)
    return 0
  }
}
