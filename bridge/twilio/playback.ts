// What of the audio that was sent into a stream has been played. Whoever plays it tells by marks (Twilio: `mark`), which
// come back when all before them was played; what is known of an utterance or a prompt is told only then. Between two
// marks nothing is known, so what is cut off there counts as not heard.
import { SAMPLES_PER_MS, type StreamSink } from '#core/contracts'
import type { PlayoutListener } from '../audio/playout-queue.ts'
import type { PromptTold } from '../audio/queued-prompt.ts'
import type { HeardSpan, HeardUtterance, Utterance } from '../audio/utterance.ts'

/** A mark each 100 ms of speech. */
const MARK_EVERY_BYTES = 100 * SAMPLES_PER_MS
/** A mark that is later than the audio before it takes and this was lost: the audio counts as played. */
const MARK_LATE_MS = 2000
/** More is not sent to somebody who does not play it: all that waits anywhere on the way is less than this. */
const MAX_UNPLAYED_BYTES = 10_000 * SAMPLES_PER_MS

/** What is told once all up to `endAt` was played. Positions are bytes sent since the beginning. */
interface Fact {
  readonly endAt: number
  readonly dueAtMs: number
  /** Of an utterance, else of a prompt. */
  readonly isAgents: boolean
  tell(): void
}

export class Playback implements PlayoutListener {
  readonly #sink: Pick<StreamSink, 'mark'>
  readonly #now: () => number
  readonly #listener: PlayoutListener
  #sentAt = 0
  #playedAt = 0
  #markedAt = 0
  #markCount = 0
  /** On their way, in order. */
  #marks: { readonly name: string; readonly at: number }[] = []
  /** What was thrown away last. */
  #lostFrom = 0
  #lostTo = 0
  #facts: Fact[] = []

  constructor(sink: Pick<StreamSink, 'mark'>, now: () => number, listener: PlayoutListener) {
    this.#sink = sink
    this.#now = now
    this.#listener = listener
  }

  get isPlaying(): boolean {
    return this.#playedAt < this.#sentAt
  }

  /** So much waits already that more would only be late. */
  get isFull(): boolean {
    return this.#sentAt - this.#playedAt >= MAX_UNPLAYED_BYTES
  }

  sent(bytes: number): void {
    this.#sentAt += bytes
    if (this.#sentAt - this.#markedAt >= MARK_EVERY_BYTES) this.mark()
  }

  /** Behind all that was sent, unless one is there. */
  mark(): void {
    if (this.#markedAt === this.#sentAt) return
    this.#markCount += 1
    const name = `v${this.#markCount}`
    this.#markedAt = this.#sentAt
    this.#marks.push({ name, at: this.#sentAt })
    this.#sink.mark(name)
  }

  /** A mark came back. One of before `thrownAway` says nothing. */
  played(name: string): void {
    const index = this.#marks.findIndex((mark) => mark.name === name)
    if (index < 0) return
    this.#playedAt = this.#marks[index]?.at ?? this.#playedAt
    this.#marks.splice(0, index + 1)
    this.#tellFacts()
  }

  /** What was not played yet never will be. Returns how many milliseconds that is. */
  thrownAway(): number {
    const lost = this.#sentAt - this.#playedAt
    this.#lostFrom = this.#playedAt
    this.#lostTo = this.#sentAt
    this.#playedAt = this.#sentAt
    this.#markedAt = this.#sentAt
    this.#marks = []
    this.#tellFacts()
    return lost / SAMPLES_PER_MS
  }

  /** Nobody asks later what the agent said: its last words count as heard, since they will be. */
  tellUtterances(): void {
    const facts = this.#facts.filter(({ isAgents }) => isAgents)
    this.#facts = this.#facts.filter(({ isAgents }) => !isAgents)
    for (const fact of facts) fact.tell()
  }

  /** Called each frame: marks that are lost are waited for no longer. */
  tick(nowMs: number): void {
    const [first] = this.#facts
    if (first !== undefined && nowMs >= first.dueAtMs) this.#tellFacts()
  }

  readonly onUtterance = (
    heard: HeardUtterance,
    span: HeardSpan | null,
    utterance: Utterance,
  ): void => {
    const { heardBytes } = utterance
    if (heardBytes === 0) {
      // Nothing of it has left: there is nothing to wait for.
      this.#listener.onUtterance(heard, span, utterance)
      return
    }
    this.#expect(true, (endAt) => {
      const lost = this.#lostOf(endAt, heardBytes)
      if (lost === 0) this.#listener.onUtterance(heard, span, utterance)
      else
        this.#listener.onUtterance(
          utterance.told(true, lost),
          lost === heardBytes ? null : shorter(span, lost),
          utterance,
        )
    })
  }

  readonly onPrompt = (told: PromptTold): void => {
    if (told.kind === 'started' || told.playedMs === 0) {
      this.#listener.onPrompt(told)
      return
    }
    this.#expect(false, (endAt) => {
      const lostMs = this.#lostOf(endAt, told.playedMs * SAMPLES_PER_MS) / SAMPLES_PER_MS
      const how = lostMs > 0 && told.how === 'played' ? 'stopped' : told.how
      this.#listener.onPrompt({ ...told, how, playedMs: Math.round(told.playedMs - lostMs) })
    })
  }

  #expect(isAgents: boolean, tell: (endAt: number) => void): void {
    const endAt = this.#sentAt
    const unplayedMs = (endAt - this.#playedAt) / SAMPLES_PER_MS
    const dueAtMs = this.#now() + unplayedMs + MARK_LATE_MS
    this.#facts.push({ endAt, dueAtMs, isAgents, tell: () => tell(endAt) })
    this.mark()
    this.#tellFacts()
  }

  #tellFacts(): void {
    const nowMs = this.#now()
    for (let fact = this.#facts[0]; fact !== undefined; fact = this.#facts[0]) {
      if (fact.endAt > this.#playedAt && nowMs < fact.dueAtMs) return
      this.#facts.shift()
      fact.tell()
    }
  }

  /** How many of the `bytes` before this position were thrown away. */
  #lostOf(endAt: number, bytes: number): number {
    return Math.max(0, Math.min(endAt, this.#lostTo) - Math.max(endAt - bytes, this.#lostFrom))
  }
}

const shorter = (span: HeardSpan | null, lostBytes: number): HeardSpan | null =>
  span && { ...span, endedAtMs: span.endedAtMs - lostBytes / SAMPLES_PER_MS }
