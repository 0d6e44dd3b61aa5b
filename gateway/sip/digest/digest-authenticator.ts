// Asks callers for digest credentials and judges them (RFC 3261 §22, RFC 7616, RFC 8760). Challenges keep no state.
import { randomBytes, timingSafeEqual } from 'node:crypto'
import { ms, type OfferedAlgorithm } from '#core/contracts'
import type { Clock } from '#core/time'
import { quoted } from './auth-header.ts'
import {
  decodeCredentials,
  type DigestCredentials,
  type DigestRequest,
} from './digest-credentials.ts'
import { digestResponse, type DigestAlgorithm } from './digest-hash.ts'
import { NonceCounts } from './nonce-counts.ts'
import { NonceMint } from './nonce-mint.ts'
import { isForRequestUri } from './request-uri-match.ts'

export interface DigestAuthenticatorOptions {
  readonly realm: string
  readonly credentials: (username: string) => string | undefined
  readonly clock: Clock
  readonly random?: (size: number) => Buffer
  /** Ours to offer, the preferred first. Some old phones read the first challenge only, and know MD5 alone. */
  readonly algorithms?: readonly OfferedAlgorithm[]
}

export type Verdict =
  | { readonly kind: 'ok'; readonly username: string }
  /** No credentials for our realm. */
  | { readonly kind: 'absent' }
  /** The right secret on a nonce that is too old: to be challenged again with `stale`. */
  | { readonly kind: 'stale' }
  /** Wrong, for another request, or used before. */
  | { readonly kind: 'refused' }

export interface DigestAuthenticator {
  /** The values of WWW-Authenticate, in the order of our preference (RFC 8760 §2.3). */
  challenge(options?: { readonly stale: boolean }): readonly string[]
  /** @param authorization the header's values, joined by commas or not; empty when there is none */
  verify(request: DigestRequest, authorization: string): Verdict
}

const NONCE_LIFETIME = ms(5 * 60_000)
/** Of calls within the lifetime of a nonce: at 50 a second there are 15,000. */
const MAX_NONCES_IN_USE = 20_000

const DEFAULT_ALGORITHMS = ['SHA-256', 'MD5'] as const

export function createDigestAuthenticator(
  options: DigestAuthenticatorOptions,
): DigestAuthenticator {
  return new Authenticator(options)
}

class Authenticator implements DigestAuthenticator {
  readonly #options: DigestAuthenticatorOptions
  readonly #nonces: NonceMint
  readonly #counts = new NonceCounts(NONCE_LIFETIME, MAX_NONCES_IN_USE)
  /** Compared with where nobody has that name, so that the answer takes as long. */
  readonly #nobodysPassword: string
  readonly #algorithms: readonly OfferedAlgorithm[]

  constructor(options: DigestAuthenticatorOptions) {
    const random = options.random ?? randomBytes
    this.#options = options
    this.#algorithms = options.algorithms ?? DEFAULT_ALGORITHMS
    this.#nonces = new NonceMint(NONCE_LIFETIME, random)
    this.#nobodysPassword = random(32).toString('base64')
  }

  challenge({ stale }: { readonly stale: boolean } = { stale: false }): readonly string[] {
    const { realm, clock } = this.#options
    const nonce = this.#nonces.issue(clock.now())
    return this.#algorithms.map(
      (algorithm) =>
        `Digest realm=${quoted(realm)}, nonce=${quoted(nonce)}, algorithm=${algorithm}, ` +
        `qop="auth"${stale ? ', stale=true' : ''}`,
    )
  }

  verify(request: DigestRequest, authorization: string): Verdict {
    const { realm, clock } = this.#options
    const given = decodeCredentials(authorization).find((one) => one.realm === realm)
    if (!given) return { kind: 'absent' }
    const { protection, nonce } = given
    const isRight = this.#isRight(given, request)
    if (!isRight || protection?.qop !== 'auth' || !isForRequestUri(given.uri, request.uri))
      return { kind: 'refused' }
    const verdict = this.#nonces.inspect(nonce, clock.now())
    if (verdict.kind !== 'fresh') return { kind: 'stale' }
    const use = {
      issuedAtMs: verdict.issuedAtMs,
      count: Number.parseInt(protection.nonceCount, 16),
    }
    switch (this.#counts.take(nonce, use, clock.now())) {
      case 'first':
        return { kind: 'ok', username: given.username }
      case 'forgotten':
        return { kind: 'stale' }
      case 'replayed':
        return { kind: 'refused' }
    }
  }

  #isRight(given: DigestCredentials, { method, body }: DigestRequest): boolean {
    const known = this.#options.credentials(given.username)
    const password = known ?? this.#nobodysPassword
    const expected = Buffer.from(digestResponse({ ...given, password, method, body }))
    const response = Buffer.from(given.response.toLowerCase())
    const isEqual = response.length === expected.length && timingSafeEqual(response, expected)
    return isEqual && known !== undefined && this.#isOffered(given.algorithm)
  }

  #isOffered(algorithm: DigestAlgorithm): boolean {
    return this.#algorithms.some((offered) => offered.toLowerCase() === algorithm)
  }
}
