// Places at a provider: so many animations are submitted or rendered at a time, the oldest first.
import { sql, type SqlBool } from 'kysely'
import type { Database } from '../../db/database.ts'
import type { AnimationProviderName, AnimationState } from './animation.ts'
import type { AnimationRow } from './animation-row.ts'
import type { OnlyIf } from './animation-store.ts'

const HOLDING: readonly AnimationState[] = ['submitting', 'processing']

export const holdsPlace = (state: AnimationState): boolean => HOLDING.includes(state)

export interface ProviderPlaces {
  /** How many hold one, or are older and ready. */
  ahead(row: AnimationRow): Promise<number>
  /** For the write that takes one. */
  onlyIfFree(row: AnimationRow, maxJobs: number): OnlyIf
  /** The oldest that are ready for those that are free. */
  next(provider: AnimationProviderName, maxJobs: number): Promise<readonly string[]>
}

/** Those whose photo is being fetched, or whose preparation failed just now, hold nobody up. */
const READY = sql<SqlBool>`state = 'queued' and image_url is null and tries = 0`

const aheadOf = ({ provider, created_at: at, task_id: id }: AnimationRow) =>
  sql<number>`(select count(*) from animations as others where others.provider = ${provider}
    and (others.state in ('submitting', 'processing') or (others.state = 'queued'
      and others.image_url is null and others.tries = 0 and (others.created_at < ${at}
        or (others.created_at = ${at} and others.task_id < ${id})))))`

export function createProviderPlaces({ query }: Pick<Database, 'query'>): ProviderPlaces {
  return {
    async ahead(row) {
      const { count } = await query
        .selectFrom('animations')
        .select(aheadOf(row).as('count'))
        .where('task_id', '=', row.task_id)
        .executeTakeFirstOrThrow()
      return count
    },
    onlyIfFree: (row, maxJobs) => () => sql<SqlBool>`${aheadOf(row)} < ${maxJobs}`,
    async next(provider, maxJobs) {
      const { held } = await query
        .selectFrom('animations')
        .select(({ fn }) => fn.countAll<number | string>().as('held'))
        .where('provider', '=', provider)
        .where('state', 'in', HOLDING)
        .executeTakeFirstOrThrow()
      const free = maxJobs - Number(held)
      if (free <= 0) return []
      const rows = await query
        .selectFrom('animations')
        .select('task_id')
        .where('provider', '=', provider)
        .where(READY)
        .orderBy('created_at')
        .orderBy('task_id')
        .limit(free)
        .execute()
      return rows.map(({ task_id: taskId }) => taskId)
    },
  }
}
