// Tenth migration: the calls of one trunk, newest first. A trunk may be new, or have had its calls long ago.
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const callsByTrunk: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.createIndex('calls_trunk').on('calls').columns(['trunk', 'position']).execute()
  },
}
