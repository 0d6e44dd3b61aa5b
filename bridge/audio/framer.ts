// Cuts the caller's audio, in whatever pieces the carrier packs it (10, 20, 30, 60 ms), into the frames the agent is
// sent: 20, 40 or 60 ms.
import { FRAME_BYTES, FRAME_MS, type TelephoneCodec } from '#core/contracts'
import { translate } from './g711.ts'

export type FrameLengthMs = 20 | 40 | 60

/** The frame is valid until the next one: who keeps it takes a copy. */
export type DeliverFrame = (frame: Uint8Array, codec: TelephoneCodec) => void

export class Framer {
  readonly #deliver: DeliverFrame
  /** The frame being filled. */
  readonly #partial: Uint8Array
  #codec: TelephoneCodec = 'PCMU'
  #filled = 0

  constructor(frameMs: FrameLengthMs, deliver: DeliverFrame) {
    this.#deliver = deliver
    this.#partial = new Uint8Array((frameMs / FRAME_MS) * FRAME_BYTES)
  }

  write(line: Uint8Array, codec: TelephoneCodec): void {
    if (codec !== this.#codec) this.#changeCodec(codec)
    const frameBytes = this.#partial.length
    let at = 0
    while (at < line.length) {
      // The usual packet is a frame: it goes through as the view it is.
      if (this.#filled === 0 && line.length - at >= frameBytes) {
        const isWhole = at === 0 && line.length === frameBytes
        this.#deliver(isWhole ? line : line.subarray(at, at + frameBytes), codec)
        at += frameBytes
        continue
      }
      const taken = Math.min(frameBytes - this.#filled, line.length - at)
      this.#partial.set(taken === line.length ? line : line.subarray(at, at + taken), this.#filled)
      this.#filled += taken
      at += taken
      if (this.#filled < frameBytes) return
      this.#filled = 0
      this.#deliver(this.#partial, codec)
    }
  }

  /** Forgets a partial frame. */
  clear(): void {
    this.#filled = 0
  }

  /** A frame is of one codec: what is here of it already is translated. */
  #changeCodec(codec: TelephoneCodec): void {
    const table = translate(this.#codec, codec)
    this.#codec = codec
    if (table === null) return
    for (let at = 0; at < this.#filled; at += 1)
      this.#partial[at] = table[this.#partial[at] ?? 0] ?? 0
  }
}
