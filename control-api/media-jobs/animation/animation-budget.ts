// How many animations the whole node takes on: each may cost money, also when a key is in wrong hands. Counted from the audit
// log, from which nobody can delete: an animation that is canceled and deleted has been asked for all the same.
import { sql, type SqlBool } from 'kysely'
import { AppError } from '#core/errors'
import { createTurns } from '#core/lifecycle'
import type { Clock } from '#core/time'
import type { Database } from '../../db/database.ts'
import { ACTIVE_STATES } from './animation.ts'

export interface AnimationBudget {
  /**
   * One at a time, so that each is counted before the next one counts: one node has a database.
   * @param write what notes it in the audit log
   * @throws AppError `ANIMATION_BUDGET_SPENT`
   */
  spend<T>(write: () => Promise<T>): Promise<T>
}

export interface AnimationBudgetDeps {
  readonly database: Pick<Database, 'query'>
  readonly clock: Pick<Clock, 'now'>
  /** In the last 24 hours. */
  readonly maxADay: number
  /** Waiting, or in work. */
  readonly maxUnderWay?: number | undefined
}

export const DEFAULT_MAX_A_DAY = 200
const MAX_UNDER_WAY = 2000
const DAY_MS = 24 * 3_600_000
const BUSY_SECONDS = 60

export function createAnimationBudget(deps: AnimationBudgetDeps): AnimationBudget {
  const turns = createTurns()
  return {
    spend: (write) =>
      turns.take(async () => {
        await requireLine(deps)
        await requireDay(deps)
        return write()
      }),
  }
}

async function requireLine({
  database,
  maxUnderWay = MAX_UNDER_WAY,
}: AnimationBudgetDeps): Promise<void> {
  const { count } = await database.query
    .selectFrom('animations')
    .select(({ fn }) => fn.countAll<number | string>().as('count'))
    .where('state', 'in', ACTIVE_STATES)
    .executeTakeFirstOrThrow()
  if (Number(count) < maxUnderWay) return
  throw new AppError(
    'ANIMATION_BUDGET_SPENT',
    `${maxUnderWay} animations are under way: no more are taken until some of them are over.`,
    { retryAfterSeconds: BUSY_SECONDS },
  )
}

async function requireDay(deps: AnimationBudgetDeps): Promise<void> {
  const { clock, maxADay } = deps
  const since = clock.now() - DAY_MS
  const { count } = await askedSince(deps, since)
    .select(({ fn }) => fn.countAll<number | string>().as('count'))
    .executeTakeFirstOrThrow()
  const over = Number(count) - maxADay
  if (over < 0) return
  // When this one is a day old, there is room for one.
  const first = await askedSince(deps, since)
    .select('at')
    .orderBy('position')
    .offset(over)
    .limit(1)
    .executeTakeFirst()
  const waitMs = (first?.at ?? since) - since
  throw new AppError(
    'ANIMATION_BUDGET_SPENT',
    `MEDIA_MAX_ANIMATIONS_A_DAY is ${maxADay}, and as many were asked for in the last 24 hours.`,
    { retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1000)) },
  )
}

/** A retry that goes on with what is paid already is none. */
const askedSince = ({ database }: AnimationBudgetDeps, since: number) =>
  database.query
    .selectFrom('audit_log')
    .where('action', 'in', ['animation.asked', 'animation.retried'])
    .where('position', '>=', Math.floor(since * 1000))
    .where(sql<SqlBool>`detail not like '%"paid_already":true%'`)
