// What the database thread is asked and what it answers: the whole conversation.

/** What SQLite takes and gives. */
export type SqlValue = null | number | bigint | string | Uint8Array

export interface Statement {
  readonly sql: string
  readonly parameters: readonly SqlValue[]
}

export interface StatementResult {
  readonly rows: readonly Record<string, SqlValue>[]
  readonly changes: number
}

/** Why SQLite could not; `resultCode` is its extended result code (sqlite.org/rescode.html). */
export interface SqlFailure {
  readonly message: string
  readonly resultCode: number | null
}

export type BatchOutcome =
  | { readonly ok: true; readonly results: readonly StatementResult[] }
  | { readonly ok: false; readonly failure: SqlFailure }

export type DatabaseRequest =
  | { readonly id: number; readonly kind: 'query'; readonly statement: Statement }
  /** All batches in one transaction; a batch that fails is undone alone. */
  | {
      readonly id: number
      readonly kind: 'write'
      readonly batches: readonly (readonly Statement[])[]
    }
  | { readonly id: number; readonly kind: 'close' }

export type DatabaseReply =
  | { readonly id: number; readonly kind: 'result'; readonly result: StatementResult }
  | { readonly id: number; readonly kind: 'written'; readonly outcomes: readonly BatchOutcome[] }
  | { readonly id: number; readonly kind: 'failed'; readonly failure: SqlFailure }
  | { readonly id: number; readonly kind: 'closed' }

export interface DatabaseThreadData {
  readonly path: string
}
