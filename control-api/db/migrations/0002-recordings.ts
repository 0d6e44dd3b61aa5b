// Second migration: what is known of the recording of a call.
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const recordings: Migration = {
  async up(db: Kysely<unknown>) {
    // SQLite adds one column a statement.
    for (const column of ['recording_state', 'recording_key', 'recording_sha256'])
      await db.schema.alterTable('calls').addColumn(column, 'text').execute()
    for (const column of ['recording_bytes', 'recording_duration_ms'])
      await db.schema.alterTable('calls').addColumn(column, 'double precision').execute()
  },
}
