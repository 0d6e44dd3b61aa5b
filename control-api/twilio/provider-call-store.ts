// What is kept of calls by a telephony vendor: the one place that joins its ids with ours.
import type { CallId, EpochMs } from '#core/contracts'
import { AppError } from '#core/errors'
import type { Selectable, Updateable } from 'kysely'
import type { Database } from '../db/database.ts'
import type { ProviderCallsTable } from '../db/schema.ts'

export type ProviderCallRow = Selectable<ProviderCallsTable>
export type ProviderCallChange = Omit<
  Updateable<ProviderCallsTable>,
  'call_id' | 'provider' | 'created_at' | 'updated_at'
>

export interface ProviderCallStore {
  /** Durable when it resolves. @throws AppError `STATE_CONFLICT` when the vendor's call has a record already. */
  add(row: ProviderCallRow): Promise<void>
  change(callId: CallId, change: ProviderCallChange, at: EpochMs): Promise<void>
  find(callId: CallId): Promise<ProviderCallRow | undefined>
  findByVendorId(vendorId: string): Promise<ProviderCallRow | undefined>
  /** Those that have no end. */
  open(): Promise<readonly ProviderCallRow[]>
}

const PROVIDER = 'twilio'

export function createProviderCallStore({
  query,
  write,
}: Pick<Database, 'query' | 'write'>): ProviderCallStore {
  const all = query.selectFrom('provider_calls').selectAll().where('provider', '=', PROVIDER)
  const findByVendorId = (vendorId: string) =>
    all.where('provider_call_id', '=', vendorId).executeTakeFirst()
  return {
    async add(row) {
      try {
        await write([query.insertInto('provider_calls').values(row)])
      } catch (error) {
        const { provider_call_id: id } = row
        const isTaken = id !== null && (await findByVendorId(id).catch(() => undefined))
        if (!isTaken) throw error
        throw new AppError('STATE_CONFLICT', 'This call of Twilio has a record already.', {
          cause: error,
        })
      }
    },
    async change(callId, change, at) {
      await write([
        query
          .updateTable('provider_calls')
          .set({ ...change, updated_at: at })
          .where('call_id', '=', callId),
      ])
    },
    find: (callId) => all.where('call_id', '=', callId).executeTakeFirst(),
    findByVendorId,
    open: () => all.where('ended_at', 'is', null).orderBy('call_id').execute(),
  }
}

export const newProviderCall = (
  of: Pick<ProviderCallRow, 'call_id' | 'provider_call_id' | 'plan' | 'created_at'>,
): ProviderCallRow => ({
  provider: PROVIDER,
  sequence: -1,
  status: 'queued',
  ending: null,
  stream_id: null,
  recording_id: null,
  recording_state: null,
  recording_turn: null,
  ended_at: null,
  updated_at: of.created_at,
  ...of,
})
