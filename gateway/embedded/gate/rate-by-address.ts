// A token bucket for each address heard of lately.
import { addressBlock } from '../transport/stream/address-block.ts'

export interface RateLimit {
  readonly perSecond: number
  readonly burst: number
  /** Then the one that was silent for the longest is forgotten: it starts with a full bucket again. */
  readonly maxAddresses: number
}

interface Bucket {
  tokens: number
  filledAtMs: number
}

export class RateByAddress {
  readonly #limit: RateLimit
  /** The longest silent first. */
  readonly #buckets = new Map<string, Bucket>()

  constructor(limit: RateLimit) {
    this.#limit = limit
  }

  get size(): number {
    return this.#buckets.size
  }

  /** False when this address had its share. */
  take(address: string, nowMs: number): boolean {
    const block = addressBlock(address)
    const { perSecond, burst } = this.#limit
    const bucket = this.#buckets.get(block) ?? { tokens: burst, filledAtMs: nowMs }
    const refill = ((nowMs - bucket.filledAtMs) / 1000) * perSecond
    bucket.tokens = Math.min(burst, bucket.tokens + refill)
    bucket.filledAtMs = nowMs
    this.#buckets.delete(block)
    this.#buckets.set(block, bucket)
    this.#forgetOne()
    if (bucket.tokens < 1) return false
    bucket.tokens -= 1
    return true
  }

  #forgetOne(): void {
    if (this.#buckets.size <= this.#limit.maxAddresses) return
    for (const block of this.#buckets.keys()) {
      this.#buckets.delete(block)
      return
    }
  }
}
