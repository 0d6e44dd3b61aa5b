// One prompt on its way to the caller. Its bytes are µ-law whatever the line speaks, and shared: never written to.
import { TELEPHONE_RATE } from '#core/contracts'

const BYTES_PER_MS = TELEPHONE_RATE / 1000

/** What becomes of a prompt. `finished` is told exactly once, `started` at most once. */
export type PromptTold =
  | { readonly promptId: string; readonly kind: 'started' }
  | {
      readonly promptId: string
      readonly kind: 'finished'
      readonly how: PromptEnd
      /** What left for the caller. */
      readonly playedMs: number
    }

export type PromptEnd = 'played' | 'stopped' | 'digit'

export class QueuedPrompt {
  readonly kind = 'prompt'
  readonly promptId: string
  readonly stopsOnDigit: boolean
  readonly #ulaw: Uint8Array
  #playedBytes = 0
  #heardBytes = 0

  constructor(promptId: string, ulaw: Uint8Array, stopsOnDigit: boolean) {
    this.promptId = promptId
    this.#ulaw = ulaw
    this.stopsOnDigit = stopsOnDigit
  }

  get leftBytes(): number {
    return this.#ulaw.length - this.#playedBytes
  }

  get isBegun(): boolean {
    return this.#playedBytes > 0
  }

  /** Copies the next `count` bytes, all of them left, through `table` when the line does not speak µ-law. */
  copy(target: Uint8Array, offset: number, count: number, table: Uint8Array | null): void {
    const ulaw = this.#ulaw
    const from = this.#playedBytes - offset
    for (let at = offset; at < offset + count; at += 1) {
      const byte = ulaw[from + at] ?? 0
      target[at] = table === null ? byte : (table[byte] ?? 0)
    }
  }

  play(bytes: number, isHeard: boolean): void {
    this.#playedBytes += bytes
    if (isHeard) this.#heardBytes += bytes
  }

  told(how: PromptEnd): PromptTold {
    const playedMs = Math.round(this.#heardBytes / BYTES_PER_MS)
    return { promptId: this.promptId, kind: 'finished', how, playedMs }
  }
}
