// One after the other: for what looks before it writes, where two at a time would both find the same.

export interface Turns {
  /**
   * Acts when all who came before have ended, however they did. What nobody bounds is not bounded here either: whoever lets
   * strangers wait says how many.
   * @throws what `act` throws
   */
  take<T>(act: () => Promise<T>): Promise<T>
}

/** Of one key one after the other, of different ones side by side. Keeps nothing of a key that nobody waits for. */
export interface KeyedTurns<K> {
  /** @throws what `act` throws */
  take<T>(key: K, act: () => Promise<T>): Promise<T>
}

export function createTurns(): Turns {
  const turns = createKeyedTurns<undefined>()
  return { take: (act) => turns.take(undefined, act) }
}

export function createKeyedTurns<K>(): KeyedTurns<K> {
  const last = new Map<K, Promise<unknown>>()
  return {
    take(key, act) {
      const turn = (last.get(key) ?? Promise.resolve()).then(act)
      // Whoever took the turn is told how it failed; the next one only waits for its end.
      const over = turn
        .catch(() => undefined)
        .finally(() => {
          if (last.get(key) === over) last.delete(key)
        })
      last.set(key, over)
      return turn
    },
  }
}
