// Animations as they are kept. A change counts only for the row as it was read: of two runs of a job, or a run and somebody
// who cancels, one writes.
import { sql, type Compilable, type Expression, type ExpressionBuilder, type SqlBool } from 'kysely'
import type { Database } from '../../db/database.ts'
import type { DatabaseSchema } from '../../db/schema.ts'
import {
  ACTIVE_STATES,
  ANIMATION_STATES,
  OVER_STATES,
  statusOf,
  type AnimationProviderName,
  type AnimationState,
  type AnimationStatus,
} from './animation.ts'
import type {
  AnimationChange,
  AnimationRow,
  AnimationStep,
  AnimationStepRow,
} from './animation-row.ts'

export interface AnimationFilter {
  readonly status?: AnimationStatus | undefined
  readonly provider?: AnimationProviderName | undefined
  readonly memorialId?: string | undefined
  readonly mediaId?: string | undefined
}

/** What becomes of a row, and what is written beside it. */
export interface RowChange {
  readonly set: AnimationChange
  readonly step?: AnimationStep | undefined
  readonly now: number
}

export interface AnimationStore {
  find(taskId: string): Promise<AnimationRow | undefined>
  /** Newest first, those asked for before. */
  page(
    filter: AnimationFilter,
    before: number | null,
    limit: number,
  ): Promise<readonly AnimationRow[]>
  steps(taskId: string): Promise<readonly AnimationStepRow[]>
  /** A time that no other row was asked for at, so that it is its place in the list. */
  freshTime(now: number): number
  /** To be written with its job. */
  added(row: AnimationRow, step: AnimationStep): readonly Compilable[]
  /** The first of them tells by its count whether the row was still as it was read. */
  changed(row: AnimationRow, change: RowChange, only?: OnlyIf): readonly Compilable[]
  /** Finds the row once it is done by a change of this moment: for what is written behind `changed`, and belongs to it. */
  doneAt(row: AnimationRow, now: number): Expression<unknown>
  /** Not of what is under way, which changes its row itself: it looks for this. */
  cancelAsked(taskId: string, now: number): Compilable
  woken(
    of: { readonly taskId: string; readonly provider: AnimationProviderName },
    now: number,
  ): Compilable
  /** The one that has this job at its provider, which is no other’s. */
  taskOf(provider: AnimationProviderName, providerJobId: string): Promise<string | undefined>
  /** Of one that is over; the first of them tells whether it was. */
  removed(taskId: string): readonly Compilable[]
}

/** A condition beside what was read. */
export type OnlyIf = (where: ExpressionBuilder<DatabaseSchema, 'animations'>) => Expression<SqlBool>

const MOST_STEPS = 500

export async function openAnimationStore({
  query,
}: Pick<Database, 'query'>): Promise<AnimationStore> {
  const { newest } = await query
    .selectFrom('animations')
    .select(({ fn }) => fn.max<number | null>('created_at').as('newest'))
    .executeTakeFirstOrThrow()
  let last = newest ?? 0
  return {
    ...createReads(query),
    ...createWrites(query),
    freshTime(now) {
      last = Math.max(last + 1, Math.floor(now))
      return last
    },
  }
}

type Query = Database['query']

const createReads = (query: Query): Pick<AnimationStore, 'find' | 'page' | 'steps' | 'taskOf'> => ({
  find: (taskId) =>
    query.selectFrom('animations').selectAll().where('task_id', '=', taskId).executeTakeFirst(),
  page: (filter, before, limit) => selectPage(query, filter, before).limit(limit).execute(),
  steps: (taskId) =>
    query
      .selectFrom('animation_steps')
      .selectAll()
      .where('task_id', '=', taskId)
      .orderBy('position')
      .limit(MOST_STEPS)
      .execute(),
  async taskOf(provider, providerJobId) {
    const row = await query
      .selectFrom('animations')
      .select('task_id')
      .where('provider', '=', provider)
      .where('provider_job_id', '=', providerJobId)
      .executeTakeFirst()
    return row?.task_id
  },
})

type Writes = Pick<
  AnimationStore,
  'added' | 'changed' | 'doneAt' | 'cancelAsked' | 'woken' | 'removed'
>

const createWrites = (query: Query): Writes => ({
  added: (row, step) => [
    query.insertInto('animations').values(row),
    query.insertInto('animation_steps').values({
      ...{ task_id: row.task_id, position: 1, at: row.created_at },
      ...{ step: step.step, detail: JSON.stringify(step.detail) },
    }),
  ],
  changed: (row, change, only) => changed(query, row, change, only),
  doneAt: (row, now) =>
    query
      .selectFrom('animations')
      .select('task_id')
      .where('task_id', '=', row.task_id)
      // Another's change may have the same version.
      .where('state', '=', 'done')
      .where('updated_at', '=', nextVersion(row, now)),
  cancelAsked: (taskId, now) =>
    query
      .updateTable('animations')
      .set({ cancel_asked_at: now })
      .where('task_id', '=', taskId)
      .where('cancel_asked_at', 'is', null)
      .where('state', 'in', ACTIVE_STATES),
  woken: ({ taskId, provider }, now) =>
    query
      .updateTable('animations')
      .set({ woken_at: now })
      .where('task_id', '=', taskId)
      .where('provider', '=', provider),
  removed: (taskId) => [
    query.deleteFrom('animations').where('task_id', '=', taskId).where('state', 'in', OVER_STATES),
    query
      .deleteFrom('animation_steps')
      .where('task_id', '=', taskId)
      .where('task_id', 'not in', query.selectFrom('animations').select('task_id')),
  ],
})

/** Higher than any before it, whatever the clock says. */
export const nextVersion = ({ updated_at: last }: AnimationRow, now: number): number =>
  Math.max(Math.floor(now), last + 1)

function changed(
  query: Query,
  row: AnimationRow,
  { set, step, now }: RowChange,
  only?: OnlyIf,
): readonly Compilable[] {
  const asRead: OnlyIf = (where) =>
    where.and([
      where('task_id', '=', row.task_id),
      where('state', '=', row.state),
      where('updated_at', '=', row.updated_at),
      // Whoever wakes it meanwhile is heard.
      ...('woken_at' in set
        ? [where('woken_at', row.woken_at === null ? 'is' : '=', row.woken_at)]
        : []),
      ...(only ? [only(where)] : []),
    ])
  const update = query
    .updateTable('animations')
    .set({ ...set, updated_at: nextVersion(row, now) })
    .where(asRead)
  // The step before it, while the row is as it was read: of what comes after, the version alone does not tell whose it is.
  return step === undefined ? [update] : [stepOf(query, { ...step, at: now }, asRead), update]
}

/** Written where the row is as it was read. */
function stepOf(
  query: Query,
  { step, detail, at }: AnimationStep & { readonly at: number },
  asRead: OnlyIf,
): Compilable {
  const text = JSON.stringify(detail)
  return query
    .insertInto('animation_steps')
    .columns(['task_id', 'position', 'at', 'step', 'detail'])
    .expression((from) =>
      from
        .selectFrom('animations')
        .select((inner) => [
          'task_id',
          inner
            .selectFrom('animation_steps as earlier')
            .select(sql<number>`coalesce(max(earlier.position), 0) + 1`.as('next'))
            .whereRef('earlier.task_id', '=', 'animations.task_id')
            .as('position'),
          sql<number>`cast(${at} as double precision)`.as('at'),
          sql<string>`cast(${step} as text)`.as('step'),
          sql<string>`cast(${text} as text)`.as('detail'),
        ])
        .where(asRead),
    )
}

function selectPage(query: Query, filter: AnimationFilter, before: number | null) {
  const { status, provider, memorialId, mediaId } = filter
  let rows = query.selectFrom('animations').selectAll()
  if (status !== undefined) rows = rows.where('state', 'in', statesOf(status))
  if (provider !== undefined) rows = rows.where('provider', '=', provider)
  if (memorialId !== undefined) rows = rows.where('memorial_id', '=', memorialId)
  if (mediaId !== undefined)
    rows = rows.where((one) =>
      one.or([one('media_id', '=', mediaId), one('result_media_id', '=', mediaId)]),
    )
  if (before !== null) rows = rows.where('created_at', '<', before)
  return rows.orderBy('created_at', 'desc')
}

const statesOf = (status: AnimationStatus): readonly AnimationState[] =>
  ANIMATION_STATES.filter((state) => statusOf(state) === status)
