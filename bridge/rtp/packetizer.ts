// Makes our RTP stream (RFC 3550 §5.1): random start values, one sequence number a packet, and a timestamp that is
// the wall clock in samples, so that it runs on through silence and stalls. Two packets never overlap: one that is
// sent before its turn (a talk spurt that starts off the tick) follows on from the last, and the stream is ahead of
// the wall clock until a pause gives the time back. Receivers that discard by timestamp would lose it otherwise.
import { randomBytes } from 'node:crypto'
import { FRAME_BYTES, TELEPHONE_RATE } from '#core/contracts'
import { RTP_HEADER_BYTES, writeRtpHeader } from './rtp-packet.ts'

const SAMPLES_PER_MS = TELEPHONE_RATE / 1000
/** A datagram the kernel could not take at once is still being read; four frames later it has left or is void. */
const PACKET_BUFFERS = 4

/** First values of a stream; random unless a test says otherwise. */
export interface StreamStart {
  readonly ssrc: number
  readonly sequence: number
  readonly timestamp: number
}

export class Packetizer {
  readonly #packets = Array.from({ length: PACKET_BUFFERS }, () =>
    Buffer.allocUnsafeSlow(RTP_HEADER_BYTES + FRAME_BYTES),
  )
  readonly #ssrc: number
  readonly #firstTimestamp: number
  #sequence: number
  #startedAtMs = Number.NaN
  /** Samples from the first timestamp to the end of the last packet. */
  #endSamples = 0
  #turn = 0

  constructor(start: StreamStart = randomStart()) {
    this.#ssrc = start.ssrc
    this.#sequence = start.sequence
    this.#firstTimestamp = start.timestamp
  }

  /** How far ahead of the wall clock the next packet would be; 0 when it is due or overdue. */
  leadMs(atMs: number): number {
    if (Number.isNaN(this.#startedAtMs)) return 0
    return Math.max(0, (this.#endSamples - this.#elapsed(atMs)) / SAMPLES_PER_MS)
  }

  /** The next packet, its header written; the caller fills the frame behind RTP_HEADER_BYTES and sends it at once. */
  next(atMs: number, payloadType: number, marker: boolean): Buffer {
    if (Number.isNaN(this.#startedAtMs)) this.#startedAtMs = atMs
    const elapsedSamples = Math.max(this.#elapsed(atMs), this.#endSamples)
    this.#endSamples = elapsedSamples + FRAME_BYTES
    this.#turn = (this.#turn + 1) % PACKET_BUFFERS
    const packet = this.#packets[this.#turn] ?? Buffer.alloc(RTP_HEADER_BYTES + FRAME_BYTES)
    writeRtpHeader(packet, {
      marker,
      payloadType,
      sequence: this.#sequence,
      timestamp: (this.#firstTimestamp + elapsedSamples) >>> 0,
      ssrc: this.#ssrc,
    })
    this.#sequence = (this.#sequence + 1) & 0xffff
    return packet
  }

  #elapsed(atMs: number): number {
    return Math.round((atMs - this.#startedAtMs) * SAMPLES_PER_MS)
  }
}

/** RFC 3550 §5.1: both random, so that known-plaintext attacks on encryption get harder. */
function randomStart(): StreamStart {
  const random = randomBytes(10)
  return {
    ssrc: random.readUInt32BE(0),
    timestamp: random.readUInt32BE(4),
    sequence: random.readUInt16BE(8),
  }
}
