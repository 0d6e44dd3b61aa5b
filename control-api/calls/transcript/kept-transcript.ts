// The transcript of an ended call in the database: written with its end, and anew when something is told after it.
import type { Compilable, Insertable } from 'kysely'
import type { CallEvent } from '#core/contracts'
import type { Logger } from '#core/telemetry'
import type { Database } from '../../db/database.ts'
import type { CallTurnRow, CallTurnsTable } from '../../db/schema.ts'
import { boundSpoken } from './spoken-events.ts'
import { foldTranscript } from './transcript.ts'
import type { Turn } from './turn.ts'
import { indexedWords, storedWords } from './word-search.ts'

/** Rows of one statement: SQLite takes 32,766 parameters. */
const CHUNK = 500

/**
 * The statements that keep what the events say. With the row of the call already there; in one transaction with
 * whatever else is written of its end.
 */
export function transcriptWrites(
  query: Database['query'],
  callId: string,
  events: readonly CallEvent[],
): Compilable[] {
  return turnWrites(query, callId, foldTranscript(boundSpoken(events)))
}

/** The same of turns that are known. */
export function turnWrites(
  query: Database['query'],
  callId: string,
  turns: readonly Turn[],
): Compilable[] {
  if (turns.length === 0) return []
  const rows = turns.map((turn, seq) => rowOf(callId, seq, turn))
  const inserts: Compilable[] = []
  for (let at = 0; at < rows.length; at += CHUNK)
    inserts.push(query.insertInto('call_turns').values(rows.slice(at, at + CHUNK)))
  const position = query.selectFrom('calls').select('position').where('call_id', '=', callId)
  const words = indexedWords(turns)
  return [
    query.deleteFrom('call_turns').where('call_id', '=', callId),
    query.deleteFrom('call_words').where('rowid', '=', position),
    ...inserts,
    query
      .insertInto('call_words')
      .columns(['rowid', 'words'])
      .expression(position.select(storedWords(query, words).as('words'))),
  ]
}

export interface EndsDeps {
  readonly database: Pick<Database, 'write'>
  readonly logger: Logger
  /** For the log, such as the call. */
  readonly about?: Readonly<Record<string, unknown>>
}

/**
 * Writes the end of calls with their transcripts, or without them where those cannot be kept: the index of words may be
 * damaged, and an end that is not written would keep its call open for ever.
 * @param ends made anew for each write: a place in the feed is taken with it (`Feed.appended`)
 * @throws what `Database.write` throws, when the ends cannot be written either
 */
export async function writeEnds(
  { database, logger, about }: EndsDeps,
  ends: (isRepeated: boolean) => readonly Compilable[],
  transcripts: readonly Compilable[],
): Promise<void> {
  try {
    await database.write([...ends(false), ...transcripts])
  } catch (error) {
    if (transcripts.length === 0) throw error
    await database.write(ends(true))
    logger.error({ ...about, err: error }, 'a transcript was not kept')
  }
}

/** What was kept, in order; none of a call that is live or that nobody spoke on. */
export async function readTranscript(
  query: Database['query'],
  callId: string,
): Promise<readonly Turn[]> {
  const rows = await query
    .selectFrom('call_turns')
    .selectAll()
    .where('call_id', '=', callId)
    .orderBy('seq')
    .execute()
  return rows.map(turnOf)
}

const rowOf = (callId: string, seq: number, turn: Turn): Insertable<CallTurnsTable> => ({
  call_id: callId,
  seq,
  role: turn.role,
  at: turn.at,
  ended_at: turn.endedAt,
  text: turn.text,
  tentative: turn.tentative ? 1 : 0,
  interrupted: turn.interrupted ? 1 : 0,
  heard: turn.heard,
  heard_text: turn.heardText,
  heard_text_by: turn.heardTextBy,
  heard_ms: turn.heardMs,
  spoken_ms: turn.spokenMs,
  prompt_id: turn.promptId,
})

const turnOf = (row: CallTurnRow): Turn => ({
  role: row.role,
  at: row.at,
  endedAt: row.ended_at,
  text: row.text,
  tentative: row.tentative === 1,
  interrupted: row.interrupted === 1,
  heard: row.heard,
  heardText: row.heard_text,
  heardTextBy: row.heard_text_by,
  heardMs: row.heard_ms,
  spokenMs: row.spoken_ms,
  promptId: row.prompt_id,
})
