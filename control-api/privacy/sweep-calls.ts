// What retention deletes of calls, part by part.
import { sql } from 'kysely'
import type { CallRow } from '../db/schema.ts'
import {
  withoutEvents,
  withoutEventsButConsent,
  withoutNumbers,
  withoutRecordings,
  withoutTranscripts,
} from './call-parts.ts'
import { Sweep } from './sweep.ts'

/** Calls of one write: with thirty events each some 5 ms of the database. */
const BATCH = 25

const COLUMNS = [
  'call_id',
  'position',
  'ended_at',
  'recording_key',
  'has_transcript',
  'consent_at',
  'events_deleted_at',
] as const
type SweptCall = Pick<CallRow, (typeof COLUMNS)[number]>

/** Written out as the partial indices have them, so that these are used. */
const KEPT = {
  audio: sql<boolean>`recording_key IS NOT NULL`,
  transcript: sql<boolean>`has_transcript = 1`,
  events: sql<boolean>`events_deleted_at IS NULL`,
  numbers: sql<boolean>`erased_at IS NULL`,
} as const

export async function sweepRecordings(sweep: Sweep, before: number): Promise<void> {
  const { database } = sweep
  await eachCall(sweep, 'audio', before, async (calls) => {
    const gone = []
    for (const call of calls)
      if (call.recording_key !== null && (await sweep.deleteFile(call.recording_key)))
        gone.push(call)
    if (gone.length > 0) await database.write(withoutRecordings(database.query, gone))
    sweep.count('recordings', gone.length)
  })
}

export async function sweepTranscripts(sweep: Sweep, before: number): Promise<void> {
  const { database, now } = sweep
  await eachCall(sweep, 'transcript', before, async (calls) => {
    await database.write(withoutTranscripts(database.query, calls, now))
    sweep.count('transcripts', calls.length)
  })
}

export async function sweepEvents(sweep: Sweep, before: number): Promise<void> {
  const { database, now } = sweep
  const { query } = database
  await eachCall(sweep, 'events', before, async (calls) => {
    const agreed = calls.filter(({ consent_at: at }) => at !== null)
    const justified = await withData(sweep, agreed)
    const proofs = calls.filter((call) => justified.has(call.call_id))
    const rest = calls.filter((call) => !justified.has(call.call_id))
    await database.write([
      ...(rest.length > 0 ? withoutEvents(query, rest, now) : []),
      ...(proofs.length > 0 ? withoutEventsButConsent(query, proofs) : []),
    ])
    sweep.count('events', rest.length)
  })
}

export async function sweepNumbers(sweep: Sweep, before: number): Promise<void> {
  const { database, now } = sweep
  await eachCall(sweep, 'numbers', before, async (calls) => {
    // Something of it could not be deleted, or came late: the next sweep sees to it.
    const bare = calls.filter(
      (call) =>
        call.recording_key === null && call.has_transcript === 0 && call.events_deleted_at !== null,
    )
    if (bare.length > 0) await database.write(withoutNumbers(database.query, bare, now))
    sweep.count('numbers', bare.length)
  })
}

/** Rows of one look. */
const LINKS = 500

/**
 * Where Voximplant has a recording is forgotten with the time of audio, so that it cannot be fetched any more; as long as
 * our own copy resists, its link stays. What they keep is theirs to delete, after the months that they keep it.
 */
export async function sweepRecordingLinks(sweep: Sweep, before: number): Promise<void> {
  const { database } = sweep
  const { query } = database
  for (let after = '', isMore = true; isMore;) {
    const rows = await query
      .selectFrom('voximplant_calls')
      .innerJoin('calls', 'calls.call_id', 'voximplant_calls.call_id')
      .select('voximplant_calls.call_id')
      .where('voximplant_calls.call_id', '>', after)
      .where('voximplant_calls.recording_url', 'is not', null)
      .where('calls.ended_at', '<', before)
      .where('calls.recording_key', 'is', null)
      .orderBy('voximplant_calls.call_id')
      .limit(LINKS)
      .execute()
    const ids = rows.map(({ call_id: id }) => id)
    const links = query.updateTable('voximplant_calls').set({ recording_url: null })
    if (ids.length > 0) await sweep.step(() => database.write([links.where('call_id', 'in', ids)]))
    after = ids.at(-1) ?? after
    isMore = ids.length === LINKS
  }
}

/** Of which there is audio or a transcript yet, ours or the vendor's. */
async function withData(
  { database }: Sweep,
  calls: readonly SweptCall[],
): Promise<ReadonlySet<string>> {
  if (calls.length === 0) return new Set()
  const ids = calls.map(({ call_id: id }) => id)
  const ofVendor = await database.query
    .selectFrom('conversations')
    .select('call_id')
    .where('call_id', 'in', ids)
    .where((where) =>
      where.or([where('audio_key', 'is not', null), where('transcript', 'is not', null)]),
    )
    .execute()
  const ours = calls.filter((call) => call.recording_key !== null || call.has_transcript === 1)
  return new Set([...ours, ...ofVendor].map(({ call_id: id }) => id))
}

/** Ended calls that have such data yet, oldest first. */
async function eachCall(
  sweep: Sweep,
  kept: keyof typeof KEPT,
  before: number,
  act: (calls: readonly SweptCall[]) => Promise<void>,
): Promise<void> {
  let after = 0
  for (let isMore = true; isMore;) {
    const rows = await sweep.database.query
      .selectFrom('calls')
      .select(COLUMNS)
      .where(KEPT[kept])
      .where('position', '>', after)
      .where('position', '<', Sweep.positionAt(before))
      .orderBy('position')
      .limit(BATCH)
      .execute()
    // A call may have gone on for hours after it was created.
    const due = rows.filter(({ ended_at: at }) => at !== null && at < before)
    if (due.length > 0) await sweep.step(() => act(due))
    after = rows.at(-1)?.position ?? after
    isMore = rows.length === BATCH
  }
}
