// What is kept of calls of Voximplant beside their records: the one place that joins their sessions with our ids.
import type { Compilable, Selectable, Updateable } from 'kysely'
import type { CallId, EpochMs } from '#core/contracts'
import { AppError } from '#core/errors'
import type { Database } from '../../db/database.ts'
import type { VoximplantCallsTable } from '../../db/schema.ts'

export type VendorCallRow = Selectable<VoximplantCallsTable>
export type VendorCallChange = Omit<
  Updateable<VoximplantCallsTable>,
  'call_id' | 'created_at' | 'updated_at'
>

export interface VendorCallStore {
  /** Durable when it resolves. @throws AppError `STATE_CONFLICT` when the session has a record already. */
  add(row: VendorCallRow): Promise<void>
  /** Durable when it resolves. @throws AppError `STATE_CONFLICT` when the session is another call’s */
  change(callId: CallId, change: VendorCallChange, at: EpochMs): Promise<void>
  /** The same, for a transaction with others. */
  changed(callId: CallId, change: VendorCallChange, at: EpochMs): Compilable
  /** Of a call that never had a record. */
  remove(callId: CallId): Promise<void>
  find(callId: CallId): Promise<VendorCallRow | undefined>
  findBySession(vendorAccountId: string, sessionId: string): Promise<VendorCallRow | undefined>
  /** Those that have no end. */
  open(): Promise<readonly VendorCallRow[]>
}

export function createVendorCallStore({
  query,
  write,
}: Pick<Database, 'query' | 'write'>): VendorCallStore {
  const all = query.selectFrom('voximplant_calls').selectAll()
  const find = (callId: CallId) => all.where('call_id', '=', callId).executeTakeFirst()
  const findBySession = (vendorAccountId: string, sessionId: string) =>
    all
      .where('vendor_account_id', '=', vendorAccountId)
      .where('session_id', '=', sessionId)
      .executeTakeFirst()
  const isOfAnother = async (callId: CallId, { session_id: id }: VendorCallChange) => {
    const row = typeof id === 'string' ? await find(callId) : undefined
    if (row === undefined || typeof id !== 'string') return false
    const holder = await findBySession(row.vendor_account_id, id)
    return holder !== undefined && holder.call_id !== callId
  }
  const changed = (callId: CallId, change: VendorCallChange, at: EpochMs): Compilable =>
    query
      .updateTable('voximplant_calls')
      .set({ ...change, updated_at: at })
      .where('call_id', '=', callId)
  return {
    async add(row) {
      try {
        await write([query.insertInto('voximplant_calls').values(row)])
      } catch (error) {
        const { session_id: id, vendor_account_id: account } = row
        const isTaken =
          id !== null && (await findBySession(account, id).catch(() => undefined)) !== undefined
        throw isTaken ? sessionTaken(error) : error
      }
    },
    async change(callId, change, at) {
      try {
        await write([changed(callId, change, at)])
      } catch (error) {
        // A database that is away cannot tell: then its own error says what matters.
        // Then why the change failed is what matters.
        const isTaken = await isOfAnother(callId, change).catch(() => false)
        throw isTaken ? sessionTaken(error) : error
      }
    },
    changed,
    async remove(callId) {
      await write([query.deleteFrom('voximplant_calls').where('call_id', '=', callId)])
    },
    find,
    findBySession,
    open: () => all.where('ended_at', 'is', null).orderBy('call_id').execute(),
  }
}

const sessionTaken = (cause: unknown): AppError =>
  new AppError('STATE_CONFLICT', 'This session of Voximplant has a record already.', { cause })

/** @param of what is known of it; the rest is not known yet */
export const newVendorCall = (
  of: Pick<
    VendorCallRow,
    'call_id' | 'vendor_account_id' | 'application_id' | 'state' | 'created_at'
  > &
    Partial<VendorCallRow>,
): VendorCallRow => ({
  session_id: null,
  plan: null,
  exchanged_at: null,
  snapshot: null,
  ending: null,
  control_url: null,
  recording_url: null,
  record_id: null,
  history_hash: null,
  is_pending: 0,
  ended_at: null,
  updated_at: of.created_at,
  ...of,
})
