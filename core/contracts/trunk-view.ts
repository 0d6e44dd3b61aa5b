// A trunk as an operator sees it: how it is defined, and how it is. No user, no password, no number.
import type { SipProtocol } from './sip-protocol.ts'
import type { Trunk, TrunkCodec, TrunkRoute } from './trunk.ts'
import type { EpochMs } from './units.ts'

/**
 * `none`: it does not register. Registered for as long as a binding stands, whatever goes on about the next one.
 * `closed`: we stopped, and the registrar may still know us; `unregistered`: it does not.
 */
export type TrunkRegistration =
  | 'none'
  | 'registering'
  | 'registered'
  | 'failing'
  | 'closed'
  | 'unregistered'

export interface RegistrationFailure {
  readonly at: EpochMs
  /** What was answered; null when nothing was. */
  readonly sipStatus: number | null
  /** Why nothing was answered, in words of ours. */
  readonly detail: string | null
}

/** `unasked`: it is never asked, or was not yet. */
export type TrunkReach = 'up' | 'down' | 'unasked'

export interface TrunkHealth {
  readonly reach: TrunkReach
  /** When it became so; null when it was never asked. */
  readonly since: EpochMs | null
  /** The last answer to OPTIONS; null when nothing was answered. */
  readonly sipStatus: number | null
  /** Why nothing was answered, in words of ours. */
  readonly detail: string | null
}

/** What of its definition is for everybody's eyes, defaults written out. */
export interface TrunkFacts {
  readonly name: string
  /** Host and optional port. */
  readonly domain: string
  /** Host and optional port of the outbound proxy. */
  readonly proxy: string | null
  /** Null: RFC 3263 decides. */
  readonly transport: SipProtocol | null
  readonly registers: boolean
  readonly codecs: readonly TrunkCodec[]
  readonly media: NonNullable<Trunk['media']>
  readonly srtp: NonNullable<Trunk['srtp']>
  readonly transfer: NonNullable<Trunk['transfer']>
  /** How many we may show as ours. */
  readonly numbers: number
  /** An empty list: it is not dialled. */
  readonly routes: readonly TrunkRoute[]
  /** Null: no limit of its own. */
  readonly maxConcurrentCalls: number | null
  readonly maxCallsPerSecond: number | null
}

export interface TrunkView extends TrunkFacts {
  readonly registration: TrunkRegistration
  /** When it became so; null when it does not register. */
  readonly since: EpochMs | null
  /** Until when the registrar knows us, if it is not asked again; null when it does not. */
  readonly expiresAt: EpochMs | null
  readonly lastFailure: RegistrationFailure | null
  readonly health: TrunkHealth
  /** Both directions. */
  readonly calls: number
}
