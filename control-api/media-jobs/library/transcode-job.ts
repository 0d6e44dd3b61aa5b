// media.transcode: makes the web-safe copy of a video. Its row says how far it is; a crash begins it anew.
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ms } from '#core/contracts'
import { AppError, codeOf, messageOf } from '#core/errors'
import { inBackground } from '#core/telemetry'
import type { Principal } from '../../http-server.ts'
import type { Job, JobResult, JobRun } from '../../jobs/job-queue.ts'
import { expectRoom } from '../disk-room.ts'
import { mediaKey } from '../media-keys.ts'
import type { VideoFacts } from '../video/video-facts.ts'
import { forget } from './add-media.ts'
import { copyOut } from './copy-out.ts'
import { noMedia } from './delete-media.ts'
import { announceMedia, type LibraryParts } from './library-parts.ts'
import { isAtWork, transcodeJobOf, transcodeKey } from './stuck-transcodes.ts'
import type { MediaChange } from './media-item-store.ts'
import type { MediaItemRow } from './media-library.ts'

const LEASE = ms(60_000)
const EXTEND_EVERY_MS = 15_000
const MAX_ATTEMPTS = 3
const BUSY_DELAY = ms(10_000)
const PROGRESS_EVERY_MS = 1000

type TranscodeChange = Omit<MediaChange, 'updated_at'>

const BEGUN: TranscodeChange = {
  transcode_state: 'waiting',
  transcode_progress: 0,
  transcode_error: null,
}

/** @throws AppError `NOT_FOUND`, `STATE_CONFLICT`, `VIDEO_TOOLS_MISSING` */
export async function askTranscode(
  parts: LibraryParts,
  mediaId: string,
  by: Pick<Principal, 'keyId'>,
): Promise<{ readonly item: MediaItemRow; readonly isUnderWay: boolean }> {
  const { audit, clock, database, items, jobs, video } = parts
  const item = await items.find(mediaId)
  if (!item) throw noMedia()
  if (item.kind !== 'video')
    throw new AppError('STATE_CONFLICT', 'It is a photo: every browser shows it.')
  const job = isAtWork(item) ? await transcodeJobOf(parts, mediaId) : undefined
  if (job && job.state !== 'parked') return { item, isUnderWay: true }
  if (factsOf(item).isWebSafe || item.transcode_state === 'done') return { item, isUnderWay: false }
  if (!(await video.isInstalled()))
    throw new AppError('VIDEO_TOOLS_MISSING', 'ffmpeg is not installed on this machine.')
  const begin = [
    items.changed(mediaId, { ...BEGUN, updated_at: clock.now() }),
    jobs.enqueued({
      kind: 'media.transcode',
      data: { media_id: mediaId },
      dedupeKey: transcodeKey(mediaId),
    }),
    audit.noted(by, 'media.transcoded', mediaId),
  ]
  // A parked one would stand in the way of the new one.
  if (job) await jobs.giveUp(job.job_id, begin)
  else await database.write(begin)
  jobs.nudge()
  const begun = (await items.find(mediaId)) ?? item
  announceMedia(parts, begun)
  return { item: begun, isUnderWay: true }
}

/** We wrote it ourselves, so its shape is taken on trust. */
const factsOf = (item: MediaItemRow): VideoFacts => JSON.parse(item.facts) as VideoFacts

export function workOnTranscodes(parts: LibraryParts): void {
  const options = { concurrency: 1, lease: LEASE, maxAttempts: MAX_ATTEMPTS }
  parts.jobs.work('media.transcode', options, (job, run) => runTranscode(parts, job, run))
}

async function runTranscode(parts: LibraryParts, job: Job, run: JobRun): Promise<JobResult> {
  const mediaId = String(job.data['media_id'])
  const item = await parts.items.find(mediaId)
  if (!item || item.transcode_state === 'done') return { kind: 'done' }
  const held = holdLease(parts, run)
  try {
    await transcode(parts, item, held)
    return { kind: 'done' }
  } catch (error) {
    // Another run has it, or everything closes: nothing that this one says counts.
    held.signal.throwIfAborted()
    const code = codeOf(error)
    if (code === 'MEDIA_BUSY') return { kind: 'later', delay: BUSY_DELAY }
    const isFinal =
      code === 'MEDIA_DAMAGED' || code === 'VIDEO_TOOLS_MISSING' || code === 'NOT_FOUND'
    if (!isFinal && job.attempt < MAX_ATTEMPTS) throw error
    const why = error instanceof AppError ? messageOf(error) : 'Something broke on our side.'
    await change(parts, mediaId, { transcode_state: 'failed', transcode_error: why })
    if (!isFinal) parts.logger.error({ err: error, mediaId }, 'a video could not be transcoded')
    return { kind: 'done' }
  } finally {
    held.end()
  }
}

interface HeldLease {
  /** Aborted when the lease is lost. */
  readonly signal: AbortSignal
  /** Nobody wants it any more. */
  readonly abandon: () => void
  readonly end: () => void
}

function holdLease({ logger }: LibraryParts, run: JobRun): HeldLease {
  const lost = new AbortController()
  const extend = async (): Promise<void> => {
    if (!(await run.extend()))
      lost.abort(new AppError('TIMED_OUT', 'The lease of the job was lost.'))
  }
  const timer = setInterval(() => {
    inBackground(extend(), logger, 'extending the lease of a transcoding')
  }, EXTEND_EVERY_MS)
  return {
    signal: AbortSignal.any([run.signal, lost.signal]),
    abandon: () => lost.abort(noMedia()),
    end: () => clearInterval(timer),
  }
}

async function transcode(
  parts: LibraryParts,
  item: MediaItemRow,
  { signal, abandon }: HeldLease,
): Promise<void> {
  const { mediaStore, video, workFolder } = parts
  const { media_id: mediaId } = item
  const source = join(workFolder, `transcode-${mediaId}.source`)
  const made = join(workFolder, `transcode-${mediaId}.mp4`)
  const progress = createProgress(parts, mediaId, abandon)
  try {
    await change(parts, mediaId, { ...BEGUN, transcode_state: 'running' })
    // Its copy, and what is made of it.
    await expectRoom(workFolder, 2 * item.bytes)
    await copyOut(mediaStore, { key: item.key, target: source, signal })
    await video.transcode(source, made, {
      durationMs: item.duration_ms ?? 1,
      signal,
      onProgress: (share) => progress.at(share),
    })
    await progress.settled()
    signal.throwIfAborted()
    await keepWebCopy(parts, mediaId, made)
  } finally {
    await progress.settled()
    for (const path of [source, made]) await rm(path, { force: true })
  }
}

async function keepWebCopy(parts: LibraryParts, mediaId: string, made: string): Promise<void> {
  const key = mediaKey(mediaId, 'web.mp4')
  const stored = await parts.mediaStore.putFile(key, made, 'video/mp4')
  const isKept = await change(parts, mediaId, {
    web_key: key,
    web_bytes: stored.bytes,
    web_sha256: stored.sha256,
    transcode_state: 'done',
    transcode_progress: 1,
    transcode_error: null,
  })
  // It was deleted meanwhile.
  if (!isKept) await forget(parts, [key])
}

/** False when it is no longer there. */
async function change(
  parts: LibraryParts,
  mediaId: string,
  changed: TranscodeChange,
): Promise<boolean> {
  const { clock, database, items } = parts
  const [result] = await database.write([
    items.changed(mediaId, { ...changed, updated_at: clock.now() }),
  ])
  const item = result?.changes === 1 ? await items.find(mediaId) : undefined
  if (item) announceMedia(parts, item)
  return item !== undefined
}

/** Written at most each second, one after the other. */
function createProgress(parts: LibraryParts, mediaId: string, abandon: () => void) {
  let writing: Promise<unknown> = Promise.resolve()
  let nextAt = performance.now() + PROGRESS_EVERY_MS
  return {
    at(share: number): void {
      if (performance.now() < nextAt) return
      nextAt = performance.now() + PROGRESS_EVERY_MS
      writing = writing
        .then(() => change(parts, mediaId, { transcode_progress: Math.round(share * 1000) / 1000 }))
        .then((isThere) => {
          if (!isThere) abandon()
        })
        .catch((err: unknown) => parts.logger.warn({ err }, 'progress was not written'))
    },
    settled: () => writing,
  }
}
