// A key as the API takes and shows it.
import { Type, type Static } from '@fastify/type-provider-typebox'
import { rfc3339, epochMs } from '#core/contracts'
import { AppError } from '#core/errors'
import type { DialBudget } from '../../access/dial-budget.ts'
import type { KeyWish } from '../../access/key-changes.ts'
import type { ApiKeysTable } from '../../db/schema.ts'
import { ROLES } from '../../http-server.ts'
import { viewTime } from '../../view-parts.ts'

const time = Type.String({ format: 'date-time' })
const timeOrNull = Type.Union([time, Type.Null()])

export const roleSchema = Type.Enum(ROLES, {
  description: 'admin may do all; operator acts on calls; viewer reads; metrics reads /metrics',
})

const budgetSchema = Type.Object(
  {
    calls_per_second: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, maximum: 1000, description: '0.5: one in two seconds' }),
    ),
    calls_per_day: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 10_000_000, description: 'A day of UTC' }),
    ),
    prefixes: Type.Optional(
      Type.Array(Type.String({ pattern: '^\\+[1-9][0-9]{0,14}$' }), {
        maxItems: 200,
        description: 'Numbers that begin with one of them alone, such as +49',
      }),
    ),
    trunks: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
        maxItems: 100,
        description: 'Through these trunks alone',
      }),
    ),
  },
  {
    additionalProperties: false,
    description: 'What the key may make ring, beside what the whole node may',
  },
)

const name = Type.Union([Type.String({ minLength: 1, maxLength: 100 }), Type.Null()], {
  description: 'What it is for, in your words',
})
const budget = Type.Union([budgetSchema, Type.Null()])
const expiresAt = Type.Union([Type.String({ maxLength: 40, format: 'date-time' }), Type.Null()], {
  description: 'From then on it lets nobody in; null: never',
})

export const newKeySchema = Type.Object(
  {
    role: roleSchema,
    name: Type.Optional(name),
    budget: Type.Optional(budget),
    expires_at: Type.Optional(expiresAt),
  },
  { additionalProperties: false },
)

export const keyChangeSchema = Type.Object(
  {
    role: Type.Optional(roleSchema),
    name: Type.Optional(name),
    budget: Type.Optional(budget),
    expires_at: Type.Optional(expiresAt),
  },
  { additionalProperties: false, minProperties: 1 },
)

const keyFields = {
  key_id: Type.String(),
  name: Type.Union([Type.String(), Type.Null()]),
  role: roleSchema,
  state: Type.Enum(['active', 'expired', 'revoked']),
  budget,
  created_at: time,
  expires_at: timeOrNull,
  last_used_at: Type.Union([time, Type.Null()], { description: 'To the minute' }),
  revoked_at: timeOrNull,
}

export const keySchema = Type.Object(keyFields)

export const madeKeySchema = Type.Object({
  ...keyFields,
  key: Type.String({ description: 'Shown this once; only its hash is kept' }),
})

type KeyChange = Static<typeof keyChangeSchema>

/** What a request says, and nothing of what it does not. @throws AppError `REQUEST_INVALID` */
export function decodeWish(body: KeyChange, now: number): Partial<KeyWish> {
  return {
    ...(body.role === undefined ? {} : { role: body.role }),
    ...(body.name === undefined ? {} : { name: body.name }),
    ...(body.budget === undefined ? {} : { budget: body.budget && decodeBudget(body.budget) }),
    ...(body.expires_at === undefined ? {} : { expiresAt: decodeExpiry(body.expires_at, now) }),
  }
}

function decodeExpiry(text: string | null, now: number): number | null {
  if (text === null) return null
  const at = Date.parse(text)
  if (at > now) return at
  throw new AppError('REQUEST_INVALID', 'expires_at must be a time to come, in RFC 3339.', {
    details: { field: 'expires_at' },
  })
}

const decodeBudget = (given: Static<typeof budgetSchema>): DialBudget => ({
  ...(given.calls_per_second === undefined ? {} : { callsPerSecond: given.calls_per_second }),
  ...(given.calls_per_day === undefined ? {} : { callsPerDay: given.calls_per_day }),
  ...(given.prefixes === undefined ? {} : { prefixes: given.prefixes }),
  ...(given.trunks === undefined ? {} : { trunks: given.trunks }),
})

function viewBudget(text: string | null): Static<typeof budget> {
  if (text === null) return null
  const { callsPerSecond, callsPerDay, prefixes, trunks } = JSON.parse(text) as DialBudget
  return {
    ...(callsPerSecond === undefined ? {} : { calls_per_second: callsPerSecond }),
    ...(callsPerDay === undefined ? {} : { calls_per_day: callsPerDay }),
    ...(prefixes === undefined ? {} : { prefixes: [...prefixes] }),
    ...(trunks === undefined ? {} : { trunks: [...trunks] }),
  }
}

export function viewKey(
  row: ApiKeysTable,
  { now, lastUse }: { readonly now: number; readonly lastUse: number | null },
): Static<typeof keySchema> {
  const { revoked_at: revokedAt, expires_at: endsAt } = row
  const isExpired = endsAt !== null && endsAt <= now
  return {
    key_id: row.id,
    name: row.name,
    role: row.role,
    state: revokedAt !== null ? 'revoked' : isExpired ? 'expired' : 'active',
    budget: viewBudget(row.budget),
    created_at: rfc3339(epochMs(row.created_at)),
    expires_at: viewTime(endsAt),
    last_used_at: viewTime(lastUse ?? row.last_used_at),
    revoked_at: viewTime(revokedAt),
  }
}
