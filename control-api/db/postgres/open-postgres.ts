// Opens a PostgreSQL database: claims it, brings its tables up to date, then reads and writes.
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Kysely } from 'kysely'
import { ms } from '#core/contracts'
import { runAll, waitFor } from '#core/lifecycle'
import type { Logger } from '#core/telemetry'
import type { Database } from '../database.ts'
import { migrate } from '../migrate.ts'
import type { DatabaseSchema } from '../schema.ts'
import { asStatement } from '../statement.ts'
import { decodePostgresUrl, shownAddress, urlInvalid, type PostgresAddress } from './address.ts'
import { claimDatabase } from './claim.ts'
import { connect, type PostgresConnection } from './connection.ts'
import { createPostgresDialect } from './dialect.ts'
import { openingError } from './failure.ts'
import { PostgresReader } from './reader.ts'
import { PostgresWriter } from './writer.ts'

const PING_TIMEOUT = ms(1000)
/** Of a statement of a migration: an index of years of calls. */
const MIGRATION_TIMEOUT = ms(600_000)
/** A process that was killed a moment ago: the server buries its session when it reads that the socket is closed. */
const CLAIM_WITHIN_MS = 3000
const CLAIM_EVERY_MS = 100
/** `pg_current_xact_id`, by which we learn what became of a commit. */
const OLDEST_VERSION = 130_000

export interface PostgresOptions {
  readonly url: string
  readonly maxPending: number
}

/** @throws AppError `CONFIGURATION_INVALID` naming DATABASE_URL; `DATABASE_UNAVAILABLE`. */
export async function openPostgres(logger: Logger, options: PostgresOptions): Promise<Database> {
  const address = decodePostgresUrl(options.url)
  const applicationName = `voicegate ${randomUUID()}`
  await prepare(address, applicationName, logger)
  const toWrite = () => openWriting(address, applicationName)
  const claim = (connection: PostgresConnection) => claimDatabase(connection, applicationName)
  const first = await opening(address, async () => {
    const connection = await toWrite()
    return claimed(connection, applicationName)
  })
  const { maxPending } = options
  const writer = new PostgresWriter({ logger, maxPending, connect: toWrite, claim }, first)
  const reader = new PostgresReader(
    () => connect(address, { applicationName: 'voicegate reads', readOnly: true }),
    maxPending,
  )
  const query = new Kysely<DatabaseSchema>({
    dialect: createPostgresDialect((statement) => reader.run(statement), false),
  })
  return {
    query,
    write: async (queries) => writer.write(queries.map((one) => asStatement(one.compile()))),
    async ping() {
      const alive = { sql: 'select 1 as alive', parameters: [] }
      const both = Promise.all([writer.write([alive]), reader.run(alive)])
      await waitFor(both, { name: 'the database', timeout: PING_TIMEOUT })
    },
    onLost: (listener) => writer.onLost(listener),
    stats: () => writer.stats(),
    close: () => runAll([() => query.destroy(), () => writer.close(), () => reader.close()]),
  }
}

async function openWriting(
  address: PostgresAddress,
  applicationName: string,
): Promise<PostgresConnection> {
  const connection = await connect(address, { applicationName, readOnly: false })
  // What was acknowledged must survive a power cut; a server that waits for its standbys too may.
  await connection.script(
    "select set_config('synchronous_commit', 'on', false) where current_setting('synchronous_commit') in ('off', 'local')",
  )
  return connection
}

/** Judges the server and migrates, on a connection of its own with more time. */
async function prepare(
  address: PostgresAddress,
  applicationName: string,
  logger: Logger,
): Promise<void> {
  const session = { applicationName, readOnly: false, statementTimeout: MIGRATION_TIMEOUT }
  const connection = await opening(address, () => connect(address, session))
  try {
    await opening(address, () => judgeServer(connection))
    await opening(address, () => claimed(connection, applicationName))
    const dialect = createPostgresDialect(
      (statement) => opening(address, () => connection.run(statement)),
      true,
    )
    await migrate(new Kysely<DatabaseSchema>({ dialect }), logger)
  } finally {
    await connection.end().catch(() => connection.destroy())
  }
}

async function judgeServer(connection: PostgresConnection): Promise<void> {
  const { rows } = await connection.script(`
    select current_setting('server_version_num')::int as version,
      current_setting('server_encoding') as encoding`)
  const [row] = rows
  if (Number(row?.['version']) < OLDEST_VERSION)
    throw urlInvalid('names a PostgreSQL older than 13; 13 or newer is needed')
  if (row?.['encoding'] !== 'UTF8')
    throw urlInvalid(
      'names a database that is not in UTF8: createdb --encoding=UTF8 --template=template0',
    )
}

/** @throws AppError `CONFIGURATION_INVALID` when another process has it. */
async function claimed(
  connection: PostgresConnection,
  applicationName: string,
): Promise<PostgresConnection> {
  const until = performance.now() + CLAIM_WITHIN_MS
  while ((await claimDatabase(connection, applicationName)) !== 'claimed') {
    if (performance.now() > until) {
      connection.destroy()
      throw urlInvalid('names a database that another voicegate is running on; each needs its own')
    }
    await sleep(CLAIM_EVERY_MS)
  }
  return connection
}

async function opening<T>(address: PostgresAddress, open: () => Promise<T>): Promise<T> {
  try {
    return await open()
  } catch (error) {
    throw openingError(error, shownAddress(address))
  }
}
