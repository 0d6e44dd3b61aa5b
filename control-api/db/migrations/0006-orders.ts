// Sixth migration: the menu's place in each call, what it asked and was answered, consent with its proof, orders.
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const orders: Migration = {
  async up(db: Kysely<unknown>) {
    await createFlows(db)
    await createConsents(db)
    await createOrders(db)
    await createHistory(db)
  },
}

async function createFlows(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('flow_calls')
    .addColumn('call_id', 'text', (c) => c.primaryKey())
    .addColumn('state', 'text')
    .addColumn('seq', 'integer', (c) => c.notNull())
    .addColumn('language', 'text', (c) => c.notNull())
    .addColumn('has_agent', 'integer', (c) => c.notNull())
    .addColumn('started_at', 'double precision', (c) => c.notNull())
    .addColumn('finished_at', 'double precision')
    .addColumn('ended_at', 'double precision')
    .addColumn('updated_at', 'double precision', (c) => c.notNull())
    .execute()
  // For the next start, which sees to those that a crash cut off.
  await db.schema
    .createIndex('flow_calls_open')
    .on('flow_calls')
    .column('call_id')
    .where(sql.ref('ended_at'), 'is', null)
    .execute()
  // All that statistics read.
  await db.schema
    .createIndex('flow_calls_statistics')
    .on('flow_calls')
    .columns(['started_at', 'finished_at'])
    .execute()
  await db.schema
    .createTable('flow_steps')
    .addColumn('call_id', 'text', (c) => c.notNull())
    .addColumn('seq', 'integer', (c) => c.notNull())
    .addColumn('step', 'text', (c) => c.notNull())
    .addColumn('attempt', 'integer', (c) => c.notNull())
    .addColumn('language', 'text', (c) => c.notNull())
    .addColumn('prompt_version', 'text', (c) => c.notNull())
    .addColumn('asked_at', 'double precision', (c) => c.notNull())
    .addColumn('answered_at', 'double precision')
    .addColumn('answer', 'text')
    .addColumn('digits', 'text')
    .addColumn('turn', 'text')
    .addPrimaryKeyConstraint('flow_steps_pk', ['call_id', 'seq'])
    .execute()
}

async function createConsents(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('consents')
    .addColumn('consent_id', 'text', (c) => c.primaryKey())
    .addColumn('call_id', 'text', (c) => c.notNull())
    .addColumn('provider', 'text', (c) => c.notNull())
    .addColumn('number', 'text')
    .addColumn('at', 'double precision', (c) => c.notNull())
    .addColumn('given', 'integer', (c) => c.notNull())
    .addColumn('prompt_id', 'text', (c) => c.notNull())
    .addColumn('prompt_version', 'text', (c) => c.notNull())
    .addColumn('language', 'text', (c) => c.notNull())
    .addColumn('text_sha256', 'text')
    .addColumn('digit', 'text')
    .addColumn('attempt', 'integer')
    .addColumn('system_version', 'text', (c) => c.notNull())
    .addColumn('withdrawn_at', 'double precision')
    .addColumn('withdrawn_by', 'text')
    .execute()
  await db.schema.createIndex('consents_call').on('consents').columns(['call_id', 'at']).execute()
  await db.schema
    .createIndex('consents_statistics')
    .on('consents')
    .columns(['at', 'given', 'withdrawn_at'])
    .execute()
}

async function createOrders(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('orders')
    .addColumn('order_id', 'text', (c) => c.primaryKey())
    .addColumn('position', 'bigint', (c) => c.notNull().unique())
    .addColumn('order_number', 'text', (c) => c.notNull().unique())
    .addColumn('number_reversed', 'text', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('notes', 'text')
    .addColumn('call_id', 'text')
    .addColumn('created_at', 'double precision', (c) => c.notNull())
    .addColumn('updated_at', 'double precision', (c) => c.notNull())
    .execute()
  for (const column of ['status', 'number_reversed'])
    await db.schema
      .createIndex(`orders_${column}`)
      .on('orders')
      .columns([column, 'position'])
      .execute()
  await db.schema
    .createIndex('orders_call')
    .on('orders')
    .column('call_id')
    .where(sql.ref('call_id'), 'is not', null)
    .execute()
}

async function createHistory(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('order_history')
    .addColumn('order_id', 'text', (c) => c.notNull())
    .addColumn('seq', 'integer', (c) => c.notNull())
    .addColumn('at', 'double precision', (c) => c.notNull())
    .addColumn('who', 'text', (c) => c.notNull())
    .addColumn('kind', 'text', (c) => c.notNull())
    .addColumn('from_value', 'text')
    .addColumn('to_value', 'text')
    .addColumn('call_id', 'text')
    .addPrimaryKeyConstraint('order_history_pk', ['order_id', 'seq'])
    .execute()
  const confirmed = [sql.ref('kind'), '=', sql.lit('confirmed')] as const
  // A caller who confirms the same number twice in a call has confirmed it once.
  await db.schema
    .createIndex('order_history_once')
    .unique()
    .on('order_history')
    .columns(['order_id', 'call_id'])
    .where(...confirmed)
    .execute()
  await db.schema
    .createIndex('order_history_confirmed')
    .on('order_history')
    .columns(['at', 'order_id'])
    .where(...confirmed)
    .execute()
  await db.schema
    .createIndex('order_history_call')
    .on('order_history')
    .column('call_id')
    .where(sql.ref('call_id'), 'is not', null)
    .execute()
}
