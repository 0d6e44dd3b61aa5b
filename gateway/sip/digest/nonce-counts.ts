// The highest count seen of each nonce in use: credentials are good once (RFC 7616 §3.4, "nc"). Bounded memory.
import type { Milliseconds } from '#core/contracts'

interface Use {
  readonly issuedAtMs: number
  readonly highest: number
}

export class NonceCounts {
  readonly #uses = new Map<string, Use>()
  readonly #lifetime: Milliseconds
  readonly #capacity: number
  /** A nonce that was forgotten early could be replayed: none as old as that is taken any more. */
  #forgottenUpToMs = Number.NEGATIVE_INFINITY

  constructor(lifetime: Milliseconds, capacity: number) {
    this.#lifetime = lifetime
    this.#capacity = capacity
  }

  get size(): number {
    return this.#uses.size
  }

  /** Only for credentials that are right otherwise: what strangers send must not take memory. */
  take(
    nonce: string,
    { issuedAtMs, count }: { readonly issuedAtMs: number; readonly count: number },
    nowMs: number,
  ): 'first' | 'replayed' | 'forgotten' {
    const before = this.#uses.get(nonce)
    if (!before && issuedAtMs <= this.#forgottenUpToMs) return 'forgotten'
    if (count <= (before?.highest ?? 0)) return 'replayed'
    if (!before) this.#makeRoom(nowMs)
    this.#uses.set(nonce, { issuedAtMs, highest: count })
    return 'first'
  }

  /** The map is in order of first use: what is long out of date stands in front, as a rule. */
  #makeRoom(nowMs: number): void {
    for (const [nonce, { issuedAtMs }] of this.#uses) {
      const isExpired = nowMs - issuedAtMs > this.#lifetime
      if (!isExpired && this.#uses.size < this.#capacity) return
      this.#uses.delete(nonce)
      if (!isExpired) this.#forgottenUpToMs = Math.max(this.#forgottenUpToMs, issuedAtMs)
    }
  }
}
