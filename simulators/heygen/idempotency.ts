// Idempotency-Key: the first answer is repeated for a day, whatever the body says then; while the first is being carried
// out, others hear so. Its scope is the route.
import { Refusal, type Answer } from '#simulators/animation-studio'
import { refusal } from './words.ts'

const KEY = /^[A-Za-z0-9_\-:.]{1,255}$/
const MOST_KEYS = 20_000

/** What came of a request: the answer that is remembered, and what is sent where that is lost on its way. */
export interface Outcome {
  /** Undefined: nothing was made, and the next request with this key is the first. */
  readonly answer: Answer | undefined
  readonly instead?: Answer | undefined
  readonly jobId?: string | undefined
}

export interface Repeatable {
  /** What is sent. */
  readonly answer: Answer
  readonly jobId: string | null
  readonly isReplay: boolean
}

interface Remembered {
  readonly at: number
  /** Undefined: it is being carried out. */
  outcome: Outcome | undefined
}

export interface IdempotencyOptions {
  readonly now: () => number
  readonly keptMs: number
  readonly replaysRefusals: boolean
}

export class Idempotency {
  readonly #known = new Map<string, Remembered>()
  readonly #options: IdempotencyOptions

  constructor(options: IdempotencyOptions) {
    this.#options = options
  }

  /** @param key as it was sent; undefined: none @throws Refusal */
  async once(
    key: string | undefined,
    route: string,
    carryOut: () => Promise<Outcome>,
  ): Promise<Repeatable> {
    if (key === undefined) return sent(await carryOut())
    if (!KEY.test(key)) throw refusal(400, 'invalid_parameter', 'the Idempotency-Key is malformed')
    const scope = `${route} ${key}`
    const known = this.#find(scope)
    if (known !== undefined) return replayed(known)
    const remembered: Remembered = { at: this.#options.now(), outcome: undefined }
    this.#remember(scope, remembered)
    try {
      const outcome = await carryOut()
      if (outcome.answer === undefined) this.#known.delete(scope)
      else remembered.outcome = outcome
      return sent(outcome)
    } catch (error) {
      if (this.#options.replaysRefusals && error instanceof Refusal)
        remembered.outcome = { answer: error.answer }
      else this.#known.delete(scope)
      throw error
    }
  }

  #find(scope: string): Remembered | undefined {
    const known = this.#known.get(scope)
    return known && known.at + this.#options.keptMs > this.#options.now() ? known : undefined
  }

  #remember(scope: string, remembered: Remembered): void {
    this.#known.set(scope, remembered)
    const oldest = this.#known.keys().next()
    if (this.#known.size > MOST_KEYS && oldest.done !== true) this.#known.delete(oldest.value)
  }
}

function sent({ answer, instead, jobId }: Outcome): Repeatable {
  const shown = instead ?? answer
  if (shown === undefined) throw refusal(500, 'internal_error', 'there is no answer')
  return { answer: shown, jobId: jobId ?? null, isReplay: false }
}

function replayed({ outcome }: Remembered): Repeatable {
  if (outcome?.answer === undefined)
    throw refusal(409, 'request_in_progress', 'the first request with this key is under way')
  return { answer: outcome.answer, jobId: outcome.jobId ?? null, isReplay: true }
}
