// What retention deletes of animations: the records of those that are over for so long, with the words that were spoken. Their
// videos go by their own age.
import { OVER_STATES } from '../media-jobs/animation/animation.ts'
import type { Sweep } from './sweep.ts'

/** Of one write. */
const BATCH = 200

export async function sweepAnimations(sweep: Sweep, before: number): Promise<void> {
  for (let isMore = true; isMore;) {
    const due = await dueOf(sweep, before)
    if (due.length > 0) await sweep.step(() => remove(sweep, due))
    isMore = due.length === BATCH
  }
}

async function dueOf({ database }: Sweep, before: number): Promise<readonly string[]> {
  const rows = await database.query
    .selectFrom('animations')
    .select('task_id')
    .where('state', 'in', OVER_STATES)
    .where('updated_at', '<', before)
    .orderBy('updated_at')
    .limit(BATCH)
    .execute()
  return rows.map(({ task_id: taskId }) => taskId)
}

/** But for one that somebody retries just now. */
async function remove(sweep: Sweep, ids: readonly string[]): Promise<void> {
  const { query } = sweep.database
  const [removed] = await sweep.database.write([
    query.deleteFrom('animations').where('task_id', 'in', ids).where('state', 'in', OVER_STATES),
    query
      .deleteFrom('animation_steps')
      .where('task_id', 'in', ids)
      .where('task_id', 'not in', query.selectFrom('animations').select('task_id')),
  ])
  sweep.count('animations', removed?.changes ?? 0)
}
