// What stops work in the middle, of each animation that runs: somebody canceled it.
export class Stops {
  readonly #running = new Map<string, AbortController>()

  of(taskId: string): AbortSignal {
    const stop = this.#running.get(taskId) ?? new AbortController()
    this.#running.set(taskId, stop)
    return stop.signal
  }

  stop(taskId: string): void {
    this.#running.get(taskId)?.abort(new Error('the animation was canceled'))
    // What follows, such as its removal, is not stopped.
    this.#running.delete(taskId)
  }

  end(taskId: string): void {
    this.#running.delete(taskId)
  }
}
