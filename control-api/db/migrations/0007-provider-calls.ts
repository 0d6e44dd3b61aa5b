// Seventh migration: which call of ours is which call of a telephony vendor, and what its owner must know after a restart.
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const providerCalls: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('provider_calls')
      .addColumn('call_id', 'text', (c) => c.primaryKey())
      .addColumn('provider', 'text', (c) => c.notNull())
      .addColumn('provider_call_id', 'text')
      .addColumn('sequence', 'integer', (c) => c.notNull())
      .addColumn('status', 'text', (c) => c.notNull())
      .addColumn('plan', 'text')
      .addColumn('ending', 'text')
      .addColumn('stream_id', 'text')
      .addColumn('recording_id', 'text')
      .addColumn('recording_state', 'text')
      .addColumn('recording_turn', 'text')
      .addColumn('created_at', 'double precision', (c) => c.notNull())
      .addColumn('updated_at', 'double precision', (c) => c.notNull())
      .addColumn('ended_at', 'double precision')
      .execute()
    // A call that comes in twice, as when a webhook is repeated across a restart, is one.
    await db.schema
      .createIndex('provider_calls_vendor')
      .unique()
      .on('provider_calls')
      .columns(['provider', 'provider_call_id'])
      .where(sql.ref('provider_call_id'), 'is not', null)
      .execute()
    // For the next start, which takes them over.
    await db.schema
      .createIndex('provider_calls_open')
      .on('provider_calls')
      .column('call_id')
      .where(sql.ref('ended_at'), 'is', null)
      .execute()
  },
}
