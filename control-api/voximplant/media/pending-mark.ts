// `voximplant_calls.is_pending`: what somebody can still fetch of a call. Whatever settles transcript or audio has it looked
// at again; the sweep looks at what was settled elsewhere, as by a webhook of the agent's vendor.
import { sql } from 'kysely'
import type { CallId } from '#core/contracts'
import type { Clock } from '#core/time'
import type { Database } from '../../db/database.ts'

export interface PendingMark {
  /** Takes the mark off a call of which nothing is missing. */
  mark(callId: CallId, isAudioMissing: boolean): Promise<void>
  /** The same of some hundred calls of an application. */
  sweep(applicationId: string, isAudioWanted: boolean): Promise<void>
}

const AT_ONCE = 500

export function createPendingMark(
  { query, write }: Pick<Database, 'query' | 'write'>,
  clock: Pick<Clock, 'now'>,
): PendingMark {
  return {
    async mark(callId, isAudioMissing) {
      await write([taken(query, clock.now(), isAudioMissing).where('call_id', '=', callId)])
    },
    async sweep(applicationId, isAudioWanted) {
      const some = query
        .selectFrom('voximplant_calls as one')
        .select('one.call_id')
        .where(sql.ref('one.is_pending'), '=', sql.lit(1))
        .where('one.application_id', '=', applicationId)
        .orderBy('one.call_id')
        .limit(AT_ONCE)
      await write([taken(query, clock.now(), isAudioWanted).where('call_id', 'in', some)])
    },
  }
}

/** Of those that nothing is missing of. */
const taken = (query: Database['query'], now: number, isAudioMissing: boolean) =>
  query
    .updateTable('voximplant_calls')
    .set({ is_pending: 0, updated_at: now })
    .where(sql.ref('is_pending'), '=', sql.lit(1))
    .where((where) =>
      where.not(
        where.exists(
          where
            .selectFrom('conversations')
            .select('conversations.conversation_id')
            .whereRef('conversations.call_id', '=', 'voximplant_calls.call_id')
            .where('conversations.state', '=', 'pending'),
        ),
      ),
    )
    .where((where) =>
      where.exists(
        where
          .selectFrom('calls')
          .select('calls.call_id')
          .whereRef('calls.call_id', '=', 'voximplant_calls.call_id')
          .where((call) =>
            call.or([
              call('calls.recording_state', 'in', ['stored', 'deleted']),
              call('calls.erased_at', 'is not', null),
              call('calls.consent_given', '=', 0),
              ...(isAudioMissing ? [] : [call('calls.call_id', 'is not', null)]),
            ]),
          ),
      ),
    )
