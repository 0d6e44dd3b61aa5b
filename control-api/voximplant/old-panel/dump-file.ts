// A MySQL dump read as a stream: a piece of it is in memory at a time, however long its lines are.
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { AppError, codeOf, messageOf } from '#core/errors'
import { DumpStatements, type DumpValue } from './dump-statements.ts'
import { DumpTokens } from './dump-tokens.ts'

export interface DumpRow {
  readonly table: string
  /** By the names that the dump gives them. */
  readonly columns: readonly string[]
  readonly values: readonly DumpValue[]
}

export interface DumpReading {
  /** Rows of all others are passed over. */
  isWanted(table: string): boolean
  onTable?(table: string, columns: readonly string[]): void
}

/** The rows that are wanted, in the order of the file. @throws AppError `CONFIGURATION_INVALID` of what is no whole dump */
export async function* readDump(path: string, reading: DumpReading): AsyncGenerator<DumpRow> {
  let rows: DumpRow[] = []
  const statements = new DumpStatements({
    isWanted: (table) => reading.isWanted(table),
    onTable: (table, columns) => reading.onTable?.(table, columns),
    onRow: (table, columns, values) => rows.push({ table, columns, values }),
  })
  const tokens = new DumpTokens(statements.take)
  for await (const text of textOf(path)) {
    tokens.push(text)
    const found = rows
    rows = []
    yield* found
  }
  const isWhole = tokens.end()
  yield* rows
  if (!isWhole || !statements.end())
    throw new AppError(
      'CONFIGURATION_INVALID',
      'The dump ends in the middle of a statement: it is not all there.',
    )
}

async function* textOf(path: string): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  try {
    if (!(await stat(path)).isFile()) throw new Error('it is no file')
    const file = createReadStream(path, { highWaterMark: 256 * 1024 })
    const bytes = path.endsWith('.gz') ? gunzipped(file) : file
    for await (const chunk of bytes) yield decoder.decode(chunk as Buffer, { stream: true })
    yield decoder.decode()
  } catch (error) {
    if (codeOf(error) === 'CONFIGURATION_INVALID') throw error
    throw new AppError('CONFIGURATION_INVALID', `The dump cannot be read: ${messageOf(error)}.`, {
      cause: error,
    })
  }
}

/** What becomes of the file becomes of it. */
function gunzipped(file: Readable): Readable {
  const gunzip = createGunzip()
  file.on('error', (error) => gunzip.destroy(error))
  gunzip.on('close', () => file.destroy())
  return file.pipe(gunzip)
}
