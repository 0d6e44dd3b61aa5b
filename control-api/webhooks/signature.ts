// How receivers know that a webhook is ours: Standard Webhooks 1.0 (standardwebhooks.com), HMAC-SHA256 over the id, the
// time of the attempt and the body.
import { createHmac, randomBytes } from 'node:crypto'
import type { EpochMs } from '#core/contracts'

const PREFIX = 'whsec_'
const SECRET_BYTES = 32

/** For the receiver, once. */
export const newWebhookSecret = (): string => PREFIX + randomBytes(SECRET_BYTES).toString('base64')

export interface SignedMessage {
  /** Of the event: the same in every attempt. */
  readonly id: string
  readonly at: EpochMs
  readonly body: string
}

/** @param secrets one signature each, so that a receiver with either accepts it */
export function signatureHeaders(
  { id, at, body }: SignedMessage,
  secrets: readonly string[],
): Readonly<Record<string, string>> {
  const seconds = String(Math.floor(at / 1000))
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64')
    return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`
  })
  return {
    'webhook-id': id,
    'webhook-timestamp': seconds,
    'webhook-signature': signatures.join(' '),
  }
}
