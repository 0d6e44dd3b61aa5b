// What means something in this world: given at the start, and learned from answers.
import type { Known } from './arbitrary-value.ts'

const MOST_A_NAME = 12
const ID = /^(?:id|.*_id|key|token)$/

export class KnownValues {
  readonly #values = new Map<string, unknown[]>()

  add(name: string, ...values: readonly unknown[]): void {
    const known = this.#values.get(name) ?? []
    this.#values.set(name, [...new Set([...known, ...values])].slice(-MOST_A_NAME))
  }

  all(): Known {
    return Object.fromEntries(this.#values)
  }

  /** Every id of an answer, also as the id of whatever else is called so: `id` of a list of keys is a `key_id`. */
  learn(text: string): void {
    if (!/^[[{]/.test(text)) return
    const visit = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return
      for (const [name, one] of Object.entries(value)) {
        if (typeof one === 'string' && ID.test(name)) this.add(name, one)
        if (name === 'next_cursor' && typeof one === 'string') this.add('cursor', one)
        visit(one)
      }
    }
    try {
      visit(JSON.parse(text))
    } catch {
      // Lines of JSON, or something else that begins like it: nothing to be learned.
    }
  }
}
