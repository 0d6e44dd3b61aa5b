// Audio may overtake the answer that says where it comes from (RFC 3264 §5.1): the newest is kept, and judged once that
// is known. Ring-back that came before it may be minutes long, and the caller's first words are its last second.

/** A second of 20 ms packets. */
const MAX_UNCLAIMED = 50
/** More than any telephone's audio packet; what is larger is not kept. */
const MAX_UNCLAIMED_BYTES = 2048

export interface DatagramOrigin {
  readonly address: string
  readonly port: number
  readonly arrivedAtMs: number
}

export class UnclaimedDatagrams {
  #waiting: { readonly datagram: Uint8Array; readonly origin: DatagramOrigin }[] = []

  keep(datagram: Uint8Array, origin: DatagramOrigin): void {
    if (datagram.length > MAX_UNCLAIMED_BYTES) return
    if (this.#waiting.length === MAX_UNCLAIMED) this.#waiting.shift()
    this.#waiting.push({ datagram: Uint8Array.from(datagram), origin })
  }

  /** Each once, in order of arrival. */
  take(receive: (datagram: Uint8Array, origin: DatagramOrigin) => void): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const { datagram, origin } of waiting) receive(datagram, origin)
  }
}
