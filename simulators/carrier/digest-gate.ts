// Who proves to be a customer: digest challenges and their answers, from the server's side (RFC 7616, RFC 8760;
// RFC 3261 §22). Written apart from the product's own, so that a fault there is not repeated here.
import { createHash, randomBytes } from 'node:crypto'
import type { SipRequest } from './sip-message.ts'

export interface Account {
  readonly user: string
  readonly password: string
}

export type DigestAlgorithm = 'MD5' | 'SHA-256'

export interface DigestGateOptions {
  readonly accounts: readonly Account[]
  readonly realm: string
  /** One challenge each, the preferred first. */
  readonly algorithms: readonly DigestAlgorithm[]
  /** A nonce that is older is stale. */
  readonly nonceSeconds: number
}

export type DigestVerdict =
  /** No credentials, or for another realm: to be challenged. */
  | { readonly kind: 'unproven' }
  /** The right answer to a nonce that is used up: challenged again with `stale=true`. */
  | { readonly kind: 'stale' }
  | { readonly kind: 'wrong'; readonly complaint?: string }
  | { readonly kind: 'proven'; readonly user: string }

interface IssuedNonce {
  readonly issuedAt: number
  /** Counts that were seen: none may come twice. */
  readonly counts: Set<string>
}

const MAX_NONCES = 1000
const HASHES = { MD5: 'md5', 'SHA-256': 'sha256' } as const

export class DigestGate {
  realm: string
  readonly #options: DigestGateOptions
  readonly #now: () => number
  readonly #nonces = new Map<string, IssuedNonce>()

  /** @param now milliseconds of any clock that only goes forward */
  constructor(options: DigestGateOptions, now: () => number) {
    this.#options = options
    this.#now = now
    this.realm = options.realm
  }

  /** Values of WWW-Authenticate or Proxy-Authenticate, one header line each. */
  challenges(isStale: boolean): string[] {
    return this.#options.algorithms.map((algorithm) => {
      const stale = isStale ? ', stale=true' : ''
      const nonce = `nonce="${this.#issue()}"`
      return `Digest realm="${this.realm}", ${nonce}${stale}, algorithm=${algorithm}, qop="auth"`
    })
  }

  /** @param name `authorization` or `proxy-authorization` */
  judge(request: SipRequest, name: string): DigestVerdict {
    const all = request.headers.filter(([candidate]) => candidate === name)
    const credentials = all.map(([, value]) => paramsOf(value))
    const ours = credentials.find((params) => params.get('realm') === this.realm)
    return ours === undefined ? { kind: 'unproven' } : this.#check(request, ours)
  }

  #check(request: SipRequest, params: ReadonlyMap<string, string>): DigestVerdict {
    const of = (name: string): string => params.get(name) ?? ''
    const complaint = this.#objection(request, of)
    if (complaint !== undefined) return { kind: 'wrong', complaint }
    const { accounts } = this.#options
    const account = accounts.find(({ user }) => user === of('username'))
    if (account === undefined) return { kind: 'wrong' }
    if (of('response') !== this.#responseTo(request, account, of)) return { kind: 'wrong' }
    const nonce = this.#nonces.get(of('nonce'))
    const isFresh =
      nonce !== undefined &&
      this.#now() - nonce.issuedAt <= this.#options.nonceSeconds * 1000 &&
      !nonce.counts.has(of('nc'))
    if (!isFresh) return { kind: 'stale' }
    nonce.counts.add(of('nc'))
    return { kind: 'proven', user: account.user }
  }

  /** What no client that follows RFC 7616 sends. */
  #objection(request: SipRequest, of: (name: string) => string): string | undefined {
    const offered: readonly string[] = this.#options.algorithms
    if (of('uri') !== request.uri) return 'credentials for another URI than the request’s'
    if (of('qop') !== 'auth') return 'credentials without the qop that was offered'
    if (!/^[0-9a-f]{8}$/i.test(of('nc'))) return 'credentials with a bad nonce count'
    if (of('cnonce') === '') return 'credentials without a cnonce'
    if (!offered.includes(of('algorithm') || 'MD5'))
      return 'credentials with an algorithm that was not offered'
    return undefined
  }

  #responseTo({ method, uri }: SipRequest, account: Account, of: (name: string) => string): string {
    const algorithm = of('algorithm') === 'SHA-256' ? 'SHA-256' : 'MD5'
    const hash = (...parts: readonly string[]): string =>
      createHash(HASHES[algorithm]).update(parts.join(':')).digest('hex')
    const who = hash(account.user, this.realm, account.password)
    return hash(who, of('nonce'), of('nc'), of('cnonce'), 'auth', hash(method, uri))
  }

  #issue(): string {
    const nonce = randomBytes(16).toString('hex')
    this.#nonces.set(nonce, { issuedAt: this.#now(), counts: new Set() })
    const [oldest] = this.#nonces.keys()
    if (this.#nonces.size > MAX_NONCES && oldest !== undefined) this.#nonces.delete(oldest)
    return nonce
  }
}

const PARAM = /([\w-]+)\s*=\s*(?:"((?:\\.|[^"\\])*)"|([^\s,]+))/g

function paramsOf(credentials: string): ReadonlyMap<string, string> {
  return new Map(
    [...credentials.matchAll(PARAM)].map(([, name = '', quoted, token = '']) => [
      name.toLowerCase(),
      quoted?.replace(/\\(.)/g, '$1') ?? token,
    ]),
  )
}
