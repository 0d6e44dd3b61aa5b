// What the embedded server can be told, and its defaults.

export interface ListenAddress {
  readonly protocol: 'udp'
  /** An IP address of this machine. A wildcard is refused unless `advertise` says what to put into Contact. */
  readonly host: string
  /** 0 takes a free port. */
  readonly port: number
}

export interface SipTimers {
  /** RFC 3261 §17.1.1.1: the round-trip estimate. Default 500. */
  readonly t1Ms: number
  /** The longest pause between retransmissions. Default 4000. */
  readonly t2Ms: number
  /** How long a message may stay in the network. Default 5000. */
  readonly t4Ms: number
}

export interface SipLimits {
  /** Live transactions, those that only wait out their last timer included (one lasts 64·T1). Default 100 000. */
  readonly maxTransactions: number
  /** What they keep together: requests until they are answered, then the answers. Default 128 MiB. */
  readonly maxTransactionBytes: number
  /** Default 20 000. */
  readonly maxDialogs: number
  /** A larger request is answered 513 when its headers alone are smaller, and dropped otherwise. Default 32 768. */
  readonly maxMessageBytes: number
}

export interface EmbeddedSipOptions {
  readonly listen: readonly ListenAddress[]
  /** Public address, `host` or `host:port`, written into Via, Contact and `@localhost` instead of the bound one. */
  readonly advertise?: string
  readonly timers?: Partial<SipTimers>
  readonly limits?: Partial<SipLimits>
}

export interface ServerConfig {
  readonly listen: readonly ListenAddress[]
  readonly advertise: string | undefined
  readonly timers: SipTimers
  readonly limits: SipLimits
  readonly secret: string
}

export function completeConfig(options: EmbeddedSipOptions, secret: string): ServerConfig {
  return {
    listen: options.listen,
    advertise: options.advertise,
    timers: { t1Ms: 500, t2Ms: 4_000, t4Ms: 5_000, ...options.timers },
    limits: {
      maxTransactions: 100_000,
      maxTransactionBytes: 128 * 1024 * 1024,
      maxDialogs: 20_000,
      maxMessageBytes: 32_768,
      ...options.limits,
    },
    secret,
  }
}

/** How long a transaction waits at most: 64·T1 (RFC 3261 §17). */
export const transactionTimeoutMs = (timers: SipTimers): number => 64 * timers.t1Ms
