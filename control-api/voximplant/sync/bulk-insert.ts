// Many rows of one table by few statements. There are few sizes of them, and the text of each is made once: composing some
// thousand parameters anew takes longer than SQLite needs for the rows, and what is prepared of each size is kept there.
import { CompiledQuery, type Compilable } from 'kysely'
import type { Database } from '../../db/database.ts'
import type { DatabaseSchema } from '../../db/schema.ts'

/** Rows a statement: 256 of thirty columns are 7,680 parameters; SQLite takes 32,766, PostgreSQL 65,535. */
const SIZES = [256, 64, 16, 4, 1]

export interface BulkInsert<Row> {
  of(rows: readonly Row[]): readonly Compilable[]
}

export interface BulkInsertOptions<T extends keyof DatabaseSchema> {
  readonly table: T
  readonly columns: readonly (keyof DatabaseSchema[T] & string)[]
  /** A row that is there already stays. */
  readonly orStays?: boolean
}

type RowOf<T extends keyof DatabaseSchema> = {
  readonly [C in keyof DatabaseSchema[T]]?: DatabaseSchema[T][C]
}

export function createBulkInsert<T extends keyof DatabaseSchema>(
  query: Database['query'],
  { table, columns, orStays = false }: BulkInsertOptions<T>,
): BulkInsert<RowOf<T>> {
  const texts = new Map<number, string>()
  const textOf = (count: number): string => {
    const known = texts.get(count)
    if (known !== undefined) return known
    const row = Object.fromEntries(columns.map((column) => [column, 0]))
    const insert = query.insertInto(table).values(Array.from({ length: count }, () => row) as never)
    const { sql } = (orStays ? insert.onConflict((on) => on.doNothing()) : insert).compile()
    texts.set(count, sql)
    return sql
  }
  const statement = (rows: readonly RowOf<T>[]): Compilable => ({
    compile: () =>
      CompiledQuery.raw(
        textOf(rows.length),
        rows.flatMap((row) => columns.map((column) => row[column])),
      ),
  })
  return {
    of(rows) {
      const statements: Compilable[] = []
      for (let at = 0; at < rows.length;) {
        const size = SIZES.find((one) => one <= rows.length - at) ?? 1
        statements.push(statement(rows.slice(at, at + size)))
        at += size
      }
      return statements
    },
  }
}
