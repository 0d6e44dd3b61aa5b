// What follows from the end of a call that may be dialled again, written with it: the job that does it, or that what was
// asked for is forgotten.
import type { Consequence } from '../calls/consequences.ts'
import type { Database } from '../db/database.ts'
import { dueAt, firstOf, idOfAttempt } from './next-attempt.ts'

export const redials =
  (query: Database['query']): Consequence =>
  ({ row, event }, jobs) => {
    if (event?.type !== 'call.ended' || row.retry_policy === null) return []
    const of = firstOf(row)
    const due = dueAt(row)
    if (due === null) return [query.deleteFrom('call_requests').where('call_id', '=', of)]
    const attempt = row.attempt + 1
    return [
      jobs.enqueued({
        kind: 'call.redial',
        data: {
          of,
          attempt,
          call_id: idOfAttempt(of, attempt, due),
          after: row.call_id,
          due_at: due,
        },
        dedupeKey: `redial ${of} ${attempt}`,
        runAt: due,
      }),
    ]
  }
