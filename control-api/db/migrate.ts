// Brings the tables up to date. The list is written out: no folder is scanned at run time.
import type { Kysely } from 'kysely'
import { Migrator, type Migration } from 'kysely/migration'
import { AppError } from '#core/errors'
import type { Logger } from '#core/telemetry'
import { calls } from './migrations/0001-calls.ts'
import { recordings } from './migrations/0002-recordings.ts'
import { transcripts } from './migrations/0003-transcripts.ts'
import { control } from './migrations/0004-control.ts'
import { statistics } from './migrations/0005-statistics.ts'
import { orders } from './migrations/0006-orders.ts'
import { providerCalls } from './migrations/0007-provider-calls.ts'
import { voximplant } from './migrations/0008-voximplant.ts'
import { media } from './migrations/0009-media.ts'
import { callsByTrunk } from './migrations/0010-calls-by-trunk.ts'
import { callsByFault } from './migrations/0011-calls-by-fault.ts'
import { statisticsWorkedOut } from './migrations/0012-statistics-worked-out.ts'
import type { DatabaseSchema } from './schema.ts'

const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-calls': calls,
  '0002-recordings': recordings,
  '0003-transcripts': transcripts,
  '0004-control': control,
  '0005-statistics': statistics,
  '0006-orders': orders,
  '0007-provider-calls': providerCalls,
  '0008-voximplant': voximplant,
  '0009-media': media,
  '0010-calls-by-trunk': callsByTrunk,
  '0011-calls-by-fault': callsByFault,
  '0012-statistics-worked-out': statisticsWorkedOut,
}

/** What a database of this version has been through, in order. */
export const MIGRATION_NAMES: readonly string[] = Object.keys(MIGRATIONS)

/**
 * @param upTo the last one to run, for who needs a database of an earlier version; all of them unless told
 * @throws what a migration threw; its changes are undone
 */
export async function migrate(
  db: Kysely<DatabaseSchema>,
  logger: Logger,
  upTo?: string,
): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: () => Promise.resolve({ ...MIGRATIONS }) },
  })
  const migrations = (await migrator.getMigrations()).filter(({ executedAt }) => !executedAt)
  if (migrations.length > 0)
    logger.info(
      { migrations: migrations.map(({ name }) => name) },
      'bringing the database up to date: years of calls take minutes',
    )
  const { error, results } = await (upTo === undefined
    ? migrator.migrateToLatest()
    : migrator.migrateTo(upTo))
  for (const { migrationName, status } of results ?? []) {
    logger.info({ migration: migrationName, status }, 'database migration')
  }
  if (error === undefined) return
  throw error instanceof Error
    ? error
    : new AppError('INTERNAL', 'A migration failed', { cause: error })
}
