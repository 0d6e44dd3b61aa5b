// What retention deletes of what others were told.
import { Sweep } from './sweep.ts'

/** Small rows. */
const BATCH = 500
/** Each has a call in it. */
const ANSWERS = 100

/** The feed. Who resumes behind what is gone is told of the gap. */
export async function sweepFeed(sweep: Sweep, before: number): Promise<void> {
  const { query } = sweep.database
  for (let isMore = true; isMore;) {
    const rows = await query
      .selectFrom('feed')
      .select('position')
      .where('position', '<', Sweep.positionAt(before))
      .orderBy('position')
      .limit(BATCH)
      .execute()
    const last = rows.at(-1)
    if (last)
      await sweep.step(() =>
        sweep.database.write([query.deleteFrom('feed').where('position', '<=', last.position)]),
      )
    sweep.count('feed', rows.length)
    isMore = rows.length === BATCH
  }
}

/** Answers kept for an Idempotency-Key, when nobody may ask for them any more: they show calls. */
export async function sweepAnswers(sweep: Sweep, before: number): Promise<void> {
  const { query } = sweep.database
  for (let isMore = true; isMore;) {
    const rows = await query
      .selectFrom('idempotency')
      .select('key')
      .where('created_at', '<', before)
      .orderBy('created_at')
      .limit(ANSWERS)
      .execute()
    const keys = rows.map(({ key }) => key)
    const old = query.deleteFrom('idempotency').where('created_at', '<', before)
    if (keys.length > 0)
      await sweep.step(() => sweep.database.write([old.where('key', 'in', keys)]))
    sweep.count('requests', keys.length)
    isMore = rows.length === ANSWERS
  }
}

/** What came of deliveries; by endpoint, as they are indexed. */
export async function sweepDeliveries(sweep: Sweep, before: number): Promise<void> {
  const endpoints = await sweep.database.query
    .selectFrom('webhook_endpoints')
    .select('endpoint_id')
    .execute()
  for (const { endpoint_id: endpoint } of endpoints)
    for (let isMore = true; isMore;) isMore = await sweepSome(sweep, endpoint, before)
}

/** @returns whether there may be more */
async function sweepSome(sweep: Sweep, endpoint: string, before: number): Promise<boolean> {
  const { query } = sweep.database
  const rows = await query
    .selectFrom('webhook_deliveries')
    .select('feed_position')
    .where('endpoint_id', '=', endpoint)
    .where('feed_position', '<', Sweep.positionAt(before))
    .orderBy('feed_position')
    .limit(BATCH)
    .execute()
  const last = rows.at(-1)
  if (!last) return false
  const some = query.deleteFrom('webhook_deliveries').where('endpoint_id', '=', endpoint)
  await sweep.step(() =>
    sweep.database.write([some.where('feed_position', '<=', last.feed_position)]),
  )
  sweep.count('deliveries', rows.length)
  return rows.length === BATCH
}
