// The token of a service account: a JWT (RFC 7519), RS256, signed with the key that the vendor gave out once.
import { generateKeyPairSync, randomUUID, verify, type KeyObject } from 'node:crypto'
import { Refusal } from './vendor-errors.ts'

/** The JSON file that is downloaded when a service account is made. */
export interface ServiceAccountKey {
  readonly account_email: string
  readonly account_id: number
  readonly key_id: string
  /** RSA, PEM. */
  readonly private_key: string
}

const MOST_SECONDS = 3600
/** Seconds are whole: who reads the clock a moment later may find the next one. */
const SKEW_SECONDS = 1

interface Claims {
  readonly iss: number
  readonly iat: number
  readonly exp: number
}

const OWNER = 'owner@voximplant.example'

/** A service account and what it checks: its key is made when it is first asked for, as that takes a tenth of a second. */
export class ServiceAccount {
  readonly email = OWNER
  readonly #accountId: number
  readonly #keyId = randomUUID()
  #pair: { readonly privateKey: KeyObject; readonly publicKey: KeyObject } | undefined

  constructor(accountId: number) {
    this.#accountId = accountId
  }

  get key(): ServiceAccountKey {
    return {
      account_email: OWNER,
      account_id: this.#accountId,
      key_id: this.#keyId,
      private_key: this.#keys().privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    }
  }

  #keys(): { readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
    return (this.#pair ??= generateKeyPairSync('rsa', { modulusLength: 2048 }))
  }

  /** @throws Refusal 447, 433, 454, 455, 456 or 100 */
  verify(token: string, nowMs: number): void {
    const [head = '', payload = '', signature = '', more] = token.split('.')
    if (more !== undefined || signature === '') throw new Refusal(447)
    const { alg, kid } = decoded(head)
    if (alg !== 'RS256' || typeof kid !== 'string') throw new Refusal(447)
    const claims = claimsOf(decoded(payload))
    if (kid !== this.#keyId) throw new Refusal(433)
    const signed = Buffer.from(`${head}.${payload}`)
    if (!verify('RSA-SHA256', signed, this.#keys().publicKey, Buffer.from(signature, 'base64url')))
      throw new Refusal(100)
    if (claims.iss !== this.#accountId) throw new Refusal(100)
    const now = nowMs / 1000
    if (claims.exp - claims.iat > MOST_SECONDS) throw new Refusal(454)
    if (claims.iat > now + SKEW_SECONDS) throw new Refusal(455)
    if (claims.exp < now) throw new Refusal(456)
  }
}

function decoded(part: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    if (typeof value === 'object' && value !== null) return { ...value }
  } catch {
    // What cannot be read is not in the format.
  }
  throw new Refusal(447)
}

/** The account's number is taken as a string, too. */
function claimsOf({ iss, iat, exp }: Readonly<Record<string, unknown>>): Claims {
  const issuer = typeof iss === 'string' && /^\d+$/.test(iss) ? Number(iss) : iss
  if (typeof issuer === 'number' && typeof iat === 'number' && typeof exp === 'number')
    return { iss: issuer, iat, exp }
  throw new Refusal(447)
}
