// A number in what staff wrote of orders: looked for in all of them, some hundred at a time, and written over.
import type { Compilable } from 'kysely'
import type { Database } from '../db/database.ts'
import { textWithoutNumber } from './call-parts.ts'
import type { MentionsOptions } from './mentions.ts'
import { paced } from './paced.ts'

/** Orders of one look. */
const BATCH = 200

/** @returns how many records named it */
export async function eraseOrderMentions(
  database: Database,
  number: string,
  { signal, extend }: MentionsOptions,
): Promise<number> {
  const { query } = database
  const digits = number.replace('+', '')
  let count = 0
  for (let after = -1; ;) {
    const orders = await query
      .selectFrom('orders')
      .select(['order_id', 'position', 'notes'])
      .where('position', '>', after)
      .orderBy('position')
      .limit(BATCH)
      .execute()
    const last = orders.at(-1)
    if (!last) return count
    const writes = await paced(() => findMentions(query, orders, digits), signal)
    if (writes.length > 0) await database.write(writes)
    await extend()
    count += writes.length
    after = last.position
  }
}

async function findMentions(
  query: Database['query'],
  orders: readonly { readonly order_id: string; readonly notes: string | null }[],
  digits: string,
): Promise<Compilable[]> {
  const pattern = `%${digits}%`
  const lines = await query
    .selectFrom('order_history')
    .select(['order_id', 'seq', 'from_value', 'to_value'])
    .where(
      'order_id',
      'in',
      orders.map(({ order_id: id }) => id),
    )
    .where((where) =>
      where.or([where('from_value', 'like', pattern), where('to_value', 'like', pattern)]),
    )
    .execute()
  const erased = (text: string | null): string | null =>
    text === null ? null : textWithoutNumber(text, digits)
  return [
    ...orders
      .filter(({ notes }) => notes?.includes(digits) === true)
      .map(({ order_id: id, notes }) =>
        query
          .updateTable('orders')
          .set({ notes: erased(notes) })
          .where('order_id', '=', id),
      ),
    ...lines.map(({ order_id: id, seq, from_value: from, to_value: to }) =>
      query
        .updateTable('order_history')
        .set({ from_value: erased(from), to_value: erased(to) })
        .where('order_id', '=', id)
        .where('seq', '=', seq),
    ),
  ]
}
