// An account of Voximplant as REST takes and shows it; its key is taken, and never shown.
import { Type, type Static } from '@fastify/type-provider-typebox'
import { epochMs, rfc3339 } from '#core/contracts'
import type { AccountRow } from '../../voximplant/accounts/account-store.ts'
import type { Tested } from '../../voximplant/accounts/account-desk.ts'
import { decodePermissions, PERMISSIONS } from '../../voximplant/accounts/permissions.ts'
import type { RehearsalAccount } from '../../voximplant/voximplant-config.ts'
import { nullable, viewTime } from '../../view-parts.ts'

const strict = { additionalProperties: false }
const time = Type.String({ format: 'date-time' })

const accountName = Type.String({ minLength: 1, maxLength: 120, pattern: '\\S' })
const key = {
  api_key: Type.Optional(
    Type.String({ minLength: 1, maxLength: 200, description: 'The legacy key of the account' }),
  ),
  service_account_key: Type.Optional(
    Type.Union(
      [
        Type.String({ minLength: 2, maxLength: 16_384 }),
        Type.Record(Type.String(), Type.Unknown()),
      ],
      { description: 'The JSON of a service account as it was downloaded, or its text' },
    ),
  ),
}
const accountId = Type.String({
  minLength: 1,
  maxLength: 24,
  description: 'The vendor’s: a number',
  examples: ['1234567'],
})

export const accountKeySchema = Type.Object({ account_id: accountId, ...key }, strict)
export const newAccountSchema = Type.Object(
  { account_name: accountName, account_id: accountId, ...key },
  strict,
)
export const accountChangeSchema = Type.Object(
  {
    account_name: Type.Optional(accountName),
    is_active: Type.Optional(
      Type.Boolean({ description: 'false: nothing is asked of it, and no call is placed by it' }),
    ),
    ...key,
  },
  { ...strict, minProperties: 1 },
)

const permissions = Type.Record(Type.String(), Type.Enum([...PERMISSIONS]), {
  description:
    'By command: what the key may do; unknown: it was not tried, for it changes something',
})
const balance = nullable(Type.Number())
const currency = nullable(Type.String())

export const testedSchema = Type.Object(
  {
    vendor_name: Type.String(),
    email: nullable(Type.String()),
    is_active: Type.Boolean(),
    is_frozen: Type.Boolean(),
    balance,
    currency,
    permissions,
  },
  strict,
)

export const accountSchema = Type.Object(
  {
    account_id: Type.String(),
    account_name: Type.String(),
    vendor_account_id: Type.String(),
    credential: Type.Enum(['api_key', 'service_account']),
    is_active: Type.Boolean(),
    vendor_name: nullable(Type.String()),
    balance,
    currency,
    permissions: nullable(permissions),
    tested_at: nullable(time),
    applications: Type.Integer({ description: 'How many use it' }),
    created_by: Type.String({ description: 'The id of a key' }),
    created_at: time,
    updated_at: time,
  },
  strict,
)

export const rehearsalAccountSchema = nullable(
  Type.Object(
    { account_id: Type.String(), api_key: Type.String(), phone_number: Type.String() },
    { ...strict, description: 'Of the simulated Voximplant; in rehearsal alone' },
  ),
)

export const viewAccount = (
  row: AccountRow,
  applications: number,
): Static<typeof accountSchema> => ({
  account_id: row.account_id,
  account_name: row.account_name,
  vendor_account_id: row.vendor_account_id,
  credential: row.credential_kind,
  is_active: row.is_active === 1,
  vendor_name: row.vendor_name,
  balance: row.balance,
  currency: row.currency,
  permissions: row.permissions === null ? null : { ...decodePermissions(row.permissions) },
  tested_at: viewTime(row.tested_at),
  applications,
  created_by: row.created_by,
  created_at: rfc3339(epochMs(row.created_at)),
  updated_at: rfc3339(epochMs(row.updated_at)),
})

export const viewTested = ({ info, permissions: told }: Tested): Static<typeof testedSchema> => ({
  vendor_name: info.name,
  email: info.email,
  is_active: info.isActive,
  is_frozen: info.isFrozen,
  balance: info.balance,
  currency: info.currency,
  permissions: { ...told },
})

export const viewRehearsalAccount = (account: RehearsalAccount | undefined) =>
  account === undefined
    ? null
    : {
        account_id: account.accountId,
        api_key: account.apiKey,
        phone_number: account.phoneNumber,
      }
