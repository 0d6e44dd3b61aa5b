// One timer that can be set again: a transaction has at most two of them running.
import { guarded } from '../fault-sink.ts'

export class Timer {
  #handle: NodeJS.Timeout | undefined

  get isRunning(): boolean {
    return this.#handle !== undefined
  }

  start(afterMs: number, run: () => void): void {
    this.stop()
    this.#handle = setTimeout(() => guarded(run), afterMs)
  }

  stop(): void {
    if (this.#handle !== undefined) clearTimeout(this.#handle)
    this.#handle = undefined
  }
}
