// Which database a query is for: where the two have no words in common.
import { PostgresAdapter, type Kysely } from 'kysely'

export type DatabaseDialect = 'sqlite' | 'postgres'

export const dialectOf = (query: Pick<Kysely<never>, 'getExecutor'>): DatabaseDialect =>
  query.getExecutor().adapter instanceof PostgresAdapter ? 'postgres' : 'sqlite'
