// The last word to a caller whose agent failed: a prompt, if there is one, and then the end that was due anyway.
import {
  ms,
  type MediaEvent,
  type MediaSession,
  type PromptSource,
  type Termination,
} from '#core/contracts'
import { TimerSet } from '#core/lifecycle'

const PROMPT_ID = 'fallback'
/** Longer than anybody apologises; a prompt that nobody tells the end of must not keep the line. */
export const LONGEST_FAREWELL = ms(20_000)

/** The last words have left, and lie in the far end’s jitter buffer; as after an agent’s own goodbye. */
const TAIL = ms(100)

export class SpokenFarewell {
  readonly #source: PromptSource | undefined
  readonly #end: (ending: Termination) => void
  readonly #timers = new TimerSet()
  #due: Termination | undefined
  #isClosed = false

  /** @param end ends the call; told once, and never after `close` */
  constructor(source: PromptSource | undefined, end: (ending: Termination) => void) {
    this.#source = source
    this.#end = end
  }

  /** How the call ends, decided before the farewell: whatever comes in its midst changes nothing. */
  get due(): Termination | undefined {
    return this.#due
  }

  /** @param media undefined when nobody would hear it */
  begin(ending: Termination, media: MediaSession | undefined): void {
    if (this.#due || this.#isClosed) return
    this.#due = ending
    if (!this.#source || !media) {
      this.#finish()
      return
    }
    this.#timers.after(LONGEST_FAREWELL, () => this.#finish())
    media.play({ id: PROMPT_ID, source: this.#source })
  }

  note(event: MediaEvent): void {
    if (event.type !== 'prompt.finished' || event.data.promptId !== PROMPT_ID) return
    if (event.data.how !== 'played') this.#finish()
    else if (!this.#isClosed) this.#timers.after(TAIL, () => this.#finish())
  }

  close(): void {
    this.#isClosed = true
    this.#timers.clear()
  }

  #finish(): void {
    if (this.#isClosed || !this.#due) return
    this.close()
    this.#end(this.#due)
  }
}
