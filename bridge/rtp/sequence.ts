// RTP sequence numbers: 16 bits extended to a count that never wraps, and loss (RFC 3550 appendices A.1 and A.3).

const WRAP = 0x10000
/** A.1: a jump ahead up to this is loss, beyond it the sender may have restarted. */
const MAX_DROPOUT = 3000
/** A.1: a step back up to this is a late packet. */
const MAX_MISORDER = 100
/** Sequence numbers remembered to tell a duplicate from a late packet; more than MAX_MISORDER, a power of two. */
const REMEMBERED = 128

export type Sequenced =
  /** Its `extended` number grows by one a packet in order, across wraps. */
  | 'accepted'
  /** The first packet of a stream, or of one that started anew. */
  | 'started'
  | 'duplicate'
  /** Far outside the stream; dropped unless the next packet follows it. */
  | 'suspect'

export class SequenceTracker {
  /** Extended numbers seen lately, at their low bits. */
  readonly #seen = new Float64Array(REMEMBERED).fill(-1)
  #extended = -1
  #highest = -1
  #base = 0
  #received = 0
  #suspectedNext = -1
  /** Of the streams before a restart. */
  #lostBefore = 0

  track(sequence: number): Sequenced {
    if (this.#highest < 0) return this.start(sequence)
    const step = (sequence - this.#highest) & (WRAP - 1)
    if (step < MAX_DROPOUT) return this.#accept(this.#highest + step)
    if (step > WRAP - MAX_MISORDER) return this.#accept(this.#highest + step - WRAP)
    if (sequence === this.#suspectedNext) return this.start(sequence)
    this.#suspectedNext = (sequence + 1) & (WRAP - 1)
    return 'suspect'
  }

  /** Of the packet accepted last. */
  get extended(): number {
    return this.#extended
  }

  /** The highest of this stream, extended; -1 before the first packet. */
  get highest(): number {
    return this.#highest
  }

  /** Packets this stream should have had so far (A.3). */
  get expected(): number {
    return this.#highest < 0 ? 0 : this.#highest - this.#base + 1
  }

  /** Packets this stream had; a duplicate is not counted. */
  get received(): number {
    return this.#received
  }

  /** Expected less received (A.3), over all streams. */
  get lost(): number {
    return this.#lostBefore + this.lostNow
  }

  /** Of this stream alone. */
  get lostNow(): number {
    return Math.max(0, this.expected - this.#received)
  }

  /** The source changed: the next packet starts a new stream. */
  reset(): void {
    this.#lostBefore += this.lostNow
    this.#highest = -1
    this.#received = 0
    this.#suspectedNext = -1
    this.#seen.fill(-1)
  }

  /** A new stream begins with this packet. */
  start(sequence: number): Sequenced {
    this.reset()
    this.#base = sequence
    this.#highest = sequence
    this.#extended = sequence
    this.#received = 1
    this.#seen[sequence & (REMEMBERED - 1)] = sequence
    return 'started'
  }

  #accept(extended: number): Sequenced {
    const slot = extended & (REMEMBERED - 1)
    // Before the first packet of the stream: it was sent earlier, and nobody waits for it.
    if (this.#seen[slot] === extended || extended < this.#base) return 'duplicate'
    this.#seen[slot] = extended
    this.#received += 1
    this.#suspectedNext = -1
    this.#extended = extended
    if (extended > this.#highest) this.#highest = extended
    return 'accepted'
  }
}
