// Addresses of results: signed, and good for a while; whoever changes anything in one has none.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

export class ResultLinks {
  readonly #key = randomBytes(32)
  readonly #ttlMs: number
  readonly #now: () => number
  /** Those of former lots have expired. */
  #lot = 1

  constructor(options: { readonly ttlMs: number; readonly now: () => number }) {
    this.#ttlMs = options.ttlMs
    this.#now = options.now
  }

  make(baseUrl: string, path: string, isExpired: boolean): string {
    const expires = Math.floor(this.#now()) + (isExpired ? -1000 : this.#ttlMs)
    const terms = `Lot=${this.#lot}&Expires=${expires}`
    return `${baseUrl}${path}?${terms}&Signature=${this.#sign(`${path}?${terms}`)}`
  }

  /** All that were made so far. */
  expire(): void {
    this.#lot += 1
  }

  /** One more parameter is as wrong as another signature. */
  isGood({ pathname, search }: URL): boolean {
    const parts = /^\?(Lot=(\d+)&Expires=(\d+))&Signature=([\w-]+)$/.exec(search)
    const [, terms = '', lot, expires, signature = ''] = parts ?? []
    const expected = Buffer.from(this.#sign(`${pathname}?${terms}`))
    const given = Buffer.from(signature)
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return false
    return Number(expires) > this.#now() && Number(lot) === this.#lot
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64url')
  }
}
