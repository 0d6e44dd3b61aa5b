// What a key may make ring, beside what the whole node may.

export interface DialBudget {
  readonly callsPerSecond?: number
  /** A day of UTC. */
  readonly callsPerDay?: number
  /** `+49`: numbers that begin with one of them alone. */
  readonly prefixes?: readonly string[]
  /** Names of trunks: these alone. */
  readonly trunks?: readonly string[]
}
