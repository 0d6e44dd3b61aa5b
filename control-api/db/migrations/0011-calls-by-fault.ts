// Eleventh migration: the calls that somebody failed, newest first. They are few, and answered ones are among them.
import { sql, type Kysely, type SqlBool } from 'kysely'
import type { Migration } from 'kysely/migration'

export const callsByFault: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createIndex('calls_faults')
      .on('calls')
      // Whose fault it was is told without reading the row.
      .columns(['position', 'termination_result', 'termination_reason'])
      .where(
        sql<SqlBool>`termination_result in ('server_error', 'upstream_error', 'indeterminate')`,
      )
      .execute()
  },
}
