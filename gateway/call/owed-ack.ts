// The ACK that a caller owes our 200 OK. When many are owed (ack-watch.ts), whoever answers waits for this one.
import { ms } from '#core/contracts'
import type { Answerer } from './answerer.ts'

/** A 200 OK nobody acknowledges in this time closes the agent (docs/call-lifecycle.md). */
export const ACK_DEADLINE = ms(4000)

export class OwedAck {
  #isHere = false
  #waiting: Answerer | undefined

  get isHere(): boolean {
    return this.#isHere
  }

  came(): void {
    this.#isHere = true
  }

  /** To begin when the ACK comes. */
  holdBack(answerer: Answerer): void {
    this.#waiting = answerer
  }

  /** Whoever was held back; only once. */
  release(): Answerer | undefined {
    const answerer = this.#waiting
    this.#waiting = undefined
    return answerer
  }
}
