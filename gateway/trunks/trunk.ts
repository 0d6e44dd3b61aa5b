// What a trunk's definition means on the wire (core/contracts/trunk.ts has the definition).
import { decodePhoneNumber, type Trunk } from '#core/contracts'
import type { DigestAccount } from '../sip/digest/digest-credentials.ts'

/** What defines a trunk with an account, as the configuration has it. */
export interface AccountSettings {
  readonly name: string
  readonly user: string
  readonly password: string
  readonly domain: string
  readonly proxy: string | undefined
}

/** User part where no number and no account of ours is to be shown. */
const ANONYMOUS_USER = 'voicegate'

/** A trunk that registers. Its user, where that is a telephone number with its country code, is its number. */
export function accountTrunk(account: AccountSettings, settings: string): Trunk {
  const { name, user, password, domain, proxy } = account
  const number = decodePhoneNumber(plus(user))
  return {
    name,
    domain,
    numbers: number === undefined ? [] : [number],
    account: { user, password, registers: true, settings },
    ...(proxy === undefined ? {} : { proxy }),
  }
}

/** `sip:+49…@domain`: the form every replaced system dialled, and the one carriers expect. */
export const requestUri = (trunk: Trunk, number: string): string => `sip:${number}@${trunk.domain}`

/** With an account the carrier expects its user there, written as it was given. */
export function fromHeader(trunk: Trunk, from: string | null): string {
  const { account, domain } = trunk
  const isOwn = account !== undefined && (from === null || from === plus(account.user))
  return `<sip:${isOwn ? account.user : (from ?? ANONYMOUS_USER)}@${domain}>`
}

/** Who calls, when nobody says: a number of ours, else the user the carrier knows us by. */
export const shownAs = ({ numbers, account }: Trunk): string | null =>
  numbers[0] ?? account?.user ?? null

/** User part of our Contact: what the registrar's INVITEs will name. */
export const contactUser = (trunk: Trunk): string => trunk.account?.user ?? ANONYMOUS_USER

/** Headers of its INVITEs beside the usual ones: who calls, where the trunk wants it said apart (RFC 3325, RFC 3323). */
export function extraHeaders(
  { callerId, domain }: Trunk,
  from: string | null,
): Readonly<Record<string, string>> {
  const isAsserted = callerId?.assertedIdentity === true && from !== null
  return {
    ...(isAsserted ? { 'P-Asserted-Identity': `<sip:${from}@${domain}>` } : {}),
    ...(callerId?.anonymous === true ? { Privacy: 'id' } : {}),
  }
}

/** What answers the carrier's challenges. */
export const credentialsOf = ({ account }: Trunk): DigestAccount | undefined =>
  account && { username: account.authUser ?? account.user, password: account.password }

const plus = (user: string): string => (user.startsWith('+') ? user : `+${user}`)
