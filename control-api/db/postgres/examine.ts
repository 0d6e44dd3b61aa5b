// What the doctor asks of a PostgreSQL: nothing is made or changed.
import { connect } from './connection.ts'
import { decodePostgresUrl, shownAddress } from './address.ts'
import { openingError } from './failure.ts'

export interface PostgresExamined {
  /** Database, host and port. */
  readonly where: string
  /** As the server says it. */
  readonly version: string
  readonly bytes: number
  readonly encrypted: boolean
  /** None when no voicegate has used it yet. */
  readonly migrations: readonly string[]
  /** A voicegate has it now. */
  readonly isHeld: boolean
  /** Why it would not be opened. */
  readonly problem: string | undefined
}

const ASK = `
  select current_setting('server_version') as version, current_setting('server_version_num')::int as number,
    current_setting('server_encoding') as encoding, pg_database_size(current_database()) as bytes,
    coalesce((select ssl from pg_stat_ssl where pid = pg_backend_pid()), false) as encrypted,
    to_regclass('kysely_migration') is not null as used,
    has_schema_privilege(current_schema(), 'create') as may_create,
    exists (
      select from pg_locks where locktype = 'advisory' and objsubid = 2 and granted
        and (classid::bigint, objid::bigint) = (1987012963, 1701273972)
        and database = (select oid from pg_database where datname = current_database())
    ) as held`

/** @throws AppError `CONFIGURATION_INVALID` naming DATABASE_URL; `DATABASE_UNAVAILABLE`. */
export async function examinePostgres(url: string): Promise<PostgresExamined> {
  const address = decodePostgresUrl(url)
  const where = shownAddress(address)
  try {
    const connection = await connect(address, {
      applicationName: 'voicegate doctor',
      readOnly: true,
    })
    try {
      const [row = {}] = (await connection.script(ASK)).rows
      const migrations =
        row['used'] === 1
          ? (await connection.script('select name from kysely_migration order by name')).rows
          : []
      return {
        where,
        version: String(row['version']),
        bytes: Number(row['bytes']),
        encrypted: row['encrypted'] === 1,
        migrations: migrations.map(({ name }) => String(name)),
        isHeld: row['held'] === 1,
        problem: problemOf(row),
      }
    } finally {
      await connection.end().catch(() => connection.destroy())
    }
  } catch (error) {
    throw openingError(error, where)
  }
}

function problemOf(row: Readonly<Record<string, unknown>>): string | undefined {
  if (Number(row['number']) < 130_000) return 'it is older than 13'
  if (row['encoding'] !== 'UTF8') return 'it is not in UTF8'
  return row['may_create'] === 1 ? undefined : 'the user may not make tables in it'
}
