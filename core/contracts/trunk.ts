// A way to and from the telephone network, as it is configured (sip-config/README.md). What is absent has the default
// written beside it. Read from the trunks file by core/config; used by gateway.
import type { E164 } from './phone-number.ts'
import type { SipProtocol } from './sip-protocol.ts'

export const TRUNK_CODECS = ['PCMU', 'PCMA', 'G722', 'opus'] as const
/** G.711 is ours; the others are spoken by a media server only. */
export type TrunkCodec = (typeof TRUNK_CODECS)[number]

export const OFFERED_ALGORITHMS = ['SHA-256', 'MD5'] as const
/** What callers may be asked to answer with. */
export type OfferedAlgorithm = (typeof OFFERED_ALGORITHMS)[number]

export interface Trunk {
  /** Label in metrics and records. */
  readonly name: string
  /** Host and optional port of `sip:number@domain`. */
  readonly domain: string
  /** SIP URI of the outbound proxy: the next hop of all we send. */
  readonly proxy?: string
  /** How the domain is reached where there is no proxy. Absent: RFC 3263 decides, UDP first. */
  readonly transport?: SipProtocol
  /** The numbers we may show as ours; the first is the default. */
  readonly numbers: readonly E164[]
  /** How the carrier knows us; absent where it knows our address. */
  readonly account?: TrunkAccount
  /** Which numbers it is dialled for; absent: all, as `DEFAULT_ROUTE`. An empty list: none. */
  readonly routes?: readonly TrunkRoute[]
  /** How its calls to us are known. Absent: by the addresses of its domain and proxy. */
  readonly inbound?: TrunkInbound
  /** What is offered and taken, the preferred first. Absent: PCMU, PCMA. */
  readonly codecs?: readonly TrunkCodec[]
  /** `anchored`: a media server stands between its audio and ours from the first INVITE on. Absent: `direct`. */
  readonly media?: 'direct' | 'anchored'
  /** SDES (RFC 4568), by the media server. Absent: `off`. */
  readonly srtp?: 'off' | 'required'
  /** How numbers are written on its wire. Absent: `e164`. */
  readonly numberFormat?: NumberFormat
  readonly callerId?: CallerIdPolicy
  readonly limits?: TrunkLimits
  /** OPTIONS pings. Absent: as `DEFAULT_HEALTH`. `off`: never asked, always up. */
  readonly health?: TrunkHealthPolicy | 'off'
  /** Its `X-…` headers become variables of the agent (`sip_…`). Absent: false. */
  readonly passHeaders?: boolean
  /** How a call of it is handed to a human. Absent: `auto`, REFER first and a bridged second call when it is refused. */
  readonly transfer?: 'auto' | 'refer' | 'bridge'
}

export interface TrunkAccount {
  readonly user: string
  /** For digest, where it is not the user. */
  readonly authUser?: string
  readonly password: string
  /** We tell the carrier where we are, and again before it forgets. */
  readonly registers: boolean
  /** Where it is written down, for whoever must mend it: names of settings, or file and key. */
  readonly settings: string
}

export interface TrunkRoute {
  /** E.164 beginnings such as `+49`; `+` is every number. Never empty. */
  readonly prefixes: readonly string[]
  /** The lowest is tried first. */
  readonly priority: number
  /** Share among those of one priority. */
  readonly weight: number
}

/** What a route has that says only which numbers. */
export const DEFAULT_ROUTE = { priority: 100, weight: 1 } as const

/** A caller is the trunk's when one of these says so. */
export interface TrunkInbound {
  /**
   * IP addresses and networks (`203.0.113.0/24`). Absent: those that domain and proxy stand for in the DNS, where no
   * certificate is named.
   */
  readonly addresses?: readonly string[]
  /** Names in the client certificate of its TLS connection. */
  readonly tlsNames?: readonly string[]
  /** Its calls are taken only with these credentials, wherever they come from. */
  readonly account?: InboundAccount
}

/** The carrier's account with us. */
export interface InboundAccount {
  readonly username: string
  readonly password: string
  /** What it may answer with, the preferred first; absent: MD5, which everybody knows. */
  readonly algorithms?: readonly OfferedAlgorithm[]
}

/**
 * `e164`: `+4930123456`. `digits`: without the plus. `national`: without the country code where it is `country`, with
 * `nationalPrefix` before it (`030123456`), else `internationalPrefix` and all digits (`0044…`).
 */
export type NumberFormat =
  | 'e164'
  | 'digits'
  | {
      readonly country: string
      readonly nationalPrefix: string
      readonly internationalPrefix: string
    }

export interface CallerIdPolicy {
  /**
   * Who stands in From. `number`: the caller's number. `account`: the account's user, as registrars want that compare.
   * Absent: `number`, but the account's user where that is this very number or none is shown.
   */
  readonly from?: 'number' | 'account'
  /** P-Asserted-Identity with the caller's number (RFC 3325). Absent: false. */
  readonly assertedIdentity?: boolean
  /** Anonymous From and `Privacy: id` (RFC 3323), with P-Asserted-Identity where that is on. Absent: false. */
  readonly anonymous?: boolean
}

export interface TrunkLimits {
  /** Both directions. */
  readonly maxConcurrentCalls?: number
  /** INVITEs we send it. */
  readonly maxCallsPerSecond?: number
}

export interface TrunkHealthPolicy {
  readonly intervalSeconds: number
  /** Failures in a row until it is down. */
  readonly downAfter: number
  /** Answers in a row until it is up again. */
  readonly upAfter: number
}

export const DEFAULT_HEALTH: TrunkHealthPolicy = { intervalSeconds: 30, downAfter: 3, upAfter: 2 }

/** Who answers a number of ours. What no route names goes to the default agent. */
export interface NumberRoute {
  /** E.164. */
  readonly number: E164
  readonly to:
    | { readonly kind: 'agent'; readonly agentId: string }
    /** The menu; `agentId` of the agent after it, null: none; absent: the default agent. */
    | { readonly kind: 'flow'; readonly agentId?: string | null }
    | { readonly kind: 'reject'; readonly sipStatus: 403 | 404 | 480 | 603 }
}

/** What the trunks file says. */
export interface TrunkSet {
  readonly trunks: readonly Trunk[]
  readonly numbers: readonly NumberRoute[]
}
