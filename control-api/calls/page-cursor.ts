// Where the next page of a list begins, as an opaque text that only this server can have made, and only for the same
// list with the same filters: position, a mark of the list and its filters, and a signature over both.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '#core/time'
import type { Database } from '../db/database.ts'

const KEY_NAME = 'page-cursors'
const POSITION_BYTES = 8
const MARK_BYTES = 8
const SIGNATURE_BYTES = 16
const SIGNED_BYTES = POSITION_BYTES + MARK_BYTES
const TEXT = /^[A-Za-z0-9_-]{43}$/

/** A list and what it was narrowed by: JSON values. */
export interface ListedBy {
  readonly list: string
  readonly filter: object
}

export type ReadCursor =
  | { readonly kind: 'position'; readonly position: number }
  /** Ours, but of another list or other filters. */
  | { readonly kind: 'other-list' }
  | { readonly kind: 'forged' }

export interface PageCursors {
  write(listed: ListedBy, position: number): string
  read(listed: ListedBy, cursor: string): ReadCursor
}

/** With the key that is kept in the database, made when there is none. */
export async function openPageCursors(
  { query, write }: Pick<Database, 'query' | 'write'>,
  clock: Clock,
): Promise<PageCursors> {
  const secret = randomBytes(32).toString('hex')
  const fresh = { name: KEY_NAME, secret, created_at: clock.now() }
  // Another node may have made it meanwhile: whoever was first is right.
  await write([
    query
      .insertInto('signing_keys')
      .values(fresh)
      .onConflict((conflict) => conflict.doNothing()),
  ])
  const kept = await query
    .selectFrom('signing_keys')
    .select('secret')
    .where('name', '=', KEY_NAME)
    .executeTakeFirstOrThrow()
  return createPageCursors(Buffer.from(kept.secret, 'hex'))
}

export function createPageCursors(key: Buffer): PageCursors {
  const sign = (bytes: Buffer | string, length: number): Buffer =>
    createHmac('sha256', key).update(bytes).digest().subarray(0, length)
  // Keyed as well: a number is easily guessed from a plain hash of it.
  const markOf = ({ list, filter }: ListedBy): Buffer =>
    sign(`filter\n${list}\n${canonical(filter)}`, MARK_BYTES)
  return {
    write(listed, position) {
      const signed = Buffer.alloc(SIGNED_BYTES)
      signed.writeBigInt64BE(BigInt(position))
      markOf(listed).copy(signed, POSITION_BYTES)
      return Buffer.concat([signed, sign(signed, SIGNATURE_BYTES)]).toString('base64url')
    },
    read(listed, cursor) {
      const bytes = Buffer.from(TEXT.test(cursor) ? cursor : '', 'base64url')
      const signed = bytes.subarray(0, SIGNED_BYTES)
      const signature = bytes.subarray(SIGNED_BYTES)
      const isOurs =
        signature.length === SIGNATURE_BYTES &&
        // Unused bits of the last letter spell the same bytes in other ways.
        bytes.toString('base64url') === cursor &&
        timingSafeEqual(signature, sign(signed, SIGNATURE_BYTES))
      if (!isOurs) return { kind: 'forged' }
      if (!markOf(listed).equals(signed.subarray(POSITION_BYTES))) return { kind: 'other-list' }
      return { kind: 'position', position: Number(signed.readBigInt64BE()) }
    },
  }
}

/** The same for the same fields in any order. */
const canonical = (filter: object): string =>
  JSON.stringify(Object.entries(filter).sort(([one], [other]) => (one < other ? -1 : 1)))
