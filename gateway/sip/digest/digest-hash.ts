// The digest itself (RFC 7616 §3.4.1–§3.4.3; RFC 8760 §2 for SIP): pure, the same for client and server.
import { hash } from 'node:crypto'

/** MD5 is weak, but most carriers and phones know nothing else. */
const ALGORITHMS = {
  md5: { hash: 'md5', isSession: false, isWeak: true },
  'md5-sess': { hash: 'md5', isSession: true, isWeak: true },
  'sha-256': { hash: 'sha256', isSession: false, isWeak: false },
  'sha-256-sess': { hash: 'sha256', isSession: true, isWeak: false },
  'sha-512-256': { hash: 'sha512-256', isSession: false, isWeak: false },
  'sha-512-256-sess': { hash: 'sha512-256', isSession: true, isWeak: false },
} as const

export type DigestAlgorithm = keyof typeof ALGORITHMS
export type Qop = 'auth' | 'auth-int'

export interface DigestInput {
  readonly algorithm: DigestAlgorithm
  readonly username: string
  readonly realm: string
  readonly password: string
  readonly nonce: string
  readonly method: string
  readonly uri: string
  readonly body: string
  /** Absent: the form of RFC 2069, as servers of that time still ask for it (RFC 7616 §3.4.1 has no such form). */
  readonly protection: Protection | undefined
  /** Needed by the session algorithms even without a qop. */
  readonly cnonce: string
}

export interface Protection {
  readonly qop: Qop
  /** Eight hexadecimal digits, as they stand in the header. */
  readonly nonceCount: string
}

export function algorithmOf(written: string): DigestAlgorithm | undefined {
  const name = written.toLowerCase()
  return isAlgorithm(name) ? name : undefined
}

const isAlgorithm = (name: string): name is DigestAlgorithm => Object.hasOwn(ALGORITHMS, name)

export const isWeak = (algorithm: DigestAlgorithm): boolean => ALGORITHMS[algorithm].isWeak

export function digestResponse(input: DigestInput): string {
  const { nonce, cnonce, protection, method, uri } = input
  const { hash: name, isSession } = ALGORITHMS[input.algorithm]
  const digest = (...parts: readonly string[]): string => hash(name, parts.join(':'))
  const user = digest(input.username, input.realm, input.password)
  const secret = isSession ? digest(user, nonce, cnonce) : user
  if (!protection) return digest(secret, nonce, digest(method, uri))
  const { qop, nonceCount } = protection
  const message = qop === 'auth-int' ? digest(method, uri, digest(input.body)) : digest(method, uri)
  return digest(secret, nonce, nonceCount, cnonce, qop, message)
}
