// The statements by which the recorder keeps calls: some thirty for each.
import type { Compilable, Insertable } from 'kysely'
import type { Database } from '../db/database.ts'
import type { CallEventsTable, CallRow, CallUpdate } from '../db/schema.ts'
import { writtenOnce } from '../db/written-once.ts'
import { insertCall } from './call-position.ts'

export interface RecordWrites {
  insertCall(row: CallRow): Compilable
  updateCall(callId: string, columns: CallUpdate): Compilable
  /** Nothing when the call has an event of this number: a commit whose answer was lost had written it. */
  insertEvent(event: Insertable<CallEventsTable>): Compilable
}

export function createRecordWrites(query: Database['query']): RecordWrites {
  const updateCall = writtenOnce<CallUpdate & { readonly call_id: string }>(
    ({ call_id: callId, ...columns }) =>
      query.updateTable('calls').set(columns).where('call_id', '=', callId),
  )
  return {
    insertCall: writtenOnce<CallRow>((row) => insertCall(query, row)),
    updateCall: (callId, columns) => updateCall({ ...columns, call_id: callId }),
    insertEvent: writtenOnce<Insertable<CallEventsTable>>((event) =>
      query
        .insertInto('call_events')
        .values(event)
        .onConflict((conflict) => conflict.columns(['call_id', 'seq']).doNothing()),
    ),
  }
}
