// A code over facts that only a holder of the secret can make: what is said to a vendor and said back by it.
import { createHmac, timingSafeEqual } from 'node:crypto'

export interface FactMacs {
  of(facts: readonly string[]): string
  /** In constant time. */
  isOf(mac: string, facts: readonly string[]): boolean
}

/** @param purpose in words: codes for one are worthless for any other */
export function createFactMacs(secret: string, purpose: string): FactMacs {
  const key = createHmac('sha256', secret).update(purpose).digest()
  const of = (facts: readonly string[]): string =>
    createHmac('sha256', key).update(JSON.stringify(facts)).digest('base64url')
  return {
    of,
    isOf(mac, facts) {
      const right = Buffer.from(of(facts))
      const given = Buffer.from(mac)
      return right.length === given.length && timingSafeEqual(right, given)
    },
  }
}
