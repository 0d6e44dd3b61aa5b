// All files of media in the store, held against the database: which of them it names, and which belong to nothing.
import type { MediaStore } from '#core/contracts'
import type { Database } from '../../db/database.ts'
import type { JobRun } from '../../jobs/job-queue.ts'
import { ACTIVE_STATES } from '../animation/animation.ts'
import { keysOf } from '../library/library-parts.ts'
import { MEDIA_PREFIX } from '../library/media-library.ts'
import { isAtWork } from '../library/stuck-transcodes.ts'

export interface SurveyDeps {
  readonly database: Pick<Database, 'query'>
  readonly mediaStore: Pick<MediaStore, 'entries'>
}

export interface SurveyRound {
  /** Epoch ms: younger ones are no orphans yet. */
  readonly before: number
  readonly run: JobRun
  /** More orphans than these are counted, not named. */
  readonly maxNamed: number
}

export interface Survey {
  /** Whatever its name, however young. */
  readonly listed: number
  /** Of these, the database names so many, or an animation brings them in. */
  readonly known: number
  /** Of our making, and not young. */
  readonly old: number
  readonly orphans: number
  readonly named: readonly string[]
}

/** Asked of the database together. */
const BATCH = 200
const OWN = /^media\/(med_[0-9a-f]{24})\.[a-z0-9.]+$/

/** @throws AppError `STORAGE_UNAVAILABLE` */
export async function surveyStore(deps: SurveyDeps, round: SurveyRound): Promise<Survey> {
  const { before, run, maxNamed } = round
  const counts = { listed: 0, known: 0, old: 0, orphans: 0 }
  const named: string[] = []
  const batch = new Map<string, boolean>()
  const look = async (): Promise<void> => {
    const unknown = await unknownOf(deps, [...batch.keys()])
    counts.known += batch.size - unknown.length
    const orphans = unknown.filter((key) => batch.get(key) === true)
    counts.orphans += orphans.length
    named.push(...orphans.slice(0, maxNamed - named.length))
    batch.clear()
    await run.extend()
    run.signal.throwIfAborted()
  }
  for await (const { key, changedAt } of deps.mediaStore.entries(MEDIA_PREFIX)) {
    counts.listed += 1
    if (!OWN.test(key)) continue
    const isOld = changedAt < before
    if (isOld) counts.old += 1
    batch.set(key, isOld)
    if (batch.size >= BATCH) await look()
  }
  if (batch.size > 0) await look()
  return { ...counts, named }
}

/** Those that no medium names, and that are not on their way. At most as many as are asked for together. */
export async function unknownOf(
  { database: { query } }: Pick<SurveyDeps, 'database'>,
  keys: readonly string[],
): Promise<readonly string[]> {
  const ids = [...new Set(keys.map(mediaIdOf))]
  // Before the media: an animation that ends between the two looks is found there.
  const arriving = await query
    .selectFrom('animations')
    .select('result_media_id')
    .where('result_media_id', 'in', ids)
    .where('state', 'in', ACTIVE_STATES)
    .execute()
  const items = await query
    .selectFrom('media_items')
    .select(['media_id', 'key', 'preview_key', 'web_key', 'transcode_state'])
    .where('media_id', 'in', ids)
    .execute()
  const named = new Set(items.flatMap(keysOf))
  const spared = new Set([
    ...arriving.map(({ result_media_id: id }) => id),
    ...items.filter(isAtWork).map((item) => item.media_id),
  ])
  return keys.filter((key) => !named.has(key) && !spared.has(mediaIdOf(key)))
}

const mediaIdOf = (key: string): string => OWN.exec(key)?.[1] ?? ''
