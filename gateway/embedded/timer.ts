// One timer that can be set again: a transaction has at most two of them running.
import { guarded } from './fault-sink.ts'

/** setTimeout counts in 31 bits and takes anything longer for 1 ms. */
const LONGEST_MS = 2 ** 31 - 1

export class Timer {
  #handle: NodeJS.Timeout | undefined

  get isRunning(): boolean {
    return this.#handle !== undefined
  }

  start(afterMs: number, run: () => void): void {
    this.stop()
    this.#handle = setTimeout(() => guarded(run), Math.min(afterMs, LONGEST_MS))
  }

  stop(): void {
    if (this.#handle !== undefined) clearTimeout(this.#handle)
    this.#handle = undefined
  }
}
