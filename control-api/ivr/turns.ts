// One after the other for each key, side by side for different ones.

export type InTurn<K> = <T>(key: K, act: () => Promise<T>) => Promise<T>

export function createTurns<K>(): InTurn<K> {
  const last = new Map<K, Promise<unknown>>()
  return (key, act) => {
    const before = last.get(key) ?? Promise.resolve()
    const result = before.then(act)
    const over = result
      // Whoever asked is told; who comes next has his own turn.
      .catch(() => undefined)
      .finally(() => {
        if (last.get(key) === over) last.delete(key)
      })
    last.set(key, over)
    return result
  }
}
