// An event of a call whose record is closed: a recording that the next start found. It is added behind the last one.
import type { CallEvent, MediaStore } from '#core/contracts'
import type { Database } from '../db/database.ts'
import type { Consequences } from './consequences.ts'
import { foldCall } from './fold-call.ts'
import { createCallRepository } from './repository.ts'

export interface LateEventDeps {
  readonly database: Database
  readonly consequences: Consequences
  readonly mediaStore?: Pick<MediaStore, 'delete'> | undefined
}

/** False when there is no such call. @throws what `Database.write` throws. */
export async function appendLate(
  { database, consequences, mediaStore }: LateEventDeps,
  event: CallEvent,
): Promise<boolean> {
  const { query } = database
  const row = await createCallRepository(database).find(event.callId)
  if (!row) return false
  const isDeleted = row.erased_at !== null || row.recording_state === 'deleted'
  if (event.type === 'recording.stored' && isDeleted) {
    // It lay in the spool when the call was erased, or its recording deleted: nothing brings it back.
    await mediaStore?.delete(event.data.key)
    return true
  }
  const update = foldCall(row, event)
  const following = consequences.of({ row: { ...row, ...update }, event })
  await database.write([
    query.insertInto('call_events').values((insert) => ({
      call_id: event.callId,
      // Counted by the statement itself: another writer may add an event to the same call.
      seq: insert
        .selectFrom('call_events')
        .where('call_id', '=', event.callId)
        .select((last) =>
          last(last.fn.coalesce(last.fn.max('seq'), last.lit(-1)), '+', last.lit(1)).as('next'),
        ),
      at: event.at,
      type: event.type,
      data: JSON.stringify(event.data),
    })),
    ...(Object.keys(update).length === 0
      ? []
      : [query.updateTable('calls').set(update).where('call_id', '=', event.callId)]),
    ...following,
  ])
  consequences.announce(following)
  return true
}
