// Files of media in the store that no medium names: what a crash left between the store and the database. They go only
// where the store is ours for sure: a database that is fresh, wrong or restored from long ago names nothing of it, either.
import type { MediaStore } from '#core/contracts'
import type { Logger } from '#core/telemetry'
import type { JobRun } from '../../jobs/job-queue.ts'
import { markAsOurs, ownershipOf, type Ownership, type StoreOwnerDeps } from './store-owner.ts'
import { surveyStore, unknownOf, type Survey } from './survey.ts'

export interface OrphanDeps extends StoreOwnerDeps {
  readonly mediaStore: MediaStore
  readonly logger: Logger
}

export interface OrphanRound {
  /** Epoch ms: younger ones are left alone. */
  readonly before: number
  readonly run: JobRun
}

/** In one round: the rest waits for the next. */
const MAX_DELETED = 500
/** Looked at once more together, as late as can be. */
const BATCH = 50
/** So few go whatever their share is: a crash may have left them in a store that has not much else. */
const FEW = 20

/** Rounds that each say how many they deleted. @throws AppError `STORAGE_UNAVAILABLE` */
export function createOrphanSweep(deps: OrphanDeps): (round: OrphanRound) => Promise<number> {
  const warn = createWarnings(deps.logger)
  return async (round) => {
    const owner = await ownershipOf(deps)
    if (owner.kind === 'foreign') {
      warn.of(owner.kind, { own: owner.ownKey, foreign: owner.foreignKeys }, FOREIGN)
      return 0
    }
    const survey = await surveyStore(deps, { ...round, maxNamed: MAX_DELETED })
    if (owner.kind === 'unmarked') return claim(deps, { owner, survey, warn })
    if (survey.orphans > FEW && survey.orphans > survey.old / 2) {
      const { old: files, orphans } = survey
      warn.of('too-many', { files, orphans }, TOO_MANY)
      return 0
    }
    warn.nothing()
    return deleteAll(deps, survey.named, round.run)
  }
}

const FOREIGN =
  'media in the store that belong to nothing are not deleted: another database marked the store as its own. Give each ' +
  'installation a bucket or folder of its own; if the other one is gone for good, delete its marker from the store'
const UNMARKED =
  'media in the store that belong to nothing are not deleted: the database does not name most of what is there. If it is ' +
  'the wrong database, or an old one, set that right; if all of it is right, put an empty object of the name "own" there'
const TOO_MANY =
  'media in the store that belong to nothing are not deleted: they are more than half of it. If the database was restored ' +
  'from an old backup, restore a newer one, or move what is to be kept; what is not can be deleted by hand'

interface Claim {
  readonly owner: Extract<Ownership, { readonly kind: 'unmarked' }>
  readonly survey: Survey
  readonly warn: Warnings
}

/** Deletes nothing: another may be marking it at the same time, which the next round sees. */
async function claim(deps: OrphanDeps, { owner, survey, warn }: Claim): Promise<0> {
  const { listed, known } = survey
  if (listed > 0 && known <= listed / 2) {
    warn.of(owner.kind, { own: owner.ownKey, files: listed, named: known }, UNMARKED)
    return 0
  }
  await markAsOurs(deps, owner.ownKey)
  warn.nothing()
  return 0
}

async function deleteAll(
  { database, mediaStore }: OrphanDeps,
  keys: readonly string[],
  run: JobRun,
): Promise<number> {
  let deleted = 0
  for (let at = 0; at < keys.length; at += BATCH) {
    await run.extend()
    // Since the survey one may have found its medium: an animation that goes on.
    for (const key of await unknownOf({ database }, keys.slice(at, at + BATCH))) {
      run.signal.throwIfAborted()
      if (await mediaStore.delete(key)) deleted += 1
    }
  }
  return deleted
}

interface Warnings {
  of(kind: string, facts: object, words: string): void
  /** What comes next is said again. */
  nothing(): void
}

/** Each is said when it begins, not each hour. */
function createWarnings(logger: Logger): Warnings {
  let said: string | undefined
  return {
    of(kind, facts, words) {
      if (said !== kind) logger.warn(facts, words)
      said = kind
    },
    nothing() {
      said = undefined
    },
  }
}
