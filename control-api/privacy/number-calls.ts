// The calls of a number, erased some at a time: what is theirs is counted, and deleted in one transaction with the
// receipt that says so.
import type { Compilable } from 'kysely'
import type { CallId, MediaStore } from '#core/contracts'
import { reversedDigits } from '../calls/number-search.ts'
import type { Database } from '../db/database.ts'
import type { CallRow } from '../db/schema.ts'
import {
  NO_AUDIO_OF_VENDOR,
  NO_WORDS_OF_VENDOR,
  withoutEvents,
  withoutNumbers,
  withoutRecordings,
  withoutTranscripts,
} from './call-parts.ts'
import type { ErasedCounts } from './erasure-receipt.ts'
import type { TelephonyCopy } from './telephony-copies.ts'

export interface NumberCallsDeps {
  readonly database: Database
  readonly mediaStore: MediaStore
}

const COLUMNS = [
  'call_id',
  'position',
  'ended_at',
  'recording_key',
  'recording_state',
  'conversation_id',
  'provider',
  'answered_at',
] as const
export type NumberCall = Pick<CallRow, (typeof COLUMNS)[number]>

export interface ErasedCalls {
  readonly counts: Partial<ErasedCounts>
  /** Of the agent's vendor, who has copies. */
  readonly conversations: readonly string[]
  /** Of a telephony vendor, which may have recordings. */
  readonly telephony: readonly TelephonyCopy[]
  /** Deletes it all. */
  readonly writes: readonly Compilable[]
}

const BATCH = 25

/** Oldest first, behind a position. */
export async function callsOfNumber(
  { query }: Pick<Database, 'query'>,
  number: string,
  after: number,
): Promise<NumberCall[]> {
  const reversed = reversedDigits(number) ?? ''
  const by = (column: 'from_reversed' | 'to_reversed') =>
    query
      .selectFrom('calls')
      .select(COLUMNS)
      .where(column, '=', reversed)
      .where('position', '>', after)
      .orderBy('position')
      .limit(BATCH)
      .execute()
  // One index each: a union of both would sort all that there are, for each batch of them.
  const found = [...(await by('from_reversed')), ...(await by('to_reversed'))]
  // Somebody who calls himself is one call.
  const calls = new Map(found.map((call) => [call.position, call]))
  return [...calls.values()].toSorted((a, b) => a.position - b.position).slice(0, BATCH)
}

/** Deletes the files of these calls, and says what else there is to delete. @throws AppError `STORAGE_UNAVAILABLE` */
export async function eraseCalls(
  deps: NumberCallsDeps,
  calls: readonly NumberCall[],
  now: number,
): Promise<ErasedCalls> {
  const { database, mediaStore } = deps
  const { query } = database
  const ids = calls.map(({ call_id: id }) => id)
  const conversations = await query
    .selectFrom('conversations')
    .select(['conversation_id', 'audio_key'])
    .where('call_id', 'in', ids)
    .execute()
  // Files first: a crash now leaves keys without files, and the next run finds the calls again.
  const recordings = await deleteFiles(mediaStore, calls.flatMap(recordingKeys))
  const audioKeys = conversations.flatMap(({ audio_key: key }) => key ?? [])
  const vendorRecordings = await deleteFiles(mediaStore, audioKeys)
  const known = conversations.map(({ conversation_id: id }) => id)
  const named = calls.flatMap(({ conversation_id: id }) => id ?? [])
  const recorded = calls.filter(({ recording_state: state }) => state !== null)
  return {
    conversations: [...new Set([...known, ...named])],
    telephony: await telephonyCopies(query, calls),
    counts: {
      ...(await countOthers(query, ids)),
      calls: calls.length,
      recordings,
      vendor_recordings: vendorRecordings,
      conversations: conversations.length,
    },
    writes: [
      ...(recorded.length === 0 ? [] : withoutRecordings(query, recorded)),
      ...withoutTranscripts(query, calls, now),
      ...withoutEvents(query, calls, now),
      ...withoutNumbers(query, calls, now),
      query.deleteFrom('feed').where('call_id', 'in', ids),
      query
        .updateTable('conversations')
        .set({ ...NO_WORDS_OF_VENDOR, ...NO_AUDIO_OF_VENDOR, state: 'erased', updated_at: now })
        .where('call_id', 'in', ids),
      ...calls.flatMap((call) => neverFetched(query, call, now)),
      query.deleteFrom('idempotency').where('call_id', 'in', ids),
    ],
  }
}

/** A call that nobody picked up has a recording only where one is known. */
async function telephonyCopies(
  query: Database['query'],
  calls: readonly NumberCall[],
): Promise<readonly TelephonyCopy[]> {
  const answered = new Set(
    calls.filter(({ answered_at: at }) => at !== null).map(({ call_id: id }) => id),
  )
  const rows = await query
    .selectFrom('voximplant_calls')
    .select(['call_id', 'vendor_account_id', 'session_id', 'recording_url'])
    .where(
      'call_id',
      'in',
      calls.map(({ call_id: id }) => id),
    )
    .execute()
  return rows
    .filter(
      (row) => row.recording_url !== null || (row.session_id !== null && answered.has(row.call_id)),
    )
    .map((row) => ({
      callId: row.call_id,
      vendorAccountId: row.vendor_account_id,
      sessionId: row.session_id,
      recordingUrl: row.recording_url,
    }))
}

/** Whoever is about to fetch it sees that it is erased. */
const neverFetched = (query: Database['query'], call: NumberCall, now: number): Compilable[] =>
  call.conversation_id === null
    ? []
    : [
        query
          .insertInto('conversations')
          .values({
            conversation_id: call.conversation_id,
            call_id: call.call_id,
            vendor: 'elevenlabs',
            state: 'erased',
            updated_at: now,
          })
          .onConflict((conflict) => conflict.doNothing()),
      ]

/** The name that a recording of the call would have, too: its record may not say yet that there is one. */
const recordingKeys = ({ call_id: callId, recording_key: key, provider }: NumberCall): string[] => [
  ...new Set([key ?? [], recordingKeyOf(callId as CallId, provider)].flat()),
]

/** Of Voximplant it is the file as it was there. */
const recordingKeyOf = (callId: CallId, provider: string): string =>
  `recordings/${callId}.${provider === 'voximplant' ? 'mp3' : 'wav'}`

async function deleteFiles(mediaStore: MediaStore, keys: readonly string[]): Promise<number> {
  let count = 0
  for (const key of keys) if (await mediaStore.delete(key)) count += 1
  return count
}

async function countOthers(
  query: Database['query'],
  ids: readonly string[],
): Promise<Partial<ErasedCounts>> {
  const count = (
    table:
      | 'call_events'
      | 'call_turns'
      | 'webhook_deliveries'
      | 'feed'
      | 'call_requests'
      | 'idempotency',
  ) =>
    countOf(
      query
        .selectFrom(table)
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('call_id', 'in', ids),
    )
  return {
    events: await count('call_events'),
    turns: await count('call_turns'),
    webhook_deliveries: await count('webhook_deliveries'),
    feed_events: await count('feed'),
    call_requests: await count('call_requests'),
    idempotent_answers: await count('idempotency'),
    menu_entries: await countOf(
      query
        .selectFrom('flow_steps')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('call_id', 'in', ids)
        .where('turn', 'is not', null),
    ),
    consent_numbers: await countOf(
      query
        .selectFrom('consents')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('call_id', 'in', ids)
        .where('number', 'is not', null),
    ),
  }
}

const countOf = async (counting: {
  executeTakeFirstOrThrow(): Promise<{ count: number | string }>
}): Promise<number> => Number((await counting.executeTakeFirstOrThrow()).count)
