// What the server counts. Plain numbers, read by stats().

export interface EmbeddedSipStats {
  readonly requestsReceived: number
  readonly responsesReceived: number
  readonly requestsSent: number
  readonly responsesSent: number
  /** Sent again because nothing came back in time. */
  readonly retransmissionsSent: number
  /** Received again and absorbed. */
  readonly retransmissionsReceived: number
  /** Requests refused by the server itself, by status and cause. */
  readonly rejected: Readonly<Record<string, number>>
  /** Messages neither passed on nor answered, by cause. */
  readonly dropped: Readonly<Record<string, number>>
  /** Client transactions that ended in a 408 of our own. */
  readonly timeouts: number
  /** Client transactions that ended in a 503 of our own: port closed, host unknown. */
  readonly unreachable: number
  /** Requests that went on to a further server because one did not take them. */
  readonly failovers: number
  readonly ackTimeouts: number
  /** Dialogs ended because nobody refreshed the session (RFC 4028 §10). */
  readonly sessionsExpired: number
  /** BYEs that waited for a late ACK (RFC 3261 §15). */
  readonly heldByes: number
  /** Second and later answers of a forked INVITE, acknowledged and hung up. */
  readonly forkedAnswersReleased: number
  /** Frames larger than drachtio-server itself could take (12 kB). */
  readonly oversizedFrames: number
  /** TCP and TLS. */
  readonly connections: number
  readonly transactions: number
  readonly dialogs: number
  readonly clients: number
}

type Gauge = 'connections' | 'transactions' | 'dialogs' | 'clients'
type Labelled = 'rejected' | 'dropped'
type CounterName = Exclude<keyof EmbeddedSipStats, Gauge | Labelled>

const NAMES: readonly CounterName[] = [
  'requestsReceived',
  'responsesReceived',
  'requestsSent',
  'responsesSent',
  'retransmissionsSent',
  'retransmissionsReceived',
  'timeouts',
  'unreachable',
  'failovers',
  'ackTimeouts',
  'sessionsExpired',
  'heldByes',
  'forkedAnswersReleased',
  'oversizedFrames',
]

export class Counters {
  readonly #plain = new Map<CounterName, number>(NAMES.map((name) => [name, 0]))
  readonly #rejected = new Map<string, number>()
  readonly #dropped = new Map<string, number>()

  add(name: CounterName): void {
    this.#plain.set(name, (this.#plain.get(name) ?? 0) + 1)
  }

  /** `cause` comes from a fixed set of words, never from a message. */
  rejected(status: number, cause: string): void {
    const key = `${status} ${cause}`
    this.#rejected.set(key, (this.#rejected.get(key) ?? 0) + 1)
  }

  dropped(cause: string): void {
    this.#dropped.set(cause, (this.#dropped.get(cause) ?? 0) + 1)
  }

  snapshot(gauges: Pick<EmbeddedSipStats, Gauge>): EmbeddedSipStats {
    const plain = Object.fromEntries(this.#plain) as Record<CounterName, number>
    return {
      ...plain,
      ...gauges,
      rejected: Object.fromEntries(this.#rejected),
      dropped: Object.fromEntries(this.#dropped),
    }
  }
}
