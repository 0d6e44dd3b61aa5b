// Who wants to hear that a connection broke: those who sent a request over it within the life of a transaction.
import { guarded } from '../../fault-sink.ts'
import { Timer } from '../../timer.ts'

type OnFailed = (why: string) => void

/** How finely age is told: each callback is kept for `keepMs` and at most a fourth of it longer. */
const GENERATIONS = 4

/** Forgets by generations, so that nobody has to take his own back, and an idle connection keeps none. */
export class FailureCallbacks {
  readonly #keepMs: number
  readonly #rotation = new Timer()
  /** The youngest first. */
  #generations: OnFailed[][] = []

  constructor(keepMs: number) {
    this.#keepMs = keepMs
  }

  get size(): number {
    return this.#generations.reduce((sum, { length }) => sum + length, 0)
  }

  add(onFailed: OnFailed): void {
    const youngest = this.#generations[0]
    if (youngest !== undefined) {
      youngest.push(onFailed)
      return
    }
    this.#generations = [[onFailed]]
    this.#rotateLater()
  }

  /** Each once; they are forgotten with it. */
  failAll(why: string): void {
    const all = this.#generations.toReversed().flat()
    this.clear()
    for (const onFailed of all) guarded(() => onFailed(why))
  }

  clear(): void {
    this.#rotation.stop()
    this.#generations = []
  }

  #rotateLater(): void {
    this.#rotation.start(this.#keepMs / GENERATIONS, () => {
      this.#generations = [[], ...this.#generations.slice(0, GENERATIONS)]
      if (this.size === 0) this.clear()
      else this.#rotateLater()
    })
  }
}
