// Many batches in one transaction; a batch that fails is undone alone. Whether a commit happened whose answer never came
// is told by the server, by the number of the transaction.
import type { Statement, StatementResult } from '../thread-messages.ts'
import type { WriteOutcome } from '../write-queue.ts'
import type { PostgresConnection } from './connection.ts'
import { isStatementFailure, postgresError } from './failure.ts'

type Batch = readonly Statement[]

/** The connection went while the commit was under way. */
export class CommitUnknown extends Error {
  readonly transaction: string
  readonly outcomes: readonly WriteOutcome[]

  constructor(transaction: string, outcomes: readonly WriteOutcome[], cause: unknown) {
    super('the connection went during a commit', { cause })
    this.transaction = transaction
    this.outcomes = outcomes
  }
}

/** A statement was refused, and the connection is as good as before. */
const goesOn = (connection: PostgresConnection, error: unknown): boolean =>
  isStatementFailure(error) && connection.isOpen

/** @throws CommitUnknown; what the client throws: nothing was written then. */
export async function writeGroup(
  connection: PostgresConnection,
  batches: readonly Batch[],
): Promise<readonly WriteOutcome[]> {
  // Savepoints would triple the way to the server and back: they are made when something did fail.
  const isAlone = batches.length === 1
  try {
    return await inTransaction(connection, () => runPlainly(connection, batches))
  } catch (error) {
    if (!goesOn(connection, error)) throw error
    await connection.script('ROLLBACK')
    if (isAlone) return [{ ok: false, error: postgresError(error) }]
  }
  try {
    return await inTransaction(connection, () => runApart(connection, batches))
  } catch (error) {
    if (goesOn(connection, error)) await connection.script('ROLLBACK')
    throw error
  }
}

async function inTransaction(
  connection: PostgresConnection,
  run: () => Promise<readonly WriteOutcome[]>,
): Promise<readonly WriteOutcome[]> {
  const begun = await connection.script(
    'BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE; SELECT pg_current_xact_id()::text AS id',
  )
  const outcomes = await run()
  try {
    await connection.script('COMMIT')
  } catch (error) {
    if (goesOn(connection, error)) throw error
    throw new CommitUnknown(String(begun.rows[0]?.['id']), outcomes, error)
  }
  return outcomes
}

async function runPlainly(
  connection: PostgresConnection,
  batches: readonly Batch[],
): Promise<readonly WriteOutcome[]> {
  const outcomes: WriteOutcome[] = []
  for (const batch of batches) outcomes.push({ ok: true, results: await runAll(connection, batch) })
  return outcomes
}

async function runApart(
  connection: PostgresConnection,
  batches: readonly Batch[],
): Promise<readonly WriteOutcome[]> {
  const outcomes: WriteOutcome[] = []
  for (const batch of batches) {
    await connection.script('SAVEPOINT batch')
    try {
      const results = await runAll(connection, batch)
      await connection.script('RELEASE SAVEPOINT batch')
      outcomes.push({ ok: true, results })
    } catch (error) {
      if (!goesOn(connection, error)) throw error
      await connection.script('ROLLBACK TO SAVEPOINT batch; RELEASE SAVEPOINT batch')
      outcomes.push({ ok: false, error: postgresError(error) })
    }
  }
  return outcomes
}

async function runAll(
  connection: PostgresConnection,
  batch: Batch,
): Promise<readonly StatementResult[]> {
  const results: StatementResult[] = []
  for (const statement of batch) results.push(await connection.run(statement))
  return results
}

/** `running`: a session that is gone for us is not for the server yet. Undefined: it is too long ago. */
export type Fate = 'committed' | 'aborted' | 'running' | undefined

export async function fateOf(connection: PostgresConnection, transaction: string): Promise<Fate> {
  const sql = 'select pg_xact_status(cast(cast($1 as text) as xid8)) as fate'
  const { rows } = await connection.run({ sql, parameters: [transaction] })
  switch (rows[0]?.['fate']) {
    case 'committed':
      return 'committed'
    case 'aborted':
      return 'aborted'
    case 'in progress':
      return 'running'
    default:
      return undefined
  }
}
