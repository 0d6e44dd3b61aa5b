// Digest credentials: Authorization or Proxy-Authorization (RFC 7616 §3.4), written by the client, read by the server.
import { decodeAuthHeader, hasControl, quoted } from './auth-header.ts'
import type { DigestChallenge } from './digest-challenge.ts'
import {
  algorithmOf,
  digestResponse,
  type DigestAlgorithm,
  type Protection,
  type Qop,
} from './digest-hash.ts'

/** What a trunk gave us, or we gave to somebody who calls in. Never to be logged. */
export interface DigestAccount {
  readonly username: string
  readonly password: string
}

/** The request the credentials are good for. */
export interface DigestRequest {
  readonly method: string
  readonly uri: string
  readonly body: string
}

export interface DigestUse {
  readonly cnonce: string
  /** How often this nonce was used, this time included. */
  readonly useCount: number
}

/** `undefined` when the user name could not stand in a header. */
export function formatCredentials(
  challenge: DigestChallenge,
  account: DigestAccount,
  request: DigestRequest,
  { cnonce, useCount }: DigestUse,
): string | undefined {
  const { username, password } = account
  if (hasControl(username) || hasControl(request.uri)) return undefined
  const { realm, nonce, opaque, algorithm, algorithmName, qop } = challenge
  const nonceCount = useCount.toString(16).padStart(8, '0')
  const protection = qop && { qop, nonceCount }
  const { method, uri, body } = request
  const response = digestResponse({
    algorithm,
    username,
    realm,
    password,
    nonce,
    method,
    uri,
    body,
    protection,
    cnonce,
  })
  const parameters = [
    `username=${quoted(username)}`,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(uri)}`,
    `response=${quoted(response)}`,
  ]
  if (algorithmName !== undefined) parameters.push(`algorithm=${algorithmName}`)
  if (opaque !== undefined) parameters.push(`opaque=${quoted(opaque)}`)
  if (qop || algorithm.endsWith('-sess')) parameters.push(`cnonce=${quoted(cnonce)}`)
  if (qop) parameters.push(`qop=${qop}`, `nc=${nonceCount}`)
  return `Digest ${parameters.join(', ')}`
}

export interface DigestCredentials {
  readonly username: string
  readonly realm: string
  readonly nonce: string
  readonly uri: string
  readonly response: string
  readonly algorithm: DigestAlgorithm
  readonly cnonce: string
  readonly protection: Protection | undefined
}

/** All digest credentials in the header that can be read: there may be one for each realm. */
export function decodeCredentials(header: string): DigestCredentials[] {
  return decodeAuthHeader(header)
    .filter(({ scheme }) => scheme === 'digest')
    .map(({ parameters }) => credentialsOf(parameters))
    .filter((credentials) => credentials !== undefined)
}

function credentialsOf(parameters: ReadonlyMap<string, string>): DigestCredentials | undefined {
  const [username, realm, nonce, uri, response] = REQUIRED.map((name) => parameters.get(name))
  const algorithm = algorithmOf(parameters.get('algorithm') ?? 'MD5')
  const protection = protectionOf(parameters)
  if (username === undefined || realm === undefined || nonce === undefined) return undefined
  if (uri === undefined || response === undefined || !algorithm) return undefined
  if (protection === 'malformed') return undefined
  const cnonce = parameters.get('cnonce') ?? ''
  return { username, realm, nonce, uri, response, algorithm, cnonce, protection }
}

const REQUIRED = ['username', 'realm', 'nonce', 'uri', 'response'] as const

function protectionOf(
  parameters: ReadonlyMap<string, string>,
): Protection | 'malformed' | undefined {
  const qop = parameters.get('qop')?.toLowerCase()
  if (qop === undefined) return undefined
  const nonceCount = parameters.get('nc') ?? ''
  const isComplete = isQop(qop) && /^[\da-f]{8}$/i.test(nonceCount) && parameters.has('cnonce')
  return isComplete ? { qop, nonceCount } : 'malformed'
}

const isQop = (qop: string): qop is Qop => qop === 'auth' || qop === 'auth-int'
