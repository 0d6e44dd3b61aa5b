// One wish that costs money is one Idempotency-Key, however often it is sent: it is done once. The key is kept until the
// wish is answered, whatever else is asked meanwhile; in memory alone, since what is wished may be personal. Pure.
import { asProblem } from '../api/problem.ts'

/** Nobody knows what was done: no answer, the first one is not answered yet, a broken one, a time-out on the way. */
const UNSETTLED: ReadonlySet<number> = new Set([0, 408, 409, 500, 502, 504])

export interface Intents<B> {
  /** Under the key of the same wish as long as that was not answered; under one of its own otherwise. */
  send<T>(body: B, request: (key: string) => Promise<T>): Promise<T>
  /** Those sent of which nobody knows what came of them. */
  readonly uncertain: () => readonly B[]
  readonly subscribe: (listener: () => void) => () => void
}

export function createIntents<B>(makeKey: () => string): Intents<B> {
  /** The key of what was asked (the body as JSON) and not answered. */
  const asked = new Map<string, string>()
  let uncertain: readonly B[] = []
  const listeners = new Set<() => void>()
  const tell = (bodies: readonly B[]): void => {
    uncertain = bodies
    for (const listener of listeners) listener()
  }
  const settle = (body: B, key: string, isSettled: boolean): void => {
    const wish = JSON.stringify(body)
    // It was answered by now: another request with the same key was faster.
    if (asked.get(wish) !== key) return
    if (isSettled) asked.delete(wish)
    const others = uncertain.filter((one) => !isSameWish(one, body))
    tell(isSettled ? others : [...others, body])
  }
  return {
    async send(body, request) {
      const wish = JSON.stringify(body)
      const key = asked.get(wish) ?? makeKey()
      asked.set(wish, key)
      try {
        const answer = await request(key)
        settle(body, key, true)
        return answer
      } catch (error) {
        settle(body, key, !UNSETTLED.has(asProblem(error).status))
        throw error
      }
    },
    uncertain: () => uncertain,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}

export const isSameWish = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other)
