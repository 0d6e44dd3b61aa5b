// Puts packets in order without delaying those that already are. A packet that overtook another waits for it: for
// two packets or 40 ms, whichever ends first. (RFC 3550 leaves this to the receiver; there is no playout here, so a
// full jitter buffer would only add delay.)
import type { RtpPacket } from './rtp-packet.ts'

/** Two packets of 20 ms: the depth at which reordering on real paths ends and loss begins. */
const REORDER_PACKETS = 2
export const REORDER_MS = 40

interface HeldPacket {
  readonly extended: number
  readonly packet: RtpPacket
  readonly arrivedAtMs: number
}

export class ReorderWindow {
  readonly #deliver: (packet: RtpPacket, arrivedAtMs: number) => void
  /** Ascending by sequence; never longer than REORDER_PACKETS. */
  #held: HeldPacket[] = []
  #next = -1
  #lost = 0
  #late = 0

  constructor(deliver: (packet: RtpPacket, arrivedAtMs: number) => void) {
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

  /** A stream begins with this packet; what was held belongs to the former one. */
  start(extended: number, packet: RtpPacket, arrivedAtMs: number): void {
    this.#held = []
    this.#next = extended + 1
    this.#deliver(packet, arrivedAtMs)
  }

  put(extended: number, packet: RtpPacket, arrivedAtMs: number): void {
    if (extended === this.#next) {
      this.#next += 1
      this.#deliver(packet, arrivedAtMs)
      if (this.#held.length > 0) this.#deliverInOrder()
    } else if (extended < this.#next) {
      this.#late += 1
    } else {
      this.#hold({ extended, packet, arrivedAtMs })
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

  #hold(arrival: HeldPacket): void {
    const later = this.#held.findIndex((held) => held.extended > arrival.extended)
    this.#held.splice(later < 0 ? this.#held.length : later, 0, arrival)
  }

  #giveUpGap(): void {
    const first = this.#held[0]
    if (first === undefined) return
    this.#lost += first.extended - this.#next
    this.#next = first.extended
    this.#deliverInOrder()
  }

  #deliverInOrder(): void {
    let first = this.#held[0]
    while (first !== undefined && first.extended === this.#next) {
      this.#held.shift()
      this.#next += 1
      this.#deliver(first.packet, first.arrivedAtMs)
      first = this.#held[0]
    }
  }
}
