// Fourth migration: roles and budgets of keys, sessions, the audit log, jobs, the feed, webhooks, vendor conversations,
// consent and retries of calls, erasures.
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const control: Migration = {
  async up(db: Kysely<unknown>) {
    await extendKeys(db)
    await extendCalls(db)
    await extendIdempotency(db)
    await createAccess(db)
    await createJobs(db)
    await createFeed(db)
    await createWebhooks(db)
    await createConversations(db)
    await createErasures(db)
  },
}

async function extendKeys(db: Kysely<unknown>): Promise<void> {
  const keys = () => db.schema.alterTable('api_keys')
  for (const column of ['name', 'budget']) await keys().addColumn(column, 'text').execute()
  for (const column of ['last_used_at', 'expires_at'])
    await keys().addColumn(column, 'double precision').execute()
  await sql`UPDATE api_keys SET role = 'admin' WHERE role = 'administrator'`.execute(db)
}

async function extendCalls(db: Kysely<unknown>): Promise<void> {
  const calls = () => db.schema.alterTable('calls')
  await calls()
    .addColumn('attempt', 'integer', (c) => c.notNull().defaultTo(1))
    .execute()
  const texts = [
    'retry_of',
    'key_id',
    'consent_prompt_version',
    'consent_language',
    'machine_verdict',
  ]
  for (const column of texts) await calls().addColumn(column, 'text').execute()
  await calls().addColumn('retry_policy', 'text').execute()
  await calls().addColumn('next_attempt_at', 'double precision').execute()
  await calls().addColumn('consent_given', 'integer').execute()
  for (const column of ['vendor_credits', 'vendor_usd'])
    await calls().addColumn(column, 'double precision').execute()
  const times = [
    'consent_at',
    'machine_at',
    'transcript_deleted_at',
    'events_deleted_at',
    'erased_at',
  ]
  for (const column of times) await calls().addColumn(column, 'double precision').execute()
  await indexRetention(db)
  await db.schema
    .createIndex('calls_retry_of')
    .on('calls')
    .columns(['retry_of', 'attempt'])
    .where(sql.ref('retry_of'), 'is not', null)
    .execute()
  await db.schema
    .createTable('call_requests')
    .addColumn('call_id', 'text', (c) => c.primaryKey())
    .addColumn('request', 'text', (c) => c.notNull())
    .addColumn('created_at', 'double precision', (c) => c.notNull())
    .execute()
}

/** What retention has yet to delete, oldest first: what is deleted leaves the index, so that a sweep reads no history. */
async function indexRetention(db: Kysely<unknown>): Promise<void> {
  const kept = (name: string) =>
    db.schema.createIndex(`calls_${name}`).on('calls').column('position')
  await kept('with_audio').where(sql.ref('recording_key'), 'is not', null).execute()
  await kept('with_transcript').where(sql.ref('has_transcript'), '=', sql.lit(1)).execute()
  await kept('with_events').where(sql.ref('events_deleted_at'), 'is', null).execute()
  await kept('with_numbers').where(sql.ref('erased_at'), 'is', null).execute()
}

async function extendIdempotency(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('idempotency').addColumn('call_id', 'text').execute()
  await db.schema.createIndex('idempotency_age').on('idempotency').column('created_at').execute()
  await db.schema.createIndex('idempotency_call').on('idempotency').column('call_id').execute()
}

async function createAccess(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('sessions')
    .addColumn('id_hash', 'text', (c) => c.primaryKey())
    .addColumn('key_id', 'text', (c) => c.notNull())
    .addColumn('created_at', 'double precision', (c) => c.notNull())
    .addColumn('expires_at', 'double precision', (c) => c.notNull())
    .addColumn('last_seen_at', 'double precision', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('audit_log')
    .addColumn('position', 'bigint', (c) => c.primaryKey())
    .addColumn('at', 'double precision', (c) => c.notNull())
    .addColumn('key_id', 'text', (c) => c.notNull())
    .addColumn('action', 'text', (c) => c.notNull())
    .addColumn('target', 'text')
    .addColumn('detail', 'text', (c) => c.notNull())
    .execute()
  for (const column of ['action', 'key_id'])
    await db.schema
      .createIndex(`audit_log_${column}`)
      .on('audit_log')
      .columns([column, 'position'])
      .execute()
  await db.schema
    .createTable('dial_usage')
    .addColumn('key_id', 'text', (c) => c.notNull())
    .addColumn('day', 'text', (c) => c.notNull())
    .addColumn('calls', 'integer', (c) => c.notNull())
    .addPrimaryKeyConstraint('dial_usage_pk', ['key_id', 'day'])
    .execute()
}

async function createJobs(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('jobs')
    .addColumn('job_id', 'text', (c) => c.primaryKey())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('data', 'text', (c) => c.notNull())
    .addColumn('dedupe_key', 'text', (c) => c.unique())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('run_at', 'double precision', (c) => c.notNull())
    .addColumn('attempts', 'integer', (c) => c.notNull())
    .addColumn('lease_token', 'text')
    .addColumn('lease_until', 'double precision')
    .addColumn('last_error', 'text')
    .addColumn('created_at', 'double precision', (c) => c.notNull())
    .addColumn('updated_at', 'double precision', (c) => c.notNull())
    .execute()
  await db.schema
    .createIndex('jobs_due')
    .on('jobs')
    .columns(['kind', 'run_at'])
    .where(sql.ref('state'), '=', sql.lit('waiting'))
    .execute()
  await db.schema
    .createIndex('jobs_leased')
    .on('jobs')
    .column('lease_until')
    .where(sql.ref('state'), '=', sql.lit('running'))
    .execute()
  await db.schema
    .createIndex('jobs_parked')
    .on('jobs')
    .column('job_id')
    .where(sql.ref('state'), '=', sql.lit('parked'))
    .execute()
}

async function createFeed(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('feed')
    .addColumn('position', 'bigint', (c) => c.primaryKey())
    .addColumn('at', 'double precision', (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('call_id', 'text')
    .addColumn('data', 'text', (c) => c.notNull())
    .execute()
  await db.schema.createIndex('feed_call').on('feed').column('call_id').execute()
}

async function createWebhooks(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('webhook_endpoints')
    .addColumn('endpoint_id', 'text', (c) => c.primaryKey())
    .addColumn('url', 'text', (c) => c.notNull())
    .addColumn('types', 'text', (c) => c.notNull())
    .addColumn('description', 'text')
    .addColumn('secret', 'text', (c) => c.notNull())
    .addColumn('former_secret', 'text')
    .addColumn('former_until', 'double precision')
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('failures', 'integer', (c) => c.notNull())
    .addColumn('failed_since', 'double precision')
    .addColumn('feed_position', 'bigint', (c) => c.notNull())
    .addColumn('created_at', 'double precision', (c) => c.notNull())
    .addColumn('updated_at', 'double precision', (c) => c.notNull())
    .execute()
  await db.schema
    .createTable('webhook_deliveries')
    .addColumn('delivery_id', 'text', (c) => c.primaryKey())
    .addColumn('endpoint_id', 'text', (c) => c.notNull())
    .addColumn('feed_position', 'bigint', (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('call_id', 'text')
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('attempts', 'integer', (c) => c.notNull())
    .addColumn('next_at', 'double precision', (c) => c.notNull())
    .addColumn('give_up_at', 'double precision', (c) => c.notNull())
    .addColumn('last_status', 'integer')
    .addColumn('last_error', 'text')
    .addColumn('created_at', 'double precision', (c) => c.notNull())
    .addColumn('delivered_at', 'double precision')
    .execute()
  await db.schema
    .createIndex('webhook_deliveries_due')
    .on('webhook_deliveries')
    .columns(['endpoint_id', 'next_at'])
    .where(sql.ref('state'), '=', sql.lit('waiting'))
    .execute()
  await db.schema
    .createIndex('webhook_deliveries_once')
    .unique()
    .on('webhook_deliveries')
    .columns(['endpoint_id', 'feed_position'])
    .execute()
  await db.schema
    .createIndex('webhook_deliveries_state')
    .on('webhook_deliveries')
    .columns(['endpoint_id', 'state', 'feed_position'])
    .execute()
  await db.schema
    .createIndex('webhook_deliveries_call')
    .on('webhook_deliveries')
    .column('call_id')
    .execute()
}

async function createConversations(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('conversations')
    .addColumn('conversation_id', 'text', (c) => c.primaryKey())
    .addColumn('call_id', 'text', (c) => c.notNull())
    .addColumn('vendor', 'text', (c) => c.notNull())
    .addColumn('agent_id', 'text')
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('vendor_status', 'text')
    .addColumn('started_at', 'double precision')
    .addColumn('duration_seconds', 'double precision')
    .addColumn('cost_credits', 'double precision')
    .addColumn('cost_usd', 'double precision')
    .addColumn('termination_reason', 'text')
    .addColumn('successful', 'text')
    .addColumn('summary', 'text')
    .addColumn('analysis', 'text')
    .addColumn('transcript', 'text')
    .addColumn('charging', 'text')
    .addColumn('audio_key', 'text')
    .addColumn('audio_bytes', 'double precision')
    .addColumn('audio_sha256', 'text')
    .addColumn('fetched_at', 'double precision')
    .addColumn('updated_at', 'double precision', (c) => c.notNull())
    .execute()
  // For retention.
  for (const column of ['audio_key', 'transcript'])
    await db.schema
      .createIndex(`conversations_with_${column}`)
      .on('conversations')
      .column('started_at')
      .where(sql.ref(column), 'is not', null)
      .execute()
  await db.schema.createIndex('conversations_call').on('conversations').column('call_id').execute()
}

async function createErasures(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('erasures')
    .addColumn('erasure_id', 'text', (c) => c.primaryKey())
    .addColumn('number_hash', 'text', (c) => c.notNull())
    // Forgotten when it is done: until then the job needs to know whom to look for.
    .addColumn('number', 'text')
    .addColumn('key_id', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('receipt', 'text')
    .addColumn('created_at', 'double precision', (c) => c.notNull())
    .addColumn('finished_at', 'double precision')
    .execute()
}
