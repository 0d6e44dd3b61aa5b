// What a trunk's definition means on the wire (core/contracts/trunk.ts has the definition).
import type { NumberFormat, Trunk } from '#core/contracts'
import type { DigestAccount } from '../sip/digest/digest-credentials.ts'
import { isWrittenPlainly, readNumber, writeNumber } from './number-format.ts'

/** User part where no number and no account of ours is to be shown. */
const ANONYMOUS_USER = 'voicegate'

/** `sip:+49…@domain`, the number as the trunk writes it. */
export const requestUri = (trunk: Trunk, number: string): string =>
  `sip:${writeNumber(formatOf(trunk), number)}@${trunk.domain}${transportOf(trunk)}`

/** Whether what the trunk is told is this very number. */
export const canDial = (trunk: Trunk, number: string): boolean =>
  isWrittenPlainly(formatOf(trunk), number)

/** The trunk itself: what is registered at and asked. */
export const trunkUri = (trunk: Trunk): string => `sip:${trunk.domain}${transportOf(trunk)}`

/** Where there is a proxy, its own URI says how it is reached. */
const transportOf = ({ proxy, transport }: Trunk): string =>
  proxy === undefined && transport !== undefined ? `;transport=${transport}` : ''

const formatOf = ({ numberFormat = 'e164' }: Trunk): NumberFormat => numberFormat

/** A number as the trunk wrote it, in E.164 where it is one; a plain name as it is; undefined when it is neither. */
export const numberFromWire = (trunk: Trunk, user: string): string | undefined =>
  readNumber(formatOf(trunk), user)

/** RFC 3323 §4.1.1.3. */
const NOBODY = '"Anonymous" <sip:anonymous@anonymous.invalid>'

export function fromHeader(trunk: Trunk, from: string | null): string {
  const { account, domain, callerId = {} } = trunk
  if (callerId.anonymous === true) return NOBODY
  // With an account the carrier expects its user there, written as it was given.
  const isOwn = from === null || (account !== undefined && from === plus(account.user))
  const showsAccount = callerId.from === 'account' || (callerId.from === undefined && isOwn)
  const user = from === null ? undefined : writeNumber(formatOf(trunk), from)
  const shown = showsAccount ? (account?.user ?? user) : (user ?? account?.user)
  return `<sip:${shown ?? ANONYMOUS_USER}@${domain}>`
}

/** Who calls, when nobody says: a number of ours, else the user the carrier knows us by. */
export const shownAs = ({ numbers, account }: Trunk): string | null =>
  numbers[0] ?? account?.user ?? null

/** User part of our Contact: what the registrar's INVITEs will name. */
export const contactUser = (trunk: Trunk): string => trunk.account?.user ?? ANONYMOUS_USER

/** Headers of its INVITEs beside the usual ones: who calls, where the trunk wants it said apart (RFC 3325, RFC 3323). */
export function extraHeaders(trunk: Trunk, from: string | null): Readonly<Record<string, string>> {
  const { callerId = {}, domain } = trunk
  const isAsserted = callerId.assertedIdentity === true && from?.startsWith('+') === true
  const number = isAsserted ? writeNumber(formatOf(trunk), from) : ''
  return {
    ...(isAsserted ? { 'P-Asserted-Identity': `<sip:${number}@${domain}>` } : {}),
    ...(callerId.anonymous === true ? { Privacy: 'id' } : {}),
  }
}

/** What answers the carrier's challenges. */
export const credentialsOf = ({ account }: Trunk): DigestAccount | undefined =>
  account && { username: account.authUser ?? account.user, password: account.password }

const plus = (user: string): string => (user.startsWith('+') ? user : `+${user}`)
