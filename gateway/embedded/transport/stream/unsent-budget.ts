// What may wait to be sent: over one connection, and over all of them together. Readers that do not read pay with theirs.

const MIB = 1024 * 1024
/** Over one connection, at any moment. One that we opened, to somebody we chose, may keep as much. */
export const MAX_UNSENT_BYTES = 4 * MIB
/** For longer than a moment, to somebody who came by himself: some hundred messages. */
export const MAX_INBOUND_UNSENT_BYTES = 256 * 1024
const MAX_TOTAL_BYTES = 64 * MIB

export interface Reader {
  readonly unsentBytes: number
  readonly maxUnsentBytes: number
  /** Ends it. */
  overload(): void
}

export class UnsentBudget {
  readonly #maxBytes: number
  /** Of each whose unsent bytes were not 0 when it was last noted. */
  readonly #unsent = new Map<Reader, number>()
  #total = 0

  constructor(maxBytes = MAX_TOTAL_BYTES) {
    this.#maxBytes = maxBytes
  }

  /** After each write: what went out at once, nearly always everything, costs nothing. */
  note(reader: Reader): void {
    this.#set(reader, reader.unsentBytes)
    if (this.#total <= this.#maxBytes) return
    // Nobody tells when a little was sent at last.
    for (const one of [...this.#unsent.keys()]) this.#set(one, one.unsentBytes)
    while (this.#total > this.#maxBytes) this.#cutWorst()
  }

  forget(reader: Reader): void {
    this.#set(reader, 0)
  }

  #set(reader: Reader, bytes: number): void {
    this.#total += bytes - (this.#unsent.get(reader) ?? 0)
    if (bytes === 0) this.#unsent.delete(reader)
    else this.#unsent.set(reader, bytes)
  }

  /** The worst has used most of what it may, so that many strangers do not end a connection to a carrier. */
  #cutWorst(): void {
    let worst: { reader: Reader; share: number } | undefined
    for (const [reader, bytes] of this.#unsent) {
      const share = bytes / reader.maxUnsentBytes
      if (worst === undefined || share > worst.share) worst = { reader, share }
    }
    if (worst === undefined) return
    this.forget(worst.reader)
    worst.reader.overload()
  }
}
