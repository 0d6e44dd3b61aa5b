// Calls as one long text, page by page: never more of them in memory than one page, however many there are.
import type { CallRow } from '../../db/schema.ts'
import type { CallFilter } from '../call-filter.ts'
import { viewCall } from '../call-view.ts'
import type { CallRepository } from '../repository.ts'
import { viewTranscript } from '../transcript/transcript-view.ts'
import { csvHead, csvOf } from './csv-columns.ts'

export interface ExportRequest {
  readonly filter: CallFilter
  readonly format: 'csv' | 'ndjson'
  /** In NDJSON alone. */
  readonly withTranscripts: boolean
}

/** A page of the database takes a few milliseconds, in which nobody else is served. */
const PAGE = 200

/**
 * Newest first. Calls made meanwhile are not among them. Its beginning has been read when this resolves.
 * @throws what the repository throws
 */
export async function openExport(
  calls: CallRepository,
  request: ExportRequest,
): Promise<AsyncGenerator<string, void, undefined>> {
  const pieces = readCalls(calls, request)
  const first = await pieces.next()
  async function* all(): AsyncGenerator<string, void, undefined> {
    if (first.done !== true) yield first.value
    yield* pieces
  }
  return all()
}

async function* readCalls(
  calls: CallRepository,
  { filter, format, withTranscripts }: ExportRequest,
): AsyncGenerator<string, void, undefined> {
  let after: number | null = null
  do {
    const { rows, next } = await calls.page({ filter, limit: PAGE, after })
    if (format === 'csv') yield (after === null ? csvHead() : '') + csvOf(rows)
    else if (withTranscripts) yield* withTheirTranscripts(calls, rows)
    else yield rows.map((row) => lineOf(viewCall(row))).join('')
    after = next
  } while (after !== null)
}

/** One by one: a transcript may be half a megabyte. */
async function* withTheirTranscripts(
  calls: CallRepository,
  rows: readonly CallRow[],
): AsyncGenerator<string, void, undefined> {
  for (const row of rows) {
    const turns = row.has_transcript === 1 ? await calls.transcript(row) : []
    const transcript = turns.length === 0 ? null : viewTranscript(row, turns)
    yield lineOf({ ...viewCall(row), transcript })
  }
}

const lineOf = (value: object): string => `${JSON.stringify(value)}\n`
