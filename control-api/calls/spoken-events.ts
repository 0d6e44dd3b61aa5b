// The events of a live call that its transcript is made of, held until it ends: so much text and no more, whatever an
// agent says.
import type { CallEvent } from '#core/contracts'
import { isSpoken, type SpokenEvent } from './transcript.ts'

/** An hour of talk is some 60 KiB. */
const MAX_TEXT = 512 * 1024
const MAX_EVENTS = 4000

export class SpokenEvents {
  readonly #events: SpokenEvent[] = []
  #textLength = 0

  /** True when the transcript is another one with it. Beyond the bound only the end counts. */
  add(event: CallEvent): boolean {
    if (!isSpoken(event)) return false
    this.#textLength += 'text' in event.data ? event.data.text.length : 0
    const isFull = this.#textLength > MAX_TEXT || this.#events.length >= MAX_EVENTS
    if (isFull && event.type !== 'call.ended') return false
    this.#events.push(event)
    return true
  }

  all(): readonly SpokenEvent[] {
    return this.#events
  }
}
