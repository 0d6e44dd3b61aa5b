// Who may speak as a scenario: whoever signs with the key of its application, `X-Signature: v1=<HMAC-SHA256 of
// "timestamp.body">`. Nothing of a body is read before. That somebody sends again what was signed for us changes nothing:
// every message is a snapshot, and a token is bound to its session.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { AppError } from '#core/errors'
import type { Clock } from '#core/time'
import type { KnownApplication, KnownApplications } from './known-applications.ts'

export interface SignedRequest {
  readonly applicationId: string
  /** As they came. */
  readonly timestamp: unknown
  readonly signature: unknown
  readonly body: Buffer
}

export interface ScenarioGuardDeps {
  readonly clock: Pick<Clock, 'now'>
  readonly applications: Pick<KnownApplications, 'find'>
}

const OLDEST_SECONDS = 300
const AHEAD_SECONDS = 60
const MAX_SIGNATURE_CHARS = 128

/** Of nobody: an application that there is not takes as long to refuse as one that there is. */
const NOBODYS_KEY = randomBytes(32).toString('hex')

/** @throws AppError `SIGNATURE_INVALID`, `NOT_FOUND` of an application that there is not */
export async function requireSigned(
  { clock, applications }: ScenarioGuardDeps,
  { applicationId, timestamp, signature, body }: SignedRequest,
): Promise<KnownApplication> {
  const application = await applications.find(applicationId)
  const time = typeof timestamp === 'string' && /^\d{1,12}$/.test(timestamp) ? timestamp : '0'
  const right = createHmac('sha256', application?.signingKey ?? NOBODYS_KEY)
    .update(`${time}.`)
    .update(body)
    .digest()
  const isSigned = isSame(decodeSignature(signature), right)
  if (!application)
    throw new AppError('NOT_FOUND', 'There is no Voximplant application with this id.')
  if (!isSigned)
    throw new AppError('SIGNATURE_INVALID', 'X-Signature does not fit X-Timestamp and this body.')
  const age = clock.now() / 1000 - Number(time)
  if (age > OLDEST_SECONDS || age < -AHEAD_SECONDS)
    throw new AppError('SIGNATURE_INVALID', 'It was signed too long ago, or in the future.')
  return application
}

/** The vendor does not say how its scenarios write a MAC: both ways that there are. */
function decodeSignature(signature: unknown): Buffer {
  if (typeof signature !== 'string' || signature.length > MAX_SIGNATURE_CHARS)
    return Buffer.alloc(0)
  const mac = /^v1=(.+)$/.exec(signature.trim())?.[1] ?? ''
  return /^[0-9a-f]{64}$/i.test(mac) ? Buffer.from(mac, 'hex') : Buffer.from(mac, 'base64')
}

/** The length of what is right is no secret. */
const isSame = (one: Buffer, other: Buffer): boolean =>
  one.length === other.length && timingSafeEqual(one, other)
