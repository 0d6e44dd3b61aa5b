// A caller behind a bad network, on a virtual clock: packets are lost (alone or in bursts), shaken, swapped and doubled by
// seeded chance, and the sender's clock may run fast or slow.
import { writeRtpHeader } from '../../bridge/rtp/rtp-packet.ts'
import { seededRandom } from '../bridge/rtp/seeded-random.ts'

export interface BadNetworkOptions {
  readonly seed: number
  readonly packets: number
  readonly packetMs?: number
  readonly loss?: number
  /** Mean packets lost at once (Gilbert's model); 1 when each is lost on its own. */
  readonly burst?: number
  /** Added to each packet's way, evenly from 0 to this. Packets keep their order unless `reorders`. */
  readonly jitterMs?: number
  readonly reorders?: boolean
  readonly duplicates?: number
  /** False for packets the sender does not send at all, since nobody speaks: they have no sequence number either. */
  readonly speaks?: (index: number) => boolean
  /** The sender's clock against ours: 0.001 is 0.1 % fast. */
  readonly skew?: number
}

interface OnTheWay {
  readonly index: number
  readonly sequence: number
  readonly arrivesAtMs: number
}

export class BadNetwork {
  readonly #options: Required<BadNetworkOptions>
  readonly #random: () => number
  readonly #payload: (index: number) => Uint8Array
  #nextIndex = 0
  #nextSequence = 65_000
  #isLosing = false
  #lastArrivalMs = 0
  #onTheWay: OnTheWay[] = []
  lost = 0
  duplicated = 0

  constructor(options: BadNetworkOptions, payload: (index: number) => Uint8Array) {
    this.#options = {
      packetMs: 20,
      loss: 0,
      burst: 1,
      jitterMs: 0,
      reorders: false,
      duplicates: 0,
      speaks: () => true,
      skew: 0,
      ...options,
    }
    this.#random = seededRandom(options.seed)
    this.#payload = payload
  }

  get sent(): number {
    return this.#nextSequence - 65_000
  }

  /** How many there are to be sent, silent ones included. */
  get packets(): number {
    return this.#options.packets
  }

  /** When the sender speaks the first sample of a packet, by our clock. */
  spokenAtMs(index: number): number {
    return (index * this.#options.packetMs) / (1 + this.#options.skew)
  }

  /** What arrives up to now, in the order it does. */
  *until(nowMs: number): Generator<{ index: number; atMs: number; datagram: Buffer }> {
    const { packets } = this.#options
    while (this.#nextIndex < packets && this.#sentAtMs(this.#nextIndex) <= nowMs) {
      this.#send(this.#nextIndex)
      this.#nextIndex += 1
    }
    const arrived = this.#onTheWay.filter(({ arrivesAtMs }) => arrivesAtMs <= nowMs)
    this.#onTheWay = this.#onTheWay.filter(({ arrivesAtMs }) => arrivesAtMs > nowMs)
    arrived.sort((one, other) => one.arrivesAtMs - other.arrivesAtMs)
    for (const packet of arrived)
      yield {
        index: packet.index,
        atMs: packet.arrivesAtMs,
        datagram: this.#datagram(packet),
      }
  }

  /** A packet leaves when its last sample is spoken. */
  #sentAtMs(index: number): number {
    return this.spokenAtMs(index + 1)
  }

  #send(index: number): void {
    const { jitterMs, reorders, duplicates, speaks } = this.#options
    if (!speaks(index)) return
    const sequence = this.#nextSequence
    this.#nextSequence += 1
    if (this.#isLostNow()) {
      this.lost += 1
      return
    }
    let arrivesAtMs = this.#sentAtMs(index) + this.#random() * jitterMs
    if (!reorders) arrivesAtMs = Math.max(arrivesAtMs, this.#lastArrivalMs)
    this.#lastArrivalMs = arrivesAtMs
    this.#onTheWay.push({ index, sequence, arrivesAtMs })
    if (this.#random() >= duplicates) return
    this.duplicated += 1
    const againAtMs = arrivesAtMs + this.#random() * 30
    this.#onTheWay.push({ index, sequence, arrivesAtMs: againAtMs })
  }

  /** Gilbert's model: while losing, the next is lost too with a chance that makes bursts of the wanted mean. */
  #isLostNow(): boolean {
    const { loss, burst } = this.#options
    if (burst <= 1) return this.#random() < loss
    const leave = 1 / burst
    const enter = (loss * leave) / (1 - loss)
    this.#isLosing = this.#isLosing ? this.#random() >= leave : this.#random() < enter
    return this.#isLosing
  }

  #datagram({ index, sequence }: OnTheWay): Buffer {
    const payload = this.#payload(index)
    const datagram = Buffer.allocUnsafe(12 + payload.length)
    datagram.set(payload, 12)
    writeRtpHeader(datagram, {
      marker: index === 0 || !this.#options.speaks(index - 1),
      payloadType: 0,
      sequence: sequence & 0xffff,
      timestamp: (0xffff_0000 + index * this.#options.packetMs * 8) >>> 0,
      ssrc: 77,
    })
    return datagram
  }
}
