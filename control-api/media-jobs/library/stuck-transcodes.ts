// Transcodings that no job is at work on any more: one that ended with the whole program, time after time, is parked, and its
// row still says that it runs.
import type { JobState } from '../../jobs/job-queue.ts'
import { announceMedia, type LibraryParts } from './library-parts.ts'
import type { MediaItemRow } from './media-library.ts'

const AT_WORK = ['waiting', 'running'] as const

export const isAtWork = ({ transcode_state: state }: Pick<MediaItemRow, 'transcode_state'>) =>
  AT_WORK.some((one) => one === state)

export const transcodeKey = (mediaId: string): string => `transcode ${mediaId}`

const WHY =
  'The server ended each time while it was at work on it. It may take more memory than there is: ask again, or send a smaller one.'
/** In one round: the rest waits for the next. */
const MAX_ENDED = 100

interface TranscodeJob {
  readonly job_id: string
  readonly state: JobState
}

/** Undefined: there is none, also when an operator gave it up. */
export const transcodeJobOf = (
  { database }: Pick<LibraryParts, 'database'>,
  mediaId: string,
): Promise<TranscodeJob | undefined> =>
  database.query
    .selectFrom('jobs')
    .select(['job_id', 'state'])
    .where('dedupe_key', '=', transcodeKey(mediaId))
    .executeTakeFirst()

/** How many are said to have failed. Whoever asks again begins anew. */
export async function endStuckTranscodes(parts: LibraryParts): Promise<number> {
  const parked = await parts.database.query
    .selectFrom('jobs')
    .select(['job_id', 'data'])
    .where('kind', '=', 'media.transcode')
    .where('state', '=', 'parked')
    .limit(MAX_ENDED)
    .execute()
  let ended = 0
  for (const { job_id: jobId, data } of parked)
    if (await end(parts, jobId, mediaIdOf(data))) ended += 1
  return ended
}

/** We wrote it ourselves, so its shape is taken on trust. */
const mediaIdOf = (data: string): string =>
  (JSON.parse(data) as { readonly media_id: string }).media_id

async function end(parts: LibraryParts, jobId: string, mediaId: string): Promise<boolean> {
  const { clock, database, items, jobs, logger } = parts
  const failed = database.query
    .updateTable('media_items')
    .set({ transcode_state: 'failed', transcode_error: WHY, updated_at: clock.now() })
    .where('media_id', '=', mediaId)
    .where('transcode_state', 'in', AT_WORK)
    // An operator may have retried the job meanwhile.
    .where((where) =>
      where.not(
        where.exists(
          where.selectFrom('jobs').select('job_id').where('dedupe_key', '=', transcodeKey(mediaId)),
        ),
      ),
    )
  if (!(await jobs.giveUp(jobId, [failed]))) return false
  logger.warn({ mediaId }, 'a transcoding was given up: it ended with the server each time')
  const item = await items.find(mediaId)
  if (item) announceMedia(parts, item)
  return true
}
