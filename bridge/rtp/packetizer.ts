// Makes our RTP stream (RFC 3550 §5.1): random start values, one sequence number a packet, and a timestamp that is
// the wall clock in samples, so that it runs on through silence and stalls. Two packets never overlap: one that is
// sent before its turn (a talk spurt that starts off the tick) follows on from the last, and the stream is ahead of
// the wall clock until a pause gives the time back. Receivers that discard by timestamp would lose it otherwise.
import { randomBytes } from 'node:crypto'
import { FRAME_BYTES, TELEPHONE_RATE } from '#core/contracts'
import { RTP_HEADER_BYTES, writeRtpHeader } from './rtp-packet.ts'

const SAMPLES_PER_MS = TELEPHONE_RATE / 1000
const FRAME_SAMPLES = FRAME_BYTES
/** A datagram the kernel could not take at once is still being read; four frames later it has left or is void. */
const PACKET_BUFFERS = 4

/** First values of a stream; random unless a test says otherwise. */
export interface StreamStart {
  readonly ssrc: number
  readonly sequence: number
  readonly timestamp: number
}

export class Packetizer {
  readonly ssrc: number
  readonly #audio: readonly Buffer[]
  readonly #events: readonly Buffer[]
  readonly #firstTimestamp: number
  #sequence: number
  #startedAtMs = Number.NaN
  /** Samples from the first timestamp to the last packet's, and to its end. */
  #lastSamples = 0
  #endSamples = 0
  #turn = 0

  constructor(start: StreamStart = randomStart()) {
    this.ssrc = start.ssrc
    this.#sequence = start.sequence
    this.#firstTimestamp = start.timestamp
    this.#audio = packetBuffers(FRAME_BYTES)
    this.#events = packetBuffers(EVENT_BYTES)
  }

  /** Of the last packet; before the first one, what that will have. */
  get lastTimestamp(): number {
    return (this.#firstTimestamp + this.#lastSamples) >>> 0
  }

  /** How far ahead of the wall clock the next packet would be; 0 when it is due or overdue. */
  leadMs(atMs: number): number {
    if (Number.isNaN(this.#startedAtMs)) return 0
    return Math.max(0, (this.#endSamples - this.#elapsed(atMs)) / SAMPLES_PER_MS)
  }

  /**
   * Frames that were never sent take their time all the same: what was ahead of the clock before a stall is so after it.
   * Else each packet from then on would come that much later than those before.
   */
  skip(frames: number): void {
    // Before the first packet no clock runs yet.
    if (!Number.isNaN(this.#startedAtMs)) this.#endSamples += frames * FRAME_SAMPLES
  }

  /** The next packet, its header written; the caller fills the frame behind RTP_HEADER_BYTES and sends it at once. */
  next(atMs: number, payloadType: number, marker: boolean): Buffer {
    this.#advance(atMs)
    this.#endSamples = this.#lastSamples + FRAME_SAMPLES
    return this.#write(this.#audio, payloadType, marker)
  }

  /**
   * A packet of a telephone event (RFC 4733 §2.3), its payload left to the caller. All packets of one event have the
   * timestamp of its beginning; `begins` is its first, `durationSamples` how long it has lasted by now.
   */
  nextEvent(atMs: number, payloadType: number, begins: boolean, durationSamples: number): Buffer {
    if (begins) this.#advance(atMs)
    this.#endSamples = Math.max(this.#endSamples, this.#lastSamples + durationSamples)
    return this.#write(this.#events, payloadType, begins)
  }

  #advance(atMs: number): void {
    if (Number.isNaN(this.#startedAtMs)) this.#startedAtMs = atMs
    this.#lastSamples = Math.max(this.#elapsed(atMs), this.#endSamples)
  }

  #write(buffers: readonly Buffer[], payloadType: number, marker: boolean): Buffer {
    this.#turn = (this.#turn + 1) % PACKET_BUFFERS
    const packet = buffers[this.#turn]
    if (packet === undefined) throw new RangeError('no packet buffer')
    writeRtpHeader(packet, {
      marker,
      payloadType,
      sequence: this.#sequence,
      timestamp: this.lastTimestamp,
      ssrc: this.ssrc,
    })
    this.#sequence = (this.#sequence + 1) & 0xffff
    return packet
  }

  #elapsed(atMs: number): number {
    return Math.round((atMs - this.#startedAtMs) * SAMPLES_PER_MS)
  }
}

/** Event, flags with volume, and 16 bits of duration. */
export const EVENT_BYTES = 4

const packetBuffers = (payloadBytes: number): readonly Buffer[] =>
  Array.from({ length: PACKET_BUFFERS }, () =>
    Buffer.allocUnsafeSlow(RTP_HEADER_BYTES + payloadBytes),
  )

/** RFC 3550 §5.1: both random, so that known-plaintext attacks on encryption get harder. */
function randomStart(): StreamStart {
  const random = randomBytes(10)
  return {
    ssrc: random.readUInt32BE(0),
    timestamp: random.readUInt32BE(4),
    sequence: random.readUInt16BE(8),
  }
}
