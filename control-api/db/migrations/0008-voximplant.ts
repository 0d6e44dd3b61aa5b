// Eighth migration: accounts and applications of Voximplant, what is known of its calls, synchronisations, what telephony
// costs.
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const voximplant: Migration = {
  async up(db: Kysely<unknown>) {
    await extendCalls(db)
    await createAccounts(db)
    await createApplications(db)
    await createCalls(db)
    await createSyncs(db)
  },
}

async function extendCalls(db: Kysely<unknown>): Promise<void> {
  const calls = () => db.schema.alterTable('calls')
  await calls().addColumn('telephony_cost', 'double precision').execute()
  await calls().addColumn('telephony_currency', 'text').execute()
}

async function createAccounts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('voximplant_accounts')
    .addColumn('account_id', 'text', (c) => c.primaryKey())
    .addColumn('account_name', 'text', (c) => c.notNull())
    .addColumn('vendor_account_id', 'text', (c) => c.notNull())
    .addColumn('credential_kind', 'text', (c) => c.notNull())
    .addColumn('credential', 'text', (c) => c.notNull())
    .addColumn('is_active', 'integer', (c) => c.notNull())
    .addColumn('vendor_name', 'text')
    .addColumn('balance', 'double precision')
    .addColumn('currency', 'text')
    .addColumn('permissions', 'text')
    .addColumn('tested_at', 'double precision')
    .addColumn('created_by', 'text', (c) => c.notNull())
    .addColumn('created_at', 'double precision', (c) => c.notNull())
    .addColumn('updated_at', 'double precision', (c) => c.notNull())
    .execute()
}

async function createApplications(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('voximplant_applications')
    .addColumn('application_id', 'text', (c) => c.primaryKey())
    .addColumn('account_id', 'text', (c) => c.notNull())
    .addColumn('application_name', 'text', (c) => c.notNull())
    .addColumn('vendor_application_id', 'text')
    .addColumn('vendor_application_name', 'text')
    .addColumn('rule_id', 'text')
    .addColumn('rule_name', 'text')
    .addColumn('scenario_id', 'text')
    .addColumn('phone_number', 'text')
    .addColumn('elevenlabs_agent_id', 'text', (c) => c.notNull())
    .addColumn('elevenlabs_api_key', 'text')
    .addColumn('signing_key', 'text', (c) => c.notNull())
    .addColumn('options', 'text', (c) => c.notNull())
    .addColumn('pushed_sha256', 'text')
    .addColumn('pushed_at', 'double precision')
    .addColumn('swept_until', 'double precision')
    .addColumn('created_by', 'text', (c) => c.notNull())
    .addColumn('created_at', 'double precision', (c) => c.notNull())
    .addColumn('updated_at', 'double precision', (c) => c.notNull())
    .execute()
  await db.schema
    .createIndex('voximplant_applications_account')
    .on('voximplant_applications')
    .column('account_id')
    .execute()
  // Its secrets and its history are of one application of ours. Any number may be without a link.
  await db.schema
    .createIndex('voximplant_applications_link')
    .unique()
    .on('voximplant_applications')
    .columns(['account_id', 'vendor_application_id'])
    .where(sql.ref('vendor_application_id'), 'is not', null)
    .execute()
}

async function createCalls(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('voximplant_calls')
    .addColumn('call_id', 'text', (c) => c.primaryKey())
    .addColumn('vendor_account_id', 'text', (c) => c.notNull())
    .addColumn('application_id', 'text', (c) => c.notNull())
    .addColumn('session_id', 'text')
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('plan', 'text')
    .addColumn('exchanged_at', 'double precision')
    .addColumn('snapshot', 'text')
    .addColumn('ending', 'text')
    .addColumn('control_url', 'text')
    .addColumn('recording_url', 'text')
    .addColumn('record_id', 'text')
    .addColumn('history_hash', 'text')
    .addColumn('is_pending', 'integer', (c) => c.notNull())
    .addColumn('created_at', 'double precision', (c) => c.notNull())
    .addColumn('updated_at', 'double precision', (c) => c.notNull())
    .addColumn('ended_at', 'double precision')
    .execute()
  const calls = (name: string) =>
    db.schema.createIndex(`voximplant_calls_${name}`).on('voximplant_calls')
  // A session that is told of twice, by its scenario and by the history, is one call.
  await calls('session')
    .unique()
    .columns(['vendor_account_id', 'session_id'])
    .where(sql.ref('session_id'), 'is not', null)
    .execute()
  // For the next start, which takes them over.
  await calls('open').column('call_id').where(sql.ref('ended_at'), 'is', null).execute()
  await calls('pending')
    .columns(['application_id', 'call_id'])
    .where(sql.ref('is_pending'), '=', sql.lit(1))
    .execute()
}

async function createSyncs(db: Kysely<unknown>): Promise<void> {
  const numbers = ['new_calls', 'updated_calls', 'transcripts_synced', 'audios_synced', 'failed']
  let table = db.schema
    .createTable('voximplant_syncs')
    .addColumn('sync_id', 'text', (c) => c.primaryKey())
    .addColumn('application_id', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('origin', 'text', (c) => c.notNull())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('from_at', 'double precision')
    .addColumn('to_at', 'double precision')
    .addColumn('done_until', 'double precision')
    .addColumn('total', 'integer')
    .addColumn('count', 'integer', (c) => c.notNull())
  for (const number of numbers) table = table.addColumn(number, 'integer', (c) => c.notNull())
  await table
    .addColumn('error', 'text')
    .addColumn('created_by', 'text')
    .addColumn('created_at', 'double precision', (c) => c.notNull())
    .addColumn('updated_at', 'double precision', (c) => c.notNull())
    .addColumn('finished_at', 'double precision')
    .execute()
  await db.schema
    .createIndex('voximplant_syncs_application')
    .on('voximplant_syncs')
    .columns(['application_id', 'created_at'])
    .execute()
}
