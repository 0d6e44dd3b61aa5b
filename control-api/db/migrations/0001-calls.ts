// First migration: calls and their events, API keys, idempotency keys.
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const calls: Migration = {
  async up(db: Kysely<unknown>) {
    await createCalls(db)
    await db.schema
      .createTable('call_events')
      .addColumn('call_id', 'text', (c) => c.notNull().references('calls.call_id'))
      .addColumn('seq', 'integer', (c) => c.notNull())
      .addColumn('at', 'double precision', (c) => c.notNull())
      .addColumn('type', 'text', (c) => c.notNull())
      .addColumn('data', 'text', (c) => c.notNull())
      .addPrimaryKeyConstraint('call_events_pk', ['call_id', 'seq'])
      .execute()
    await db.schema
      .createTable('api_keys')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('role', 'text', (c) => c.notNull())
      .addColumn('secret_hash', 'text', (c) => c.notNull())
      .addColumn('created_at', 'double precision', (c) => c.notNull())
      .addColumn('revoked_at', 'double precision')
      .execute()
    await db.schema
      .createTable('idempotency')
      .addColumn('key', 'text', (c) => c.primaryKey())
      .addColumn('body_hash', 'text', (c) => c.notNull())
      .addColumn('state', 'text', (c) => c.notNull())
      .addColumn('status', 'integer')
      .addColumn('response', 'text')
      .addColumn('created_at', 'double precision', (c) => c.notNull())
      .execute()
  },
}

async function createCalls(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('calls')
    .addColumn('call_id', 'text', (c) => c.primaryKey())
    .addColumn('provider', 'text', (c) => c.notNull())
    .addColumn('direction', 'text', (c) => c.notNull())
    .addColumn('from_number', 'text')
    .addColumn('to_number', 'text', (c) => c.notNull())
    .addColumn('trunk', 'text', (c) => c.notNull())
    .addColumn('application_id', 'text')
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('outcome', 'text')
    .addColumn('review_status', 'text')
    .addColumn('termination_result', 'text')
    .addColumn('termination_reason', 'text')
    .addColumn('termination_by', 'text')
    .addColumn('termination_sip_status', 'integer')
    .addColumn('created_at', 'double precision', (c) => c.notNull())
    .addColumn('invited_at', 'double precision')
    .addColumn('ringing_at', 'double precision')
    .addColumn('answered_at', 'double precision')
    .addColumn('ended_at', 'double precision')
    .addColumn('agent_id', 'text')
    .addColumn('conversation_id', 'text')
    .addColumn('agent_opened_at', 'double precision')
    .addColumn('agent_closed_at', 'double precision')
    .addColumn('agent_close_reason', 'text')
    .addColumn('agent_sessions', 'integer', (c) => c.notNull())
    .addColumn('agent_seconds', 'double precision', (c) => c.notNull())
    .addColumn('agent_price_per_minute', 'double precision', (c) => c.notNull())
    .addColumn('open_ms_after_answer', 'double precision')
    .addColumn('language', 'text')
    .addColumn('metadata', 'text', (c) => c.notNull())
    .execute()
  await db.schema
    .createIndex('calls_newest')
    .on('calls')
    .columns(['created_at desc', 'call_id'])
    .execute()
  await db.schema.createIndex('calls_status').on('calls').column('status').execute()
}
