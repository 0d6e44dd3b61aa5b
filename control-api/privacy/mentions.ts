// A number in the records of other people's calls: where one was transferred to, what stood in the metadata. It is looked
// for in every call, some hundred at a time, and written over; so is what staff wrote of orders.
import type { Compilable } from 'kysely'
import type { Database } from '../db/database.ts'
import { ERASED, textWithoutNumber } from './call-parts.ts'
import { eraseOrderMentions } from './order-mentions.ts'
import { paced } from './paced.ts'

/** Calls of one look: with thirty events each some 5 ms of the database. */
const BATCH = 200

export interface MentionsOptions {
  readonly signal: AbortSignal
  readonly extend: () => Promise<boolean>
}

/** @returns how many records named it */
export async function eraseMentions(
  database: Database,
  number: string,
  { signal, extend }: MentionsOptions,
): Promise<number> {
  const { query } = database
  let count = 0
  for (let after = ''; ;) {
    const ids = await query
      .selectFrom('calls')
      .select('call_id')
      .where('call_id', '>', after)
      .orderBy('call_id')
      .limit(BATCH)
      .execute()
    const last = ids.at(-1)?.call_id
    if (last === undefined) break
    const from = after
    const writes = await paced(() => findMentions(query, number, from, last), signal)
    if (writes.length > 0) await database.write(writes)
    await extend()
    count += writes.length
    after = last
  }
  return count + (await eraseOrderMentions(database, number, { signal, extend }))
}

async function findMentions(
  query: Database['query'],
  number: string,
  after: string,
  last: string,
): Promise<Compilable[]> {
  const digits = number.replace('+', '')
  const events = await query
    .selectFrom('call_events')
    .select(['call_id', 'seq', 'data'])
    .where('call_id', '>', after)
    .where('call_id', '<=', last)
    .where('data', 'like', `%${digits}%`)
    .execute()
  const calls = await query
    .selectFrom('calls')
    .select(['call_id', 'metadata'])
    .where('call_id', '>', after)
    .where('call_id', '<=', last)
    .where('metadata', 'like', `%${digits}%`)
    .execute()
  // Somebody may type it where an order number is asked for.
  const entries = await query
    .selectFrom('flow_steps')
    .select(['call_id', 'seq'])
    .where('call_id', '>', after)
    .where('call_id', '<=', last)
    .where((where) =>
      where.or([where('digits', 'like', `%${digits}%`), where('turn', 'like', `%${digits}%`)]),
    )
    .execute()
  return [
    ...entries.map(({ call_id: callId, seq }) =>
      query
        .updateTable('flow_steps')
        .set({ digits: null, turn: null })
        .where('call_id', '=', callId)
        .where('seq', '=', seq),
    ),
    ...events.map(({ call_id: callId, seq, data }) =>
      query
        .updateTable('call_events')
        .set({ data: withoutNumber(data, digits) })
        .where('call_id', '=', callId)
        .where('seq', '=', seq),
    ),
    ...calls.map(({ call_id: callId, metadata }) =>
      query
        .updateTable('calls')
        .set({ metadata: withoutNumber(metadata, digits) })
        .where('call_id', '=', callId),
    ),
  ]
}

/** Of a JSON text: names of fields are kept as names, and numbers that are no text cannot be telephone numbers of ours. */
function withoutNumber(json: string, digits: string): string {
  const erased = (text: string): string => textWithoutNumber(text, digits)
  return JSON.stringify(JSON.parse(json), (_key, value: unknown) => {
    if (typeof value === 'string') return erased(value)
    return typeof value === 'number' && String(value) === digits ? ERASED : value
  })
}
