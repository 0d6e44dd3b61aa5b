// The keys of one answer to a menu: how many, which one ends them, and how long a silence does.
import type { DtmfDigit, FlowInput, FlowThen } from '#core/contracts'
import { TimerSet } from '#core/lifecycle'

export type Listening = Extract<FlowThen, { readonly kind: 'listen' }>

export class DigitEntry {
  readonly #how: Listening
  readonly #done: (input: FlowInput) => void
  readonly #silence = new TimerSet()
  #digits = ''
  #isDone = false

  /** @param done told once, and never after `close` */
  constructor(how: Listening, done: (input: FlowInput) => void) {
    this.#how = how
    this.#done = done
  }

  /** All was said: from here on silence counts, unless keys came already. */
  wait(): void {
    if (this.#digits === '') this.#countSilence()
  }

  press(digit: DtmfDigit): void {
    if (this.#isDone) return
    if (digit === this.#how.finishOnKey) {
      this.#finish()
      return
    }
    this.#digits += digit
    if (this.isFull) this.#finish()
    else this.#countSilence()
  }

  /** It was ended by its length: a closing key that follows all the same belongs to it. */
  get isFull(): boolean {
    return this.#digits.length >= this.#how.maxDigits
  }

  close(): void {
    this.#isDone = true
    this.#silence.clear()
  }

  #countSilence(): void {
    this.#silence.clear()
    if (!this.#isDone) this.#silence.after(this.#how.timeout, () => this.#finish())
  }

  /** The closing key alone says nothing, as silence does. */
  #finish(): void {
    if (this.#isDone) return
    this.close()
    const digits = this.#digits
    this.#done(digits === '' ? { kind: 'silence' } : { kind: 'digits', digits })
  }
}
