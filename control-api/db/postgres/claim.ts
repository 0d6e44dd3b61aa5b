// One process a database, as one a data folder: a second one would close the first one's live calls as crashed ones. An
// advisory lock of the session that writes: it ends with the session, and whoever lost it can write no more.
import type { PostgresConnection } from './connection.ts'

/** `voic`, `egat`: what no other program takes by chance. */
const LOCK = '1987012963, 1701273972'

/** `other`: somebody else has it. `former`: a session of ours that the server has not buried yet. */
export type Claim = 'claimed' | 'former' | 'other'

/** @param applicationName of this process alone */
export async function claimDatabase(
  connection: PostgresConnection,
  applicationName: string,
): Promise<Claim> {
  const { rows } = await connection.run({
    sql: `select pg_try_advisory_lock(${LOCK}) as claimed`,
    parameters: [],
  })
  if (rows[0]?.['claimed'] === 1) return 'claimed'
  const former = await connection.run({ sql: END_FORMER, parameters: [applicationName] })
  return former.rows.length > 0 ? 'former' : 'other'
}

/** Ended, not waited for: a connection that went silent is noticed by the server much later. */
const END_FORMER = `
  select pg_terminate_backend(activity.pid)
  from pg_locks held join pg_stat_activity activity on activity.pid = held.pid
  where held.locktype = 'advisory' and held.objsubid = 2 and held.granted
    and (held.classid::bigint, held.objid::bigint) = (${LOCK})
    and held.database = (select oid from pg_database where datname = current_database())
    and activity.application_name = $1
    and activity.pid <> pg_backend_pid()`
