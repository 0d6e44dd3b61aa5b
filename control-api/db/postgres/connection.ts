// One connection to PostgreSQL: the only import of its client. Every statement has a deadline; a connection that missed
// one is ended, since nobody knows what it still does.
import pg from 'pg'
import { ms, type Milliseconds } from '#core/contracts'
import { codeOf } from '#core/errors'
import { waitFor } from '#core/lifecycle'
import { databaseUnavailable } from '../database-failure.ts'
import type { SqlValue, Statement, StatementResult } from '../thread-messages.ts'
import type { PostgresAddress } from './address.ts'

const CONNECT_TIMEOUT_MS = 5000
/** The server's own, shorter than ours: its error is clearer, and the connection survives it. */
const STATEMENT_TIMEOUT_MS = 9000
const REPLY_TIMEOUT = ms(10_000)
const END_TIMEOUT = ms(2000)
/** A host that has gone silent is noticed within half a minute, on either side. */
const KEEP_ALIVE_MS = 10_000
const KEEP_ALIVE =
  '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3'

export interface SessionOptions {
  /** Shown in pg_stat_activity. */
  readonly applicationName: string
  readonly readOnly: boolean
  /** Of a statement; nine seconds unless told (migrations). */
  readonly statementTimeout?: Milliseconds
}

export interface PostgresConnection {
  /** False from the moment it is lost or ended. */
  readonly isOpen: boolean
  /** @throws what the client throws: `postgresError` maps it. */
  run(statement: Statement): Promise<StatementResult>
  /** Several statements without parameters; the rows of the last. */
  script(text: string): Promise<StatementResult>
  /** Told once when it ends, by whomever. */
  onEnd(listener: (error: Error | undefined) => void): void
  end(): Promise<void>
  /** At once, whatever runs. */
  destroy(): void
}

/** @throws what the client throws: `openingError` maps it. */
export async function connect(
  address: PostgresAddress,
  options: SessionOptions,
): Promise<PostgresConnection> {
  const client = new pg.Client(clientConfig(address, options))
  const connection = new OpenConnection(client, options.statementTimeout)
  try {
    await client.connect()
    return connection
  } catch (error) {
    connection.destroy()
    // TLS is wished for, not asked for.
    if (address.sslMode !== 'prefer' || !hasNoTls(error)) throw error
    return connect({ ...address, sslMode: 'disable' }, options)
  }
}

/** The client knows it by its text alone. */
const hasNoTls = (error: unknown): boolean =>
  error instanceof Error && error.message === 'The server does not support SSL connections'

function clientConfig(address: PostgresAddress, options: SessionOptions): pg.ClientConfig {
  const { host, port, database, user, password, sslMode, tls } = address
  // Just-in-time compilation takes longer than our statements do.
  const session = `-c jit=off -c default_transaction_read_only=${options.readOnly ? 'on' : 'off'}`
  return {
    host,
    port,
    database,
    user,
    ...(password === undefined ? {} : { password }),
    ssl: sslMode === 'disable' ? false : tls,
    application_name: options.applicationName,
    client_encoding: 'UTF8',
    options: `${session} ${KEEP_ALIVE}`,
    statement_timeout: options.statementTimeout ?? STATEMENT_TIMEOUT_MS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    types: { getTypeParser: parserOf },
  }
}

class OpenConnection implements PostgresConnection {
  readonly #client: pg.Client
  readonly #timeout: Milliseconds
  readonly #onEnd = new Set<(error: Error | undefined) => void>()
  #isOpen = true
  #failure: Error | undefined

  constructor(client: pg.Client, statementTimeout: Milliseconds | undefined) {
    this.#client = client
    this.#timeout =
      statementTimeout === undefined ? REPLY_TIMEOUT : ms(statementTimeout + REPLY_TIMEOUT)
    // Told between statements: the reason comes before the end.
    client.on('error', (error: Error) => {
      this.#failure ??= error
      this.#ended()
    })
    client.on('end', () => this.#ended())
  }

  get isOpen(): boolean {
    return this.#isOpen
  }

  async run({ sql, parameters }: Statement): Promise<StatementResult> {
    return resultOf(await this.#ask(this.#client.query(sql, parameters.map(asParameter))))
  }

  async script(text: string): Promise<StatementResult> {
    const results: unknown = await this.#ask(this.#client.query(text))
    const last: unknown = Array.isArray(results) ? results.at(-1) : results
    return resultOf(last as pg.QueryResult)
  }

  onEnd(listener: (error: Error | undefined) => void): void {
    if (this.#isOpen) this.#onEnd.add(listener)
    else listener(this.#failure)
  }

  async end(): Promise<void> {
    await waitFor(this.#client.end(), { name: 'the end of a connection', timeout: END_TIMEOUT })
  }

  destroy(): void {
    this.#ended()
    // With a statement under way it cuts the connection, else it takes leave; neither is waited for.
    this.#client.end(() => undefined)
  }

  async #ask<T>(answer: Promise<T>): Promise<T> {
    try {
      return await waitFor(answer, { name: 'PostgreSQL', timeout: this.#timeout })
    } catch (error) {
      if (codeOf(error) !== 'TIMED_OUT') throw error
      this.destroy()
      throw databaseUnavailable('it did not answer', error)
    }
  }

  #ended(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    for (const listener of this.#onEnd) listener(this.#failure)
  }
}

/** Texts with a zero character, which PostgreSQL has no place for, lose it. */
const asParameter = (value: SqlValue): SqlValue =>
  typeof value === 'string' ? value.replaceAll('\0', '\ufffd') : value

const CHANGING: ReadonlySet<string> = new Set(['INSERT', 'UPDATE', 'DELETE'])

/** As SQLite answers: what has columns gives rows, all else the number of changed ones. */
function resultOf({ rows, fields, command, rowCount }: pg.QueryResult): StatementResult {
  if (fields.length > 0) return { rows: rows as StatementResult['rows'], changes: 0 }
  return { rows: [], changes: CHANGING.has(command) ? (rowCount ?? 0) : 0 }
}

/** Numbers of types (pg_type.oid), which never change. */
const TYPES = { bool: 16, bytea: 17, int8: 20, int2: 21, int4: 23, oid: 26 } as const
const FLOATS = { float4: 700, float8: 701, numeric: 1700 } as const
/** Counts and sums among them: JavaScript's numbers are exact up to 2^53, our largest are microseconds. */
const NUMBERS: ReadonlySet<number> = new Set([
  TYPES.int2,
  TYPES.int4,
  TYPES.int8,
  TYPES.oid,
  ...Object.values(FLOATS),
])

const asText = (value: string): string => value
const asBit = (value: string): number => (value === 't' ? 1 : 0)
const asBytes = (value: string): Buffer => Buffer.from(value.slice(2), 'hex')

/** What SQLite would give for the same: numbers, texts, bytes. */
function parserOf(oid: number): (value: string) => unknown {
  if (NUMBERS.has(oid)) return Number
  if (oid === TYPES.bool) return asBit
  return oid === TYPES.bytea ? asBytes : asText
}
