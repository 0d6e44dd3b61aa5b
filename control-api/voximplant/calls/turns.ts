// One thing after the other of the same name: messages of one session, whatever order the network gives them at once.

export class Turns {
  readonly #last = new Map<string, Promise<unknown>>()

  async run<T>(name: string, act: () => Promise<T>): Promise<T> {
    const before = this.#last.get(name) ?? Promise.resolve()
    // How the one before went is its own asker's business.
    const turn = before.then(act, act)
    const settled = turn.then(
      () => undefined,
      () => undefined,
    )
    this.#last.set(name, settled)
    try {
      return await turn
    } finally {
      if (this.#last.get(name) === settled) this.#last.delete(name)
    }
  }
}
