// What is said in one turn, as prompts: one for each piece of words and for each digit, so that each is kept as audio.
import {
  ms,
  type FlowTurn,
  type MediaEvent,
  type MediaSession,
  type PromptSource,
} from '#core/contracts'
import { TimerSet } from '#core/lifecycle'

/** A media session takes no more than 32; those behind follow as the first are over. */
const MOST_AHEAD = 16
/** Longer than one prompt is fetched and played: whoever tells nothing of it by then never will. */
const STALLED_AFTER = ms(90_000)

export interface SayingOptions {
  /** No other saying of the call has it. */
  readonly name: string
  readonly stopOnDigit: boolean
  readonly media: Pick<MediaSession, 'play' | 'stopPlaying'>
  /** Told once: every word was heard (or stopped), or one could not be spoken. */
  readonly over: (how: 'said' | 'failed') => void
}

export class Saying {
  readonly #options: SayingOptions
  readonly #sources: readonly PromptSource[]
  readonly #patience = new TimerSet()
  /** Told as finished one after the other, in this order. */
  #finished = 0
  #asked = 0
  #isOver = false

  constructor(turn: FlowTurn, options: SayingOptions) {
    this.#options = options
    this.#sources = sourcesOf(turn)
  }

  begin(): void {
    if (this.#sources.length === 0) this.#end('said')
    else this.#go()
  }

  note(event: MediaEvent): void {
    if (this.#isOver || event.type !== 'prompt.finished') return
    const { promptId, how } = event.data
    if (!promptId.startsWith(`${this.#options.name}-`)) return
    this.#finished += 1
    if (how === 'failed') {
      // What is queued behind it makes no sense without it.
      this.stop()
      this.#options.over('failed')
    } else if (this.#finished >= this.#sources.length) this.#end('said')
    else this.#go()
  }

  /** A key was pressed, or nobody listens any more. */
  stop(): void {
    if (this.#isOver) return
    this.#close()
    this.#options.media.stopPlaying()
  }

  #go(): void {
    const { name, media, stopOnDigit } = this.#options
    this.#patience.clear()
    this.#patience.after(STALLED_AFTER, () => {
      this.stop()
      this.#options.over('failed')
    })
    const until = Math.min(this.#sources.length, this.#finished + MOST_AHEAD)
    for (const source of this.#sources.slice(this.#asked, until)) {
      this.#asked += 1
      media.play({ id: `${name}-${this.#asked}`, source, stopOnDigit })
    }
  }

  #end(how: 'said'): void {
    this.#close()
    this.#options.over(how)
  }

  #close(): void {
    this.#isOver = true
    this.#patience.clear()
  }
}

const sourcesOf = ({ say, language }: FlowTurn): PromptSource[] =>
  say
    .flatMap((part) => (part.kind === 'words' ? [part.text] : Array.from(part.digits)))
    .map((text) => ({ kind: 'speech', text, language }))
