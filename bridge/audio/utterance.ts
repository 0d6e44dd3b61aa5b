// One utterance of the agent on its way out: how much of it was sent to us, how much left for the caller, and which
// of its letters those were.
import { TELEPHONE_RATE } from '#core/contracts'

const BYTES_PER_MS = TELEPHONE_RATE / 1000
/** Of one utterance. Five minutes of fast speech are half of it; more is not speech. */
const MAX_LETTERS = 16 * 1024

/** Where the letters of a piece of audio are, in milliseconds from its beginning. */
export interface Alignment {
  readonly chars: readonly string[]
  readonly startMs: readonly number[]
}

/** One utterance that is over. */
export interface HeardUtterance {
  readonly eventId: number
  /** What left for the caller. */
  readonly heardMs: number
  /** What the agent had sent of it. */
  readonly spokenMs: number
  /** Something of it was thrown away. */
  readonly interrupted: boolean
  /** The letters that began within what was heard; undefined when the agent did not say where they are. */
  readonly text?: string
}

/** When its first and its last frame left, on the clock it was played by. */
export interface HeardSpan {
  readonly startedAtMs: number
  readonly endedAtMs: number
}

export class Utterance {
  readonly kind = 'utterance'
  readonly eventId: number
  /** All that came, also what the queue had no room for. */
  #spokenBytes = 0
  #queuedBytes = 0
  #playedBytes = 0
  #heardBytes = 0
  #heardFromMs = Number.NaN
  #heardToMs = Number.NEGATIVE_INFINITY
  #isAligned = false
  /** Letters not reached yet, from `#nextLetter` on, and the bytes of this utterance before each of them. */
  #letters: string[] = []
  #letterAt: number[] = []
  #nextLetter = 0
  #lettersTaken = 0
  #text = ''

  constructor(eventId: number) {
    this.eventId = eventId
  }

  /** Bytes in the queue. */
  get leftBytes(): number {
    return this.#queuedBytes - this.#playedBytes
  }

  /** Null when nothing of it was heard. */
  get span(): HeardSpan | null {
    if (this.#heardBytes === 0) return null
    return { startedAtMs: this.#heardFromMs, endedAtMs: this.#heardToMs }
  }

  /** What was played to the caller. */
  get heardBytes(): number {
    return this.#heardBytes
  }

  get isBegun(): boolean {
    return this.#playedBytes > 0
  }

  /** `queued` of the `spoken` bytes found room. */
  add(spoken: number, queued: number, letters: Alignment | undefined): void {
    if (letters !== undefined) this.#addLetters(letters, spoken, queued)
    this.#spokenBytes += spoken
    this.#queuedBytes += queued
  }

  /** The next `bytes` were played: to the caller, or, while the call is held, to nobody. */
  play(bytes: number, isHeard: boolean, nowMs: number): void {
    const end = this.#playedBytes + bytes
    while ((this.#letterAt[this.#nextLetter] ?? Number.POSITIVE_INFINITY) < end) {
      if (isHeard) this.#text += this.#letters[this.#nextLetter] ?? ''
      this.#nextLetter += 1
    }
    this.#playedBytes = end
    if (!isHeard) return
    if (this.#heardBytes === 0) this.#heardFromMs = nowMs
    // What fades out after an interruption is taken while the frame before it is being heard.
    this.#heardToMs = Math.max(this.#heardToMs, nowMs + bytes / BYTES_PER_MS)
    this.#heardBytes += bytes
  }

  /** How it ended. The last `lostBytes` of what was played were thrown away on their way, as it turned out. */
  told(interrupted: boolean, lostBytes = 0): HeardUtterance {
    return {
      eventId: this.eventId,
      heardMs: Math.round((this.#heardBytes - lostBytes) / BYTES_PER_MS),
      spokenMs: Math.round(this.#spokenBytes / BYTES_PER_MS),
      interrupted,
      ...(this.#isAligned && { text: lostBytes === 0 ? this.#text : this.#textTo(lostBytes) }),
    }
  }

  #textTo(lostBytes: number): string {
    const end = this.#playedBytes - lostBytes
    const letters = this.#letterAt.findLastIndex((at) => at < end) + 1
    return this.#letters.slice(0, letters).join('')
  }

  #addLetters({ chars, startMs }: Alignment, spoken: number, queued: number): void {
    this.#isAligned = true
    const begin = this.#queuedBytes
    // In rising order whatever the agent says: the letters are met one after the other.
    let earliest = this.#letterAt.at(-1) ?? 0
    for (const [index, letter] of chars.entries()) {
      let at = begin + Math.max(0, startMs[index] ?? 0) * BYTES_PER_MS
      if (at >= begin + queued) {
        if (queued < spoken) return
        at = begin + queued - 1
      }
      this.#lettersTaken += letter.length
      if (this.#lettersTaken > MAX_LETTERS) return
      earliest = Math.max(earliest, at)
      this.#letters.push(letter)
      this.#letterAt.push(earliest)
    }
  }
}
