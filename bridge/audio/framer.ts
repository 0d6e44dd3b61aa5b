// Cuts the caller's audio, in whatever pieces the carrier packs it (10, 20, 30, 60 ms), into the agent's 20 ms frames.
import { FRAME_BYTES } from '#core/contracts'

export class Framer {
  readonly #deliver: (frame: Uint8Array) => void
  /** The frame being filled; a new one each time, since the receiver may keep it. */
  #partial: Uint8Array = new Uint8Array(FRAME_BYTES)
  #filled = 0

  constructor(deliver: (frame: Uint8Array) => void) {
    this.#deliver = deliver
  }

  write(audio: Uint8Array): void {
    // The usual packet is a frame: it goes through as the view it is.
    if (this.#filled === 0 && audio.length === FRAME_BYTES) {
      this.#deliver(audio)
      return
    }
    let at = 0
    while (at < audio.length) {
      const wanted = FRAME_BYTES - this.#filled
      const piece = audio.subarray(at, at + wanted)
      at += piece.length
      if (piece.length === FRAME_BYTES) {
        this.#deliver(piece)
        continue
      }
      this.#partial.set(piece, this.#filled)
      this.#filled += piece.length
      if (this.#filled === FRAME_BYTES) this.#deliverPartial()
    }
  }

  /** Forgets a partial frame. */
  clear(): void {
    this.#filled = 0
  }

  #deliverPartial(): void {
    const frame = this.#partial
    this.#partial = new Uint8Array(FRAME_BYTES)
    this.#filled = 0
    this.#deliver(frame)
  }
}
