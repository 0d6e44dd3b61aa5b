// What is typed about a key, and what is asked of the server for it.
import type { CreateKeyData, ListKeysResponse } from '../../../api/generated/types.gen.ts'

export type ApiKey = ListKeysResponse['items'][number]
export type KeyRole = ApiKey['role']
export type Budget = NonNullable<ApiKey['budget']>
export type KeyBody = CreateKeyData['body']

export const ROLES = [
  'viewer',
  'operator',
  'admin',
  'metrics',
] as const satisfies readonly KeyRole[]
/** The others cannot place calls: a budget would say nothing. */
export const mayDial = (role: KeyRole): boolean => role === 'operator' || role === 'admin'

export const EXPIRY_DAYS = [30, 90, 365] as const
/** `stays`: as it is; a number: days from now; `on`: that day, to its end. */
export type Expiry = 'never' | 'stays' | 'on' | '30' | '90' | '365'

export interface TypedKey {
  readonly name: string
  readonly role: KeyRole
  readonly expiry: Expiry
  /** `2027-03-01`, in the reader's zone. */
  readonly lastDay: string
  readonly isLimited: boolean
  readonly perSecond: string
  readonly perDay: string
  readonly prefixes: string
  readonly trunks: readonly string[]
}

export const NEW_KEY: TypedKey = {
  name: '',
  role: 'viewer',
  expiry: 'never',
  lastDay: '',
  isLimited: false,
  perSecond: '',
  perDay: '',
  prefixes: '',
  trunks: [],
}

export const typedOf = ({ name, role, budget, expires_at: end }: ApiKey): TypedKey => ({
  name: name ?? '',
  role,
  expiry: end === null ? 'never' : 'stays',
  lastDay: '',
  isLimited: budget !== null,
  perSecond: String(budget?.calls_per_second ?? ''),
  perDay: String(budget?.calls_per_day ?? ''),
  prefixes: budget?.prefixes?.join(', ') ?? '',
  trunks: budget?.trunks ?? [],
})

const PREFIX = /^\+[1-9]\d{0,14}$/
const MOST_PER_SECOND = 1000
const MOST_PER_DAY = 10_000_000
const DAY_MS = 24 * 3600_000

const listed = (text: string): string[] => text.split(/[\s,;]+/).filter((one) => one !== '')
const isBetween = (value: number, least: number, most: number): boolean =>
  value >= least && value <= most

export type KeyFault = 'perSecond' | 'perDay' | 'prefixes' | 'lastDay' | 'nothing'

/** What is wrong with what was typed; nothing is wrong with what is not asked for. */
export function faultsOf(typed: TypedKey, now: number): ReadonlySet<KeyFault> {
  const faults = new Set<KeyFault>()
  if (typed.expiry === 'on' && !(endOfDay(typed.lastDay) > now)) faults.add('lastDay')
  if (!typed.isLimited || !mayDial(typed.role)) return faults
  const perSecond = Number(typed.perSecond)
  const perDay = Number(typed.perDay)
  if (typed.perSecond !== '' && !(perSecond > 0 && perSecond <= MOST_PER_SECOND))
    faults.add('perSecond')
  if (typed.perDay !== '' && !(Number.isInteger(perDay) && isBetween(perDay, 0, MOST_PER_DAY)))
    faults.add('perDay')
  if (!listed(typed.prefixes).every((one) => PREFIX.test(one))) faults.add('prefixes')
  if (budgetOf(typed) === null) faults.add('nothing')
  return faults
}

/** Without `expires_at` where it stays. */
export function bodyOf(typed: TypedKey, now: number): KeyBody {
  const name = typed.name.trim()
  const end = endOf(typed, now)
  return {
    role: typed.role,
    name: name === '' ? null : name,
    budget: budgetOf(typed),
    ...(end === undefined ? {} : { expires_at: end }),
  }
}

/** Null: no limit of its own; where one was asked for, that is a fault. */
function budgetOf(typed: TypedKey): Budget | null {
  if (!typed.isLimited || !mayDial(typed.role)) return null
  const prefixes = listed(typed.prefixes)
  const budget: Budget = {
    ...(typed.perSecond === '' ? {} : { calls_per_second: Number(typed.perSecond) }),
    ...(typed.perDay === '' ? {} : { calls_per_day: Number(typed.perDay) }),
    ...(prefixes.length === 0 ? {} : { prefixes }),
    ...(typed.trunks.length === 0 ? {} : { trunks: [...typed.trunks] }),
  }
  return Object.keys(budget).length === 0 ? null : budget
}

function endOf({ expiry, lastDay }: TypedKey, now: number): string | null | undefined {
  if (expiry === 'stays') return undefined
  if (expiry === 'never') return null
  const at = expiry === 'on' ? endOfDay(lastDay) : now + Number(expiry) * DAY_MS
  return new Date(at).toISOString()
}

/** The last millisecond of it, in the reader's zone; NaN: no day. */
const endOfDay = (day: string): number =>
  /^\d{4}-\d{2}-\d{2}$/.test(day) ? new Date(`${day}T23:59:59.999`).getTime() : NaN
