// Nonces that need no memory until they are used well (RFC 7616 §3.3, §5.4): the time and a seal of ours.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Milliseconds } from '#core/contracts'

export type NonceVerdict =
  | { readonly kind: 'fresh'; readonly issuedAtMs: number }
  /** Ours, but too old. */
  | { readonly kind: 'expired' }
  /** Never given by this process: forged, or from before a restart. */
  | { readonly kind: 'foreign' }

const TIME_BYTES = 6
/** Apart from the time: two callers of one millisecond must not share a nonce, nor its count. */
const SALT_BYTES = 6
const SEAL_BYTES = 16

export class NonceMint {
  readonly #key: Buffer
  readonly #lifetime: Milliseconds
  readonly #random: (size: number) => Buffer

  constructor(lifetime: Milliseconds, random: (size: number) => Buffer = randomBytes) {
    this.#lifetime = lifetime
    this.#random = random
    this.#key = random(32)
  }

  issue(nowMs: number): string {
    const head = Buffer.alloc(TIME_BYTES + SALT_BYTES)
    head.writeUIntBE(Math.floor(nowMs), 0, TIME_BYTES)
    this.#random(SALT_BYTES).copy(head, TIME_BYTES)
    return Buffer.concat([head, this.#seal(head)]).toString('base64url')
  }

  inspect(nonce: string, nowMs: number): NonceVerdict {
    const bytes = Buffer.from(nonce, 'base64url')
    const head = bytes.subarray(0, TIME_BYTES + SALT_BYTES)
    const seal = bytes.subarray(TIME_BYTES + SALT_BYTES)
    // The text is compared too: base64 has several spellings of the same bytes, and each would have a count of its own.
    if (seal.length !== SEAL_BYTES || bytes.toString('base64url') !== nonce)
      return { kind: 'foreign' }
    if (!timingSafeEqual(seal, this.#seal(head))) return { kind: 'foreign' }
    const issuedAtMs = head.readUIntBE(0, TIME_BYTES)
    const ageMs = nowMs - issuedAtMs
    const isFresh = ageMs > -1 && ageMs <= this.#lifetime
    return isFresh ? { kind: 'fresh', issuedAtMs } : { kind: 'expired' }
  }

  #seal(head: Buffer): Buffer {
    return createHmac('sha256', this.#key).update(head).digest().subarray(0, SEAL_BYTES)
  }
}
