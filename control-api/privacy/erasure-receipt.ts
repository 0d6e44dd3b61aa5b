// What an erasure did: counted as it goes, kept for good, without the number.
import { Type, type Static } from '@fastify/type-provider-typebox'
import { epochMs, rfc3339 } from '#core/contracts'
import type { ErasuresTable } from '../db/schema.ts'
import type { TelephonyCopy } from './telephony-copies.ts'

const ERASED_KINDS = [
  'calls',
  'events',
  'turns',
  'recordings',
  'conversations',
  'vendor_recordings',
  'webhook_deliveries',
  'feed_events',
  'call_requests',
  'idempotent_answers',
  'menu_entries',
  'consent_numbers',
  'mentions',
] as const
export type ErasedKind = (typeof ERASED_KINDS)[number]
export type ErasedCounts = Readonly<Record<ErasedKind, number>>

export interface LeftAtVendor {
  readonly conversationId: string
  readonly why: string
}

export interface LeftAtTelephony extends TelephonyCopy {
  readonly why: string
}

/** As it stands in the database, JSON. */
export interface Receipt {
  readonly reason: string | null
  readonly counts: ErasedCounts
  readonly vendorErased: number
  /** It had none of them, or no more. */
  readonly vendorUnknown: number
  /** Yet to be erased there; at the end, what it kept. */
  readonly vendorLeft: readonly LeftAtVendor[]
  /** Calls whose recordings the telephony vendor deleted; that it has none of; that it has yet. */
  readonly telephonyErased: number
  readonly telephonyUnknown: number
  readonly telephonyLeft: readonly LeftAtTelephony[]
  /** Rounds over what is left with both. */
  readonly vendorRounds: number
  /** Live calls, or just ended, that are waited for. */
  readonly waitingFor: number
  readonly filesCleaned: boolean
}

export const newReceipt = (reason: string | null): Receipt => ({
  reason,
  counts: NOTHING,
  vendorErased: 0,
  vendorUnknown: 0,
  vendorLeft: [],
  telephonyErased: 0,
  telephonyUnknown: 0,
  telephonyLeft: [],
  vendorRounds: 0,
  waitingFor: 0,
  filesCleaned: false,
})

const NOTHING = Object.fromEntries(ERASED_KINDS.map((kind) => [kind, 0])) as ErasedCounts

export const addCounts = (one: ErasedCounts, other: Partial<ErasedCounts>): ErasedCounts =>
  Object.fromEntries(
    ERASED_KINDS.map((kind) => [kind, one[kind] + (other[kind] ?? 0)]),
  ) as ErasedCounts

/** We wrote it ourselves, so its shape is taken on trust; an earlier version knew less. */
export function decodeReceipt(row: Pick<ErasuresTable, 'receipt'>): Receipt {
  if (row.receipt === null) return newReceipt(null)
  const receipt = JSON.parse(row.receipt) as Receipt
  return { ...newReceipt(null), ...receipt, counts: { ...NOTHING, ...receipt.counts } }
}

const strict = { additionalProperties: false }
const time = Type.String({ format: 'date-time' })
const count = (description: string) => Type.Integer({ description })

export const erasureSchema = Type.Object(
  {
    erasure_id: Type.String(),
    state: Type.Unsafe<ErasuresTable['state']>(
      Type.Enum(['waiting', 'running', 'done', 'incomplete'], {
        description: 'incomplete: the vendor kept something; `left` says what and why',
      }),
    ),
    number_hash: Type.String({
      description:
        'HMAC-SHA256 of the number with a key of this installation: equal for equal numbers',
    }),
    key_id: Type.String({ description: 'Whose key asked for it' }),
    reason: Type.Union([Type.String(), Type.Null()]),
    created_at: time,
    finished_at: Type.Union([time, Type.Null()]),
    waiting_for_calls: count('Calls with the number that are live, or ended just now'),
    erased: Type.Object(
      Object.fromEntries(ERASED_KINDS.map((kind) => [kind, Type.Integer()])) as Record<
        ErasedKind,
        ReturnType<typeof Type.Integer>
      >,
      strict,
    ),
    vendor: Type.Object(
      {
        erased: count('Conversations that the agent’s vendor deleted'),
        unknown: count('Conversations that it had no more'),
        left: Type.Array(
          Type.Object({ conversation_id: Type.String(), why: Type.String() }, strict),
          { description: 'Not deleted there yet; when the state is incomplete, not at all' },
        ),
      },
      strict,
    ),
    telephony: Type.Object(
      {
        erased: count('Calls whose recordings the telephony vendor (Voximplant) deleted'),
        unknown: count('Calls that it had no recording of, or no more'),
        left: Type.Array(Type.Object({ call_id: Type.String(), why: Type.String() }, strict), {
          description: 'Not deleted there yet; when the state is incomplete, not at all',
        }),
      },
      strict,
    ),
    files_cleaned: Type.Boolean({
      description: 'What was deleted cannot be read in the files of the database either',
    }),
    not_covered: Type.Array(Type.String(), { description: 'What may still hold the number' }),
  },
  strict,
)

export type ErasureView = Static<typeof erasureSchema>

/** Out of our reach, whatever we do: said in every receipt, so that nobody takes it for more than it is. */
const NOT_COVERED = [
  'Backups and copies of the data folder that were made before.',
  'What the carrier keeps of its calls, and receivers of webhooks of what they were told.',
  'Calls of Voximplant that were never synced: a later sync brings them in.',
  'The last SIP messages in memory, until newer ones or the next start replace them.',
  'The number spoken in other people’s calls.',
] as const

export function viewErasure(row: ErasuresTable): ErasureView {
  const receipt = decodeReceipt(row)
  return {
    erasure_id: row.erasure_id,
    state: row.state,
    number_hash: row.number_hash,
    key_id: row.key_id,
    reason: receipt.reason,
    created_at: rfc3339(epochMs(row.created_at)),
    finished_at: row.finished_at === null ? null : rfc3339(epochMs(row.finished_at)),
    waiting_for_calls: receipt.waitingFor,
    erased: receipt.counts,
    vendor: {
      erased: receipt.vendorErased,
      unknown: receipt.vendorUnknown,
      left: receipt.vendorLeft.map(({ conversationId, why }) => ({
        conversation_id: conversationId,
        why,
      })),
    },
    telephony: {
      erased: receipt.telephonyErased,
      unknown: receipt.telephonyUnknown,
      left: receipt.telephonyLeft.map(({ callId, why }) => ({ call_id: callId, why })),
    },
    files_cleaned: receipt.filesCleaned,
    not_covered: [...NOT_COVERED],
  }
}
