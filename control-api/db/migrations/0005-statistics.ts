// Fifth migration: all that statistics read of an ended call, in one index, in the order of the lists.
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export const statistics: Migration = {
  async up(db: Kysely<unknown>) {
    // Of ended calls alone: a call enters it once, with its end, and not with each event of its life.
    await db.schema
      .createIndex('calls_statistics')
      .on('calls')
      .columns([
        'position',
        'outcome',
        'trunk',
        'agent_id',
        'consent_given',
        'invited_at',
        'ringing_at',
        'answered_at',
        'ended_at',
        'agent_seconds',
        'agent_price_per_minute',
        'vendor_usd',
      ])
      .where(sql.ref('ended_at'), 'is not', null)
      .execute()
  },
}
