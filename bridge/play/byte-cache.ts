// Byte arrays kept by name within a bound: what was used longest ago goes first.

export class ByteCache {
  readonly #maxBytes: number
  /** In the order of their last use. */
  readonly #entries = new Map<string, Uint8Array>()
  #heldBytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  get heldBytes(): number {
    return this.#heldBytes
  }

  get(key: string): Uint8Array | undefined {
    const bytes = this.#entries.get(key)
    if (bytes === undefined) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, bytes)
    return bytes
  }

  /** What is larger than the whole cache is not kept. */
  set(key: string, bytes: Uint8Array): void {
    this.#forget(key)
    if (bytes.length > this.#maxBytes) return
    this.#entries.set(key, bytes)
    this.#heldBytes += bytes.length
    for (const oldest of this.#entries.keys()) {
      if (this.#heldBytes <= this.#maxBytes) return
      this.#forget(oldest)
    }
  }

  #forget(key: string): void {
    this.#heldBytes -= this.#entries.get(key)?.length ?? 0
    this.#entries.delete(key)
  }
}
