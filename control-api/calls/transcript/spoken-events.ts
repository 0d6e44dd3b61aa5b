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
  #isLimited = false

  /** True when the transcript is another one with it. Beyond the bound only the end counts. */
  add(event: CallEvent): boolean {
    if (!isSpoken(event)) return false
    this.#textLength += textLengthOf(event)
    const isFull = this.#textLength > MAX_TEXT || this.#events.length >= MAX_EVENTS
    if (isFull && event.type !== 'call.ended') return this.#limit(event)
    this.#events.push(event)
    return true
  }

  all(): readonly SpokenEvent[] {
    return this.#events
  }

  /** Said once: words whose end is left out must not be taken for unheard. */
  #limit({ callId, at }: SpokenEvent): boolean {
    if (this.#isLimited) return false
    this.#isLimited = true
    const data = { maxEvents: MAX_EVENTS }
    this.#events.push({ type: 'call.record_limited', callId, at, data })
    return true
  }
}

/** The events that a transcript is made of: of the same ones always the same. */
export function boundSpoken(events: readonly CallEvent[]): readonly SpokenEvent[] {
  const spoken = new SpokenEvents()
  for (const event of events) spoken.add(event)
  return spoken.all()
}

/** Every text of it: a correction has two. */
const textLengthOf = ({ data }: SpokenEvent): number =>
  Object.values(data).reduce(
    (sum: number, one: unknown) => sum + (typeof one === 'string' ? one.length : 0),
    0,
  )
