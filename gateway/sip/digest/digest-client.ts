// Answers digest challenges for one account (RFC 3261 §22.2, §22.3): remembers nonces, and gives up when refused.
import { randomBytes } from 'node:crypto'
import { decodeChallenges, type DigestChallenge } from './digest-challenge.ts'
import { formatCredentials, type DigestAccount, type DigestRequest } from './digest-credentials.ts'

/** Kept for as long as the same party is spoken to: a later request carries credentials at once. */
export interface DigestClient {
  /** A new request: its challenges are counted afresh. */
  begin(): DigestExchange
}

/** One request and its repetitions. */
export interface DigestExchange {
  /** Headers for the next sending; none before the first challenge. Each call uses the nonces once more. */
  headersFor(request: DigestRequest): (readonly [name: AuthorizationName, value: string])[]
  /** Takes the challenges of a 401 or 407. False: sending again would change nothing. */
  accept(status: number, challengeHeaders: readonly string[]): boolean
}

export type AuthorizationName = 'Authorization' | 'Proxy-Authorization'

interface Known {
  readonly header: AuthorizationName
  readonly challenge: DigestChallenge
  /** The same for the life of a nonce: a session algorithm's key is made of the first one (RFC 7616 §3.4.2). */
  readonly cnonce: string
  useCount: number
}

/** Proxy, its stale nonce, registrar, its stale nonce: more is a server that plays with us. */
const MAX_CHALLENGES = 4
/** Realms whose nonces are kept. */
const MAX_REALMS = 4
const CNONCE_BYTES = 12

export interface DigestClientOptions {
  readonly newCnonce?: () => string
}

export function createDigestClient(
  account: DigestAccount,
  { newCnonce = () => randomBytes(CNONCE_BYTES).toString('hex') }: DigestClientOptions = {},
): DigestClient {
  const known = new Map<string, Known>()
  return { begin: () => new Exchange(account, known, newCnonce) }
}

class Exchange implements DigestExchange {
  readonly #account: DigestAccount
  readonly #known: Map<string, Known>
  readonly #newCnonce: () => string
  /** The nonces answered in this exchange, by realm. */
  readonly #answered = new Map<string, 'once' | 'twice'>()
  #challenges = 0

  constructor(account: DigestAccount, known: Map<string, Known>, newCnonce: () => string) {
    this.#account = account
    this.#known = known
    this.#newCnonce = newCnonce
  }

  headersFor(request: DigestRequest): (readonly [name: AuthorizationName, value: string])[] {
    const headers: (readonly [AuthorizationName, string])[] = []
    for (const known of this.#known.values()) {
      known.useCount += 1
      const value = formatCredentials(known.challenge, this.#account, request, known)
      if (value !== undefined) headers.push([known.header, value])
    }
    return headers
  }

  accept(status: number, challengeHeaders: readonly string[]): boolean {
    const header = AUTHORIZATION_FOR[status]
    if (!header || this.#challenges === MAX_CHALLENGES) return false
    this.#challenges += 1
    const fresh = decodeChallenges(challengeHeaders)
      .slice(0, MAX_REALMS)
      .filter((challenge) => this.#mayAnswer(header, challenge))
    for (const challenge of fresh) this.#remember(header, challenge)
    return fresh.length > 0
  }

  /** Each realm once, and once more when only the nonce was too old: wrong credentials do not become right. */
  #mayAnswer(header: AuthorizationName, { realm, nonce, stale }: DigestChallenge): boolean {
    const key = keyOf(header, realm)
    const answered = this.#answered.get(key)
    if (answered === undefined) return true
    return answered === 'once' && stale && nonce !== this.#known.get(key)?.challenge.nonce
  }

  #remember(header: AuthorizationName, challenge: DigestChallenge): void {
    const key = keyOf(header, challenge.realm)
    this.#answered.set(key, this.#answered.has(key) ? 'twice' : 'once')
    const before = this.#known.get(key)
    this.#known.delete(key)
    const oldest = this.#known.keys().next().value
    if (this.#known.size === MAX_REALMS && oldest !== undefined) this.#known.delete(oldest)
    // A server that keeps its nonce counts on with us (RFC 7616 §3.4).
    const isSame = before?.challenge.nonce === challenge.nonce
    const cnonce = isSame ? before.cnonce : this.#newCnonce()
    this.#known.set(key, { header, challenge, cnonce, useCount: isSame ? before.useCount : 0 })
  }
}

const AUTHORIZATION_FOR: Readonly<Partial<Record<number, AuthorizationName>>> = {
  401: 'Authorization',
  407: 'Proxy-Authorization',
}

const keyOf = (header: AuthorizationName, realm: string): string => `${header} ${realm}`
