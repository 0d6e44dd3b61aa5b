// A way out to the telephone network. One for now; selection and failover come with the trunks file.
import { decodePhoneNumber, type E164 } from '#core/contracts'
import type { OfferedAlgorithm } from '../sip/digest/digest-authenticator.ts'
import type { DigestAccount } from '../sip/digest/digest-credentials.ts'

export interface Trunk {
  /** Label in metrics and records. */
  readonly name: string
  /** Host and optional port of `sip:number@domain`. */
  readonly domain: string
  /** The numbers we may show as ours; the first is the default. */
  readonly numbers: readonly E164[]
  /** The carrier's with us: its calls are taken only with these credentials. */
  readonly inbound?: InboundAccount
  /** How the carrier knows us; absent where it knows our address. */
  readonly account?: TrunkAccount
  /** SIP URI of the outbound proxy: the next hop of all we send. */
  readonly proxy?: string
}

export interface InboundAccount extends DigestAccount {
  /** What it may answer with, the preferred first; absent: MD5, which everybody knows. */
  readonly algorithms?: readonly OfferedAlgorithm[]
}

export interface TrunkAccount {
  readonly user: string
  readonly password: string
  /** We tell the carrier where we are, and again before it forgets. */
  readonly registers: boolean
  /** Where it is written down, for whoever must mend it: names of settings. */
  readonly settings: string
}

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

/** What answers the carrier's challenges. */
export const credentialsOf = ({ account }: Trunk): DigestAccount | undefined =>
  account && { username: account.user, password: account.password }

const plus = (user: string): string => (user.startsWith('+') ? user : `+${user}`)
