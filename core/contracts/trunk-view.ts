// A trunk as an operator sees it. No user, no number.
import type { EpochMs } from './units.ts'

/**
 * `none`: it does not register. Registered for as long as a binding stands, whatever goes on about the next one.
 * `closed`: we stopped, and the registrar may still know us; `unregistered`: it does not.
 */
export type TrunkRegistration =
  'none' | 'registering' | 'registered' | 'failing' | 'closed' | 'unregistered'

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

export interface TrunkView {
  readonly name: string
  readonly registration: TrunkRegistration
  /** When it became so; null when it does not register. */
  readonly since: EpochMs | null
  readonly lastFailure: RegistrationFailure | null
  readonly health: TrunkHealth
  /** Both directions. */
  readonly calls: number
}
