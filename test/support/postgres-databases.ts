// One database that is empty again for each test of a suite: making another one takes four times as long.
import type { Test } from 'tap'
import { openDatabase } from '../../control-api/db/database.ts'
import { createLogger } from '../../core/telemetry/index.ts'
import { freshDataDir } from './build-app.ts'
import type { PostgresServer } from './postgres.ts'

const NAME = 'suite'
/** Not by TRUNCATE: new files for some hundred indices take a second. */
const EMPTY = `DO $$ DECLARE name text; BEGIN
  SET LOCAL session_replication_role = replica;
  FOR name IN SELECT tablename FROM pg_tables
    WHERE schemaname = 'public' AND tablename NOT LIKE 'kysely_%'
  LOOP EXECUTE format('DELETE FROM %I', name); END LOOP;
END $$`

/** @returns what gives its URL, empty; whoever had it before has closed it */
export async function emptiedDatabase(
  t: Test,
  server: PostgresServer,
): Promise<() => Promise<string>> {
  const url = await server.createDatabase(NAME)
  const dataDir = await freshDataDir(t)
  await (await openDatabase(createLogger('silent'), { dataDir, url })).close()
  return async () => {
    await server.psql(NAME, EMPTY)
    return url
  }
}
