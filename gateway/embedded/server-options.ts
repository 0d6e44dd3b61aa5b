// What the embedded server can be told, and its defaults.
import type { SipProtocol } from './transport/transport.ts'

export interface ListenAddress {
  readonly protocol: SipProtocol
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
  /** How long an INVITE that opens a call waits for any answer at all before the next server is tried. Default 8000. */
  readonly firstResponseMs: number
  /** How long a TCP or TLS connection may take to stand. Default 3000. */
  readonly connectMs: number
  /** A pause after which a connection we opened is kept alive by CRLF CRLF (RFC 5626 §3.5.1). Default 30 000. */
  readonly keepAliveMs: number
  /** A connection on which nothing came for so long is closed. Default 3 900 000: longer than a registration lasts. */
  readonly idleMs: number
  /** The same for one that others opened, until it carries a dialog or a registration. Default 60 000. */
  readonly strangerIdleMs: number
  /** The shortest session interval we accept (RFC 4028 §5). Default 90 000, the least the RFC allows. */
  readonly minSessionMs: number
}

/** PEM texts. Without a certificate a TLS address can only call out. */
export interface SipTls {
  readonly cert?: string
  readonly key?: string
  /** Who may vouch for whom we call and for who calls us; the system's authorities when absent. */
  readonly ca?: string
}

export interface GateOptions {
  /** IP addresses and networks. */
  readonly known: readonly string[]
  /**
   * What becomes of requests outside a dialog from anywhere else. `drop`: not a word. `refuse`: 403. `ask`: the
   * application decides, as it must when a caller is known by digest or by the name in its certificate.
   */
  readonly strangers: 'drop' | 'refuse' | 'ask'
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
  /** A request with more header lines is refused with 400, a response dropped. Default 128. */
  readonly maxHeaders: number
  /** TCP and TLS connections at a time. Default 1000. */
  readonly maxConnections: number
  /** Of them, those that one address opened. Default 100. */
  readonly maxConnectionsPerAddress: number
  /** Of an address that the gate does not know, read or not: more are dropped. Default 50 a second, 100 at once. */
  readonly strangerMessagesPerSecond: number
  readonly strangerMessageBurst: number
  /** 403 to such an address; then it gets no answer. Default 5. */
  readonly strangerRefusalsPerSecond: number
  /** The last messages kept for `trace`; 0 keeps none. Default 32 MiB: some thousand calls. */
  readonly maxTraceBytes: number
}

export interface EmbeddedSipOptions {
  readonly listen: readonly ListenAddress[]
  /** Public address, `host` or `host:port`, written into Via, Contact and `@localhost` instead of the bound one. */
  readonly advertise?: string
  readonly timers?: Partial<SipTimers>
  readonly limits?: Partial<SipLimits>
  readonly tls?: SipTls
  /** Absent: everybody is known. */
  readonly gate?: GateOptions
  /** `address` or `address:port` of the name servers to ask instead of the system's. */
  readonly nameServers?: readonly string[]
}

export interface ServerConfig {
  readonly listen: readonly ListenAddress[]
  readonly advertise: string | undefined
  readonly timers: SipTimers
  readonly limits: SipLimits
  readonly tls: SipTls
  readonly gate: GateOptions | undefined
  readonly nameServers: readonly string[] | undefined
  readonly secret: string
}

export function completeConfig(options: EmbeddedSipOptions, secret: string): ServerConfig {
  return {
    listen: options.listen,
    advertise: options.advertise,
    timers: {
      t1Ms: 500,
      t2Ms: 4_000,
      t4Ms: 5_000,
      firstResponseMs: 8_000,
      connectMs: 3_000,
      keepAliveMs: 30_000,
      idleMs: 3_900_000,
      strangerIdleMs: 60_000,
      minSessionMs: 90_000,
      ...options.timers,
    },
    limits: {
      maxTransactions: 100_000,
      maxTransactionBytes: 128 * 1024 * 1024,
      maxDialogs: 20_000,
      maxMessageBytes: 32_768,
      maxHeaders: 128,
      maxConnections: 1_000,
      maxConnectionsPerAddress: 100,
      strangerMessagesPerSecond: 50,
      strangerMessageBurst: 100,
      strangerRefusalsPerSecond: 5,
      maxTraceBytes: 32 * 1024 * 1024,
      ...options.limits,
    },
    tls: options.tls ?? {},
    gate: options.gate,
    nameServers: options.nameServers,
    secret,
  }
}

/** How long a transaction waits at most: 64·T1 (RFC 3261 §17). */
export const transactionTimeoutMs = (timers: SipTimers): number => 64 * timers.t1Ms
