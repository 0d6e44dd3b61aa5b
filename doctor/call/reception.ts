// How a stream of RTP packets arrived: what is missing and how evenly it came (RFC 3550 §6.4.1, appendices A.3 and A.8).
import { TELEPHONE_RATE } from '#core/contracts'

/** What is read of a packet (RFC 3550 §5.1). */
export interface RtpPacket {
  readonly payloadType: number
  readonly sequence: number
  readonly timestamp: number
  readonly ssrc: number
  readonly payload: Uint8Array
}

export interface ReceptionReport {
  readonly packets: number
  readonly lost: number
  readonly jitterMs: number
  /** From `since` to the first packet; null when none came. */
  readonly firstAfterMs: number | null
}

const HEADER_BYTES = 12
/** A jump further than this is a sender that began anew (appendix A.1). */
const MAX_DROPOUT = 3000

/** Undefined for what is no RTP: RTCP on the same port, STUN, noise. */
export function readRtp(datagram: Buffer): RtpPacket | undefined {
  const first = datagram[0] ?? 0
  const second = datagram[1] ?? 0
  if (datagram.length < HEADER_BYTES || first >> 6 !== 2) return undefined
  if (second >= 192 && second <= 223) return undefined // RTCP, RFC 5761 §4.
  let start = HEADER_BYTES + 4 * (first & 0x0f)
  if ((first & 0x10) !== 0) {
    if (datagram.length < start + 4) return undefined
    start += 4 + 4 * datagram.readUInt16BE(start + 2)
  }
  const padding = (first & 0x20) === 0 ? 0 : (datagram.at(-1) ?? 0)
  if (start + padding > datagram.length) return undefined
  return {
    payloadType: second & 0x7f,
    sequence: datagram.readUInt16BE(2),
    timestamp: datagram.readUInt32BE(4),
    ssrc: datagram.readUInt32BE(8),
    payload: datagram.subarray(start, datagram.length - padding),
  }
}

export class Reception {
  readonly #since: number
  #packets = 0
  /** Of the streams before this one. */
  #lostBefore = 0
  #firstAt: number | undefined
  #ssrc: number | undefined
  #base = 0
  #highest = 0
  #ofStream = 0
  #transit = 0
  #jitter = 0

  /** @param since in milliseconds of the clock that `note` is told in */
  constructor(since: number) {
    this.#since = since
  }

  get packets(): number {
    return this.#packets
  }

  note({ ssrc, sequence, timestamp }: RtpPacket, at: number): void {
    this.#packets += 1
    this.#firstAt ??= at
    const ahead = ((sequence - this.#highest) << 16) >> 16
    if (ssrc !== this.#ssrc || Math.abs(ahead) > MAX_DROPOUT) this.#begin(ssrc, sequence)
    else if (ahead > 0) this.#highest += ahead
    this.#ofStream += 1
    const transit = (at * TELEPHONE_RATE) / 1000 - timestamp
    // Timestamps wrap: the difference is what counts, in 32 bits.
    const difference = Math.abs((transit - this.#transit) | 0)
    if (this.#ofStream > 1) this.#jitter += (difference - this.#jitter) / 16
    this.#transit = transit
  }

  report(): ReceptionReport {
    return {
      packets: this.#packets,
      lost: this.#lostBefore + this.#lost(),
      jitterMs: (this.#jitter * 1000) / TELEPHONE_RATE,
      firstAfterMs: this.#firstAt === undefined ? null : this.#firstAt - this.#since,
    }
  }

  #begin(ssrc: number, sequence: number): void {
    this.#lostBefore += this.#lost()
    this.#ssrc = ssrc
    this.#base = sequence
    this.#highest = sequence
    this.#ofStream = 0
  }

  /** Repetitions can make it negative: nothing was lost then. */
  #lost(): number {
    if (this.#ssrc === undefined) return 0
    return Math.max(0, this.#highest - this.#base + 1 - this.#ofStream)
  }
}
