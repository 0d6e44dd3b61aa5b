// One after the other: for what looks before it writes, where two at a time would both find the same.

export interface Turns {
  /**
   * Acts when all who came before have ended, however they did. What nobody bounds is not bounded here either: whoever lets
   * strangers wait says how many.
   * @throws what `act` throws
   */
  take<T>(act: () => Promise<T>): Promise<T>
}

export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve()
  return {
    take(act) {
      const turn = last.then(act)
      // Whoever took the turn is told how it failed; the next one only waits for its end.
      last = turn.catch(() => undefined)
      return turn
    },
  }
}
