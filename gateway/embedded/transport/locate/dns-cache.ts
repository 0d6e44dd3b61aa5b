// Answers of name servers, kept for a while. Who asks for what is being asked already waits for the same answer.

/** Names come from strangers, too: the oldest makes room. */
const MAX_ENTRIES = 1_000
/** Questions under way. A flood of names that nobody answers must not fill the memory. */
const MAX_OUTSTANDING = 500

export interface Kept<T> {
  readonly answer: T
  readonly forMs: number
}

interface Entry<T> {
  readonly answer: Promise<T>
  /** Infinite while the question is under way. */
  untilMs: number
}

export class DnsCache<T> {
  readonly #entries = new Map<string, Entry<T>>()
  /** What one gets who finds too many questions under way. */
  readonly #refusal: T
  #outstanding = 0

  constructor(refusal: T) {
    this.#refusal = refusal
  }

  /** `ask` never rejects. */
  get(key: string, ask: () => Promise<Kept<T>>): Promise<T> {
    const known = this.#entries.get(key)
    if (known !== undefined && known.untilMs > performance.now()) return known.answer
    // A flood of strange names must not take away the known ones: what was true will do.
    if (this.#outstanding >= MAX_OUTSTANDING) return known?.answer ?? Promise.resolve(this.#refusal)
    this.#outstanding += 1
    const asked = ask()
    const entry: Entry<T> = { answer: asked.then(({ answer }) => answer), untilMs: Infinity }
    void asked.then(({ forMs }) => {
      this.#outstanding -= 1
      entry.untilMs = performance.now() + forMs
    })
    this.#keep(key, entry)
    return entry.answer
  }

  #keep(key: string, entry: Entry<T>): void {
    // Deleted first: what is renewed moves to the end of the line.
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    if (this.#entries.size <= MAX_ENTRIES) return
    const [oldest] = this.#entries.keys()
    if (oldest !== undefined) this.#entries.delete(oldest)
  }
}
