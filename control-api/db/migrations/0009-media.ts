// Ninth migration: media of memorials, animations with their steps, webhooks of their vendors.
import { sql, type CreateTableBuilder, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const media: Migration = {
  async up(db: Kysely<unknown>) {
    await createItems(db)
    await createAnimations(db)
    await createSteps(db)
    await createWebhooks(db)
  },
}

type Columns = Readonly<Record<string, 'text' | 'integer' | 'double precision'>>

/** Those that begin with `!` must have a value. */
function withColumns(
  table: CreateTableBuilder<string, string>,
  columns: Columns,
): CreateTableBuilder<string, string> {
  let built = table
  for (const [name, type] of Object.entries(columns))
    built = name.startsWith('!')
      ? built.addColumn(name.slice(1), type, (c) => c.notNull())
      : built.addColumn(name, type)
  return built
}

async function createItems(db: Kysely<unknown>): Promise<void> {
  const table = db.schema.createTable('media_items')
  await withColumns(
    table.addColumn('media_id', 'text', (c) => c.primaryKey()),
    {
      memorial_id: 'text',
      '!kind': 'text',
      '!origin': 'text',
      task_id: 'text',
      '!state': 'text',
      original_name: 'text',
      '!content_type': 'text',
      '!key': 'text',
      '!bytes': 'double precision',
      '!sha256': 'text',
      '!width': 'integer',
      '!height': 'integer',
      duration_ms: 'double precision',
      '!facts': 'text',
      preview_key: 'text',
      web_key: 'text',
      web_bytes: 'double precision',
      web_sha256: 'text',
      transcode_state: 'text',
      transcode_progress: 'double precision',
      transcode_error: 'text',
      '!created_by': 'text',
      '!created_at': 'double precision',
      '!updated_at': 'double precision',
    },
  ).execute()
  const index = (name: string) => db.schema.createIndex(`media_items_${name}`).on('media_items')
  // Newest first: the list, and that of a memorial.
  await index('created').columns(['created_at', 'media_id']).execute()
  await index('memorial').columns(['memorial_id', 'created_at', 'media_id']).execute()
  await index('deleting')
    .column('media_id')
    .where(sql.ref('state'), '=', sql.lit('deleting'))
    .execute()
}

async function createAnimations(db: Kysely<unknown>): Promise<void> {
  const table = db.schema.createTable('animations')
  await withColumns(
    table.addColumn('task_id', 'text', (c) => c.primaryKey()),
    {
      '!provider': 'text',
      '!state': 'text',
      memorial_id: 'text',
      media_id: 'text',
      image_url: 'text',
      '!prompt': 'text',
      voice_id: 'text',
      '!speech': 'text',
      '!submissions': 'integer',
      submissions_allowed: 'integer',
      '!tries': 'integer',
      source_ref: 'text',
      audio_ref: 'text',
      refs_until: 'double precision',
      client_ref: 'text',
      submitting_since: 'double precision',
      '!looks': 'integer',
      provider_job_id: 'text',
      provider_status: 'text',
      result: 'text',
      result_media_id: 'text',
      error: 'text',
      deadline_at: 'double precision',
      watched_until: 'double precision',
      woken_at: 'double precision',
      cancel_asked_at: 'double precision',
      '!created_by': 'text',
      '!created_at': 'double precision',
      submitted_at: 'double precision',
      finished_at: 'double precision',
      '!updated_at': 'double precision',
    },
  ).execute()
  const index = (name: string) => db.schema.createIndex(`animations_${name}`).on('animations')
  await index('created').columns(['created_at', 'task_id']).execute()
  await index('state').columns(['state', 'created_at', 'task_id']).execute()
  // How many a provider has at a time.
  await index('provider').columns(['provider', 'state']).execute()
  await index('provider_job')
    .columns(['provider', 'provider_job_id'])
    .where(sql.ref('provider_job_id'), 'is not', null)
    .execute()
  await index('media').column('media_id').execute()
}

async function createSteps(db: Kysely<unknown>): Promise<void> {
  await withColumns(db.schema.createTable('animation_steps'), {
    '!task_id': 'text',
    '!position': 'integer',
    '!at': 'double precision',
    '!step': 'text',
    '!detail': 'text',
  })
    .addPrimaryKeyConstraint('animation_steps_key', ['task_id', 'position'])
    .execute()
}

async function createWebhooks(db: Kysely<unknown>): Promise<void> {
  await withColumns(db.schema.createTable('animation_messages'), {
    '!provider': 'text',
    '!message_id': 'text',
    '!received_at': 'double precision',
  })
    .addPrimaryKeyConstraint('animation_messages_key', ['provider', 'message_id'])
    .execute()
  await withColumns(
    db.schema
      .createTable('animation_webhooks')
      .addColumn('provider', 'text', (c) => c.primaryKey()),
    {
      '!endpoint_id': 'text',
      '!url': 'text',
      '!secret': 'text',
      '!created_at': 'double precision',
    },
  ).execute()
}
