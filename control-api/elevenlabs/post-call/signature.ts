// The signature of the vendor's webhooks: `ElevenLabs-Signature: t=<unix seconds>,v0=<hex HMAC-SHA256 of "t.body">`, the
// secret used as it is (elevenlabs.io/docs, post-call webhooks; read autumn 2026). The vendor's own verifier looks at the
// past alone; a time ahead of ours is refused as well, so that nobody can make one that stays good.
import { createHmac, timingSafeEqual } from 'node:crypto'

const TOLERANCE_SECONDS = 30 * 60
const AHEAD_SECONDS = 5 * 60
const MAX_HEADER_CHARS = 512
const MAX_SIGNATURES = 4

export interface SignatureHeader {
  /** As it was written: it is signed so. */
  readonly time: string
  readonly signatures: readonly Buffer[]
}

/** Undefined: there is none that could be right. */
export function parseSignature(header: unknown): SignatureHeader | undefined {
  if (typeof header !== 'string' || header.length > MAX_HEADER_CHARS) return undefined
  const parts = header.split(',').map((part) => part.trim())
  const time = parts.map((part) => /^t=(\d{1,12})$/.exec(part)?.[1]).find((one) => one)
  const signatures = parts.flatMap((part) => /^v0=([0-9a-f]{64})$/.exec(part)?.[1] ?? [])
  if (time === undefined || signatures.length === 0 || signatures.length > MAX_SIGNATURES)
    return undefined
  return { time, signatures: signatures.map((hex) => Buffer.from(hex, 'hex')) }
}

export function isFresh({ time }: SignatureHeader, nowSeconds: number): boolean {
  const age = nowSeconds - Number(time)
  return age <= TOLERANCE_SECONDS && age >= -AHEAD_SECONDS
}

export type BodyHash = ReturnType<typeof createHmac>

/** Fed with the body as it comes. */
export const beginSignature = (secret: string, { time }: SignatureHeader): BodyHash =>
  createHmac('sha256', secret).update(`${time}.`)

/** In constant time. */
export function isSignedSo({ signatures }: SignatureHeader, body: BodyHash): boolean {
  const right = body.digest()
  // Each is compared: how many there were is no secret.
  return signatures.map((given) => timingSafeEqual(given, right)).includes(true)
}
