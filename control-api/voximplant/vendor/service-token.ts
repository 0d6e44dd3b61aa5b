// The token of a service account: a JWT (RFC 7519) signed with RS256, made anew before the old one ends.
// (voximplant.com/docs/references/httpapi/auth_parameters, read autumn 2026.)
import { createPrivateKey, sign, type KeyObject } from 'node:crypto'
import { AppError } from '#core/errors'
import type { Clock } from '#core/time'
import type { ServiceAccountKey } from './vendor-answer.ts'

/** As long as the vendor takes one. */
const LIFETIME_SECONDS = 3600
/** Our clock may be ahead of the vendor's, who takes no token from the future. */
const BACKDATED_SECONDS = 30
const RENEWED_BEFORE_SECONDS = 300

export interface ServiceTokens {
  current(): string
  /** The next one is a new one. */
  forget(): void
}

/** @param accountId for whom it speaks: digits */
export function createServiceTokens(
  clock: Pick<Clock, 'now'>,
  accountId: string,
  key: ServiceAccountKey,
): ServiceTokens {
  let signingKey: KeyObject | undefined
  let held: { readonly token: string; readonly until: number } | undefined
  const make = (now: number): { readonly token: string; readonly until: number } => {
    signingKey ??= privateKeyOf(key.private_key)
    const iat = now - BACKDATED_SECONDS
    const exp = iat + LIFETIME_SECONDS
    const head = encoded({ alg: 'RS256', typ: 'JWT', kid: key.key_id })
    const signed = `${head}.${encoded({ iss: Number(accountId), iat, exp })}`
    const signature = sign('RSA-SHA256', Buffer.from(signed), signingKey).toString('base64url')
    return { token: `${signed}.${signature}`, until: exp - RENEWED_BEFORE_SECONDS }
  }
  return {
    current() {
      const now = Math.floor(clock.now() / 1000)
      if (held === undefined || now >= held.until) held = make(now)
      return held.token
    },
    forget() {
      held = undefined
    },
  }
}

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url')

/** @throws AppError `PROVIDER_REFUSED`, with nothing of it */
export function privateKeyOf(pem: string): KeyObject {
  const key = readKey(pem)
  if (key?.asymmetricKeyType === 'rsa') return key
  throw new AppError('PROVIDER_REFUSED', 'The key of the service account is no RSA key in PEM.')
}

function readKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem)
  } catch {
    return undefined // The caller says so.
  }
}
