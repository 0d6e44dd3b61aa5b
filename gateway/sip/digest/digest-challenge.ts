// A digest challenge: WWW-Authenticate or Proxy-Authenticate (RFC 7616 §3.3, RFC 8760 §2, RFC 3261 §22). Never throws.
import { decodeAuthHeader, type AuthScheme } from './auth-header.ts'
import { algorithmOf, isWeak, type DigestAlgorithm, type Qop } from './digest-hash.ts'

export interface DigestChallenge {
  readonly realm: string
  readonly nonce: string
  readonly opaque: string | undefined
  readonly algorithm: DigestAlgorithm
  /** As the server wrote it, to be given back like that; absent when it named none. */
  readonly algorithmName: string | undefined
  /** What we answer with; absent in the form of RFC 2069. */
  readonly qop: Qop | undefined
  /** Only the nonce was too old: the credentials may well be right. */
  readonly stale: boolean
}

/** The challenges we can answer, one for each realm (RFC 3261 §22.3), in the order of their first appearance. */
export function decodeChallenges(headers: readonly string[]): DigestChallenge[] {
  const byRealm = new Map<string, DigestChallenge>()
  for (const scheme of headers.flatMap((header) => decodeAuthHeader(header))) {
    const challenge = decodeChallenge(scheme)
    if (!challenge) continue
    const rival = byRealm.get(challenge.realm)
    if (!rival || isBetter(challenge, rival)) byRealm.set(challenge.realm, challenge)
  }
  return [...byRealm.values()]
}

/** Among equals the server's order holds (RFC 8760 §2.4); MD5 is taken only where nothing better is offered. */
const isBetter = (challenge: DigestChallenge, rival: DigestChallenge): boolean =>
  isWeak(rival.algorithm) && !isWeak(challenge.algorithm)

function decodeChallenge({ scheme, parameters }: AuthScheme): DigestChallenge | undefined {
  if (scheme !== 'digest') return undefined
  const realm = parameters.get('realm')
  const nonce = parameters.get('nonce')
  const algorithmName = parameters.get('algorithm')
  const algorithm = algorithmOf(algorithmName ?? 'MD5')
  const qop = chooseQop(parameters.get('qop'))
  if (realm === undefined || nonce === undefined || !algorithm || qop === 'unknown')
    return undefined
  const stale = parameters.get('stale')?.toLowerCase() === 'true'
  const opaque = parameters.get('opaque')
  return { realm, nonce, opaque, algorithm, algorithmName, qop, stale }
}

function chooseQop(offered: string | undefined): Qop | 'unknown' | undefined {
  const options = (offered ?? '')
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((option) => option !== '')
  if (options.length === 0) return undefined
  if (options.includes('auth')) return 'auth'
  return options.includes('auth-int') ? 'auth-int' : 'unknown'
}
