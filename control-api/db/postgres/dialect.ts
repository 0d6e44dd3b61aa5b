// Kysely's dialect for our PostgreSQL connections: its compiler and adapter, with a driver of ours.
import {
  CompiledQuery,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type ColumnDefinitionNode,
  type DatabaseConnection,
  type DataTypeNode,
  type Dialect,
  type Driver,
  type QueryResult,
} from 'kysely'
import { asStatement } from '../statement.ts'
import type { Statement, StatementResult } from '../thread-messages.ts'

export type RunStatement = (statement: Statement) => Promise<StatementResult>

/** Whoever migrates has the database to himself already (claim.ts). */
class ClaimedPostgresAdapter extends PostgresAdapter {
  override acquireMigrationLock(): Promise<void> {
    return Promise.resolve()
  }

  override releaseMigrationLock(): Promise<void> {
    return Promise.resolve()
  }
}

/** Texts are compared byte by byte, as SQLite does: in a language's order `9` and `:` stand elsewhere. */
class BytewisePostgresQueryCompiler extends PostgresQueryCompiler {
  #inColumn = false

  protected override visitColumnDefinition(node: ColumnDefinitionNode): void {
    this.#inColumn = true
    super.visitColumnDefinition(node)
    this.#inColumn = false
  }

  protected override visitDataType(node: DataTypeNode): void {
    super.visitDataType(node)
    if (this.#inColumn && node.dataType === 'text') this.append(' collate "C"')
  }
}

/** @param transactions true: all runs on one connection */
export function createPostgresDialect(run: RunStatement, transactions: boolean): Dialect {
  return {
    createAdapter: () => new ClaimedPostgresAdapter(),
    createDriver: () => createDriver(run, transactions),
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new BytewisePostgresQueryCompiler(),
  }
}

function createDriver(run: RunStatement, transactions: boolean): Driver {
  const connection = createConnection(run)
  const command = async (sql: string): Promise<void> => {
    if (!transactions) throw new Error('several statements go together by Database.write')
    await connection.executeQuery(CompiledQuery.raw(sql))
  }
  return {
    init: () => Promise.resolve(),
    acquireConnection: () => Promise.resolve(connection),
    beginTransaction: () => command('begin'),
    commitTransaction: () => command('commit'),
    rollbackTransaction: () => command('rollback'),
    releaseConnection: () => Promise.resolve(),
    destroy: () => Promise.resolve(), // The connections belong to open-postgres.ts.
  }
}

function createConnection(run: RunStatement): DatabaseConnection {
  return {
    async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      const result = await run(asStatement({ ...query, parameters: query.parameters.map(asBit) }))
      return {
        rows: result.rows as unknown as R[],
        numAffectedRows: BigInt(result.changes),
      }
    },
    streamQuery() {
      throw new Error('the database does not stream; page instead')
    },
  }
}

/** Of Kysely itself: it asks the catalogue. Our own columns have none. */
const asBit = (value: unknown): unknown => (typeof value === 'boolean' ? String(value) : value)
