// How long an agent that leaves in good order is still listened to: the caller hears the rest of what it said.

/** After the last packet: the far end's jitter buffer plays it before the BYE arrives. */
const TAIL_MS = 100
/** An agent that announced its end may still be sending its last words. */
const LAST_WORDS_MS = 1000

export class Farewell {
  readonly #endsAtMs: number
  #audioAtMs: number
  /** The agent closed its socket: nothing more will come. */
  hasLeft = false

  constructor(nowMs: number, withinMs: number) {
    this.#endsAtMs = nowMs + withinMs
    this.#audioAtMs = nowMs
  }

  /** The agent hung up, its words not yet heard to their end. */
  left(nowMs: number): void {
    this.hasLeft = true
    this.#audioAtMs = nowMs
  }

  /** Each frame. True once everything was heard, or took too long. */
  isOver(nowMs: number, hasAudio: boolean): boolean {
    if (hasAudio) this.#audioAtMs = nowMs
    if (nowMs >= this.#endsAtMs) return true
    return nowMs - this.#audioAtMs >= (this.hasLeft ? TAIL_MS : LAST_WORDS_MS)
  }
}
