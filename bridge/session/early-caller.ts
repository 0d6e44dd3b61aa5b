// The caller's last half second before the agent is open, in case the answer turns out to have come before it.
import type { HeardAudio } from '../rtp/rtp-receiver.ts'

/** Between the 200 OK and the message that opens the agent lie milliseconds; a stalled process makes it more. */
const HOLD_MS = 500
/** 10 ms packets for that long. */
const MAX_HELD = HOLD_MS / 10

export class EarlyCaller {
  /** A ring; its buffers are used again, since all early media passes through here. */
  readonly #held: HeardAudio[] = []
  #next = 0

  keep(heard: HeardAudio): void {
    const slot = this.#held[this.#next]
    const { audio } = heard
    const copy = slot?.audio.length === audio.length ? slot.audio : new Uint8Array(audio.length)
    copy.set(audio)
    this.#held[this.#next] = { ...heard, audio: copy }
    this.#next = (this.#next + 1) % MAX_HELD
  }

  /** What arrived since then, in order. All of it is forgotten. */
  since(atMs: number): readonly HeardAudio[] {
    const inOrder = [...this.#held.slice(this.#next), ...this.#held.slice(0, this.#next)]
    this.clear()
    return inOrder.filter(({ arrivedAtMs }) => arrivedAtMs >= atMs)
  }

  clear(): void {
    this.#held.length = 0
    this.#next = 0
  }
}
