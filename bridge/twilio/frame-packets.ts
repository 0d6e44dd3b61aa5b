// The caller's frames as RTP packets, so that they take the way every caller's audio takes. Nothing is lost on a stream,
// so they are numbered as they come; their timestamps run on from one to the next, since the milliseconds that a stream
// tells are rounded, and a hole of a few samples would be filled. What is missing for longer is a pause.
import { SAMPLES_PER_MS } from '#core/contracts'
import { RTP_HEADER_BYTES, writeRtpHeader } from '../rtp/rtp-packet.ts'
import { MAX_PAYLOAD_BYTES } from '../rtp/rtp-receiver.ts'

/** The stream's clock and the count of samples may differ by so much: less is no pause. */
const TOLERANCE_SAMPLES = 60 * SAMPLES_PER_MS
const SSRC = 1

export class FramePackets {
  /** One buffer for all: a receiver reads it before it returns. */
  readonly #packet = Buffer.alloc(RTP_HEADER_BYTES + MAX_PAYLOAD_BYTES)
  readonly #payloadType: number
  readonly #deliver: (packet: Uint8Array) => void
  #sequence = 0
  /** In samples since the stream began. */
  #next = 0

  constructor(payloadType: number, deliver: (packet: Uint8Array) => void) {
    this.#payloadType = payloadType
    this.#deliver = deliver
  }

  take(ulaw: Uint8Array, atMs: number): void {
    const at = Math.round(atMs * SAMPLES_PER_MS)
    if (at - this.#next > TOLERANCE_SAMPLES && Number.isSafeInteger(at)) this.#next = at
    for (let from = 0; from < ulaw.length; from += MAX_PAYLOAD_BYTES)
      this.#send(ulaw.subarray(from, from + MAX_PAYLOAD_BYTES))
  }

  #send(payload: Uint8Array): void {
    writeRtpHeader(this.#packet, {
      marker: false,
      payloadType: this.#payloadType,
      sequence: this.#sequence,
      timestamp: this.#next >>> 0,
      ssrc: SSRC,
    })
    this.#packet.set(payload, RTP_HEADER_BYTES)
    this.#sequence = (this.#sequence + 1) & 0xffff
    this.#next += payload.length
    this.#deliver(this.#packet.subarray(0, RTP_HEADER_BYTES + payload.length))
  }
}
