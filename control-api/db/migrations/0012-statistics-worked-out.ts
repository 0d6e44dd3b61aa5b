// Twelfth migration: what statistics add up of an ended call stands worked out in their index. To work it out again was a
// third of what SQLite did for the statistics of a year.
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { dialectOf } from '../dialect-of.ts'

export const statisticsWorkedOut: Migration = {
  async up(db: Kysely<unknown>) {
    // PostgreSQL reads an index alone only for columns that stand in it themselves: its own stays as it is.
    if (dialectOf(db) === 'postgres') return
    await db.schema.dropIndex('calls_statistics').execute()
    // As calls/statistics/statistics-query.ts writes them: else SQLite does not know them again. `ended_at` is for the
    // condition alone, without which it takes the index for one that lacks something.
    const counted = sql`agent_seconds * agent_price_per_minute`
    const sparedMs = sql`CASE WHEN agent_id IS NOT NULL THEN coalesce(answered_at, ended_at) - invited_at END`
    await sql`
      CREATE INDEX calls_statistics ON calls (
        position, outcome, trunk, agent_id, consent_given, agent_seconds, vendor_usd,
        (coalesce(answered_at, ended_at) - ringing_at), (ended_at - answered_at),
        (${counted}), (${sparedMs}), (${sparedMs} * agent_price_per_minute), ended_at
      ) WHERE ended_at IS NOT NULL
    `.execute(db)
  },
}
