// Puts packets in order without delaying those that already are. A packet that overtook another waits for it: for
// two packets or 40 ms, whichever ends first. (RFC 3550 leaves this to the receiver; there is no playout here, so a
// full jitter buffer would only add delay.)

/** Two packets of 20 ms: the depth at which reordering on real paths ends and loss begins. */
const REORDER_PACKETS = 2
export const REORDER_MS = 40

/** What takes its turn; one object may serve all that pass at once, so what is held is copied. */
export interface Arrival {
  readonly extended: number
  readonly payloadType: number
  readonly timestamp: number
  readonly payload: Uint8Array
  readonly arrivedAtMs: number
}

/** The next in order; `lost` packets before it were given up. */
export type DeliverArrival = (arrival: Arrival, lost: number) => void

export class ReorderWindow {
  readonly #deliver: DeliverArrival
  /** Ascending by sequence; never longer than REORDER_PACKETS. */
  #held: Arrival[] = []
  #next = -1
  #lost = 0
  #late = 0

  constructor(deliver: DeliverArrival) {
    this.#deliver = deliver
  }

  /** Packets given up. */
  get lost(): number {
    return this.#lost
  }

  /** Packets that came after they were given up. */
  get late(): number {
    return this.#late
  }

  get isHolding(): boolean {
    return this.#held.length > 0
  }

  /** The stream is over: nothing is waited for any more. */
  flush(): void {
    while (this.#held.length > 0) this.#giveUpGap()
  }

  /** A stream begins with this packet. */
  start(arrival: Arrival): void {
    this.#held = []
    this.#next = arrival.extended + 1
    this.#deliver(arrival, 0)
  }

  put(arrival: Arrival): void {
    if (arrival.extended === this.#next) {
      this.#next += 1
      this.#deliver(arrival, 0)
      if (this.#held.length > 0) this.#deliverInOrder(0)
    } else if (arrival.extended < this.#next) {
      this.#late += 1
    } else {
      this.#hold(arrival)
      if (this.#held.length > REORDER_PACKETS) this.#giveUpGap()
    }
  }

  /** Called each frame: a hole that lasted too long is loss. */
  expire(nowMs: number): void {
    const oldest = this.#held[0]
    if (oldest !== undefined && nowMs - oldest.arrivedAtMs >= REORDER_MS) this.#giveUpGap()
  }

  /** Forgets held packets: they arrived before anybody may hear them. */
  clear(): void {
    const newest = this.#held.at(-1)
    if (newest !== undefined) this.#next = newest.extended + 1
    this.#held = []
  }

  #hold(arrival: Arrival): void {
    const copy: Arrival = { ...arrival, payload: Uint8Array.from(arrival.payload) }
    const later = this.#held.findIndex((held) => held.extended > arrival.extended)
    this.#held.splice(later < 0 ? this.#held.length : later, 0, copy)
  }

  #giveUpGap(): void {
    const first = this.#held[0]
    if (first === undefined) return
    const lost = first.extended - this.#next
    this.#lost += lost
    this.#next = first.extended
    this.#deliverInOrder(lost)
  }

  #deliverInOrder(lostBefore: number): void {
    let lost = lostBefore
    let first = this.#held[0]
    while (first !== undefined && first.extended === this.#next) {
      this.#held.shift()
      this.#next += 1
      this.#deliver(first, lost)
      lost = 0
      first = this.#held[0]
    }
  }
}
