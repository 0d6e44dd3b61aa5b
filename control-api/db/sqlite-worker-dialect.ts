// Kysely's dialect for the database thread: its SQLite compiler and adapter, with a driver of ours.
import {
  CompiledQuery,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
} from 'kysely'
import type { DatabaseThread } from './database-thread.ts'
import { asStatement } from './statement.ts'

/** SQLite's DDL is transactional; Kysely says otherwise for the sake of other drivers' pragmas. */
class TransactionalSqliteAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

export function createSqliteWorkerDialect(thread: DatabaseThread): Dialect {
  return {
    createAdapter: () => new TransactionalSqliteAdapter(),
    createDriver: () => createDriver(thread),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}

/** One connection: Kysely serialises its own use of it (`supportsMultipleConnections` is false). */
function createDriver(thread: DatabaseThread): Driver {
  const connection = createConnection(thread)
  const end = async (sql: string): Promise<void> => {
    try {
      await connection.executeQuery(CompiledQuery.raw(sql))
    } finally {
      thread.releaseWrites()
    }
  }
  return {
    init: () => Promise.resolve(),
    acquireConnection: () => Promise.resolve(connection),
    async beginTransaction() {
      thread.holdWrites()
      try {
        await connection.executeQuery(CompiledQuery.raw('begin immediate'))
      } catch (error) {
        thread.releaseWrites()
        throw error
      }
    },
    commitTransaction: () => end('commit'),
    rollbackTransaction: () => end('rollback'),
    releaseConnection: () => Promise.resolve(),
    destroy: () => Promise.resolve(), // The thread belongs to database.ts.
  }
}

function createConnection(thread: DatabaseThread): DatabaseConnection {
  return {
    async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
      const result = await thread.query(asStatement(query))
      return {
        rows: result.rows as unknown as R[],
        numAffectedRows: BigInt(result.changes),
      }
    },
    streamQuery() {
      throw new Error('the database thread does not stream; page instead')
    },
  }
}
