// A webhook of HeyGen (API v3, developers.heygen.com, read autumn 2026): `Heygen-Signature` is the HMAC-SHA256 of the body by
// the secret as it is, in hexadecimal. The time and the id of the event are not signed, so what was told is also known by
// its body. Older endpoints send `Signature`, and no time.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { fieldsIn, idIn, textIn } from '../requests/answer-fields.ts'
import { taskOfClientRef, type ToldJob } from './told-job.ts'

export interface HeyGenMessage {
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

const TOLERANCE_SECONDS = 300

/** @param now epoch ms */
export function isSignedByHeyGen(
  { headers, body }: HeyGenMessage,
  secrets: readonly string[],
  now: number,
): boolean {
  if (!isFresh(headers['heygen-timestamp'], now / 1000)) return false
  const given = headers['heygen-signature'] ?? headers['signature']
  const hex =
    typeof given === 'string' ? /^(?:sha256=)?([0-9a-f]{64})$/i.exec(given)?.[1] : undefined
  if (hex === undefined) return false
  const signature = Buffer.from(hex, 'hex')
  // Each is compared: how many there are is no secret.
  return secrets
    .map((secret) => createHmac('sha256', secret).update(body).digest())
    .map((right) => timingSafeEqual(right, signature))
    .includes(true)
}

function isFresh(timestamp: string | string[] | undefined, nowSeconds: number): boolean {
  if (timestamp === undefined) return true
  if (typeof timestamp !== 'string' || !/^\d{1,12}$/.test(timestamp)) return false
  return Math.abs(nowSeconds - Number(timestamp)) <= TOLERANCE_SECONDS
}

export const bodyId = (...parts: readonly (string | Buffer)[]): string => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return `sha256:${hash.digest('hex')}`
}

/** What the message is known by. */
export function idsOf({ headers, body }: HeyGenMessage): readonly string[] {
  const event = headers['heygen-event-id']
  const isId = typeof event === 'string' && /^[\w.:-]{1,128}$/.test(event)
  return [...(isId ? [`event:${event}`] : []), bodyId(body)]
}

/** Undefined: it is about no video. */
export function toldByHeyGen(body: Buffer): ToldJob | undefined {
  const data = fieldsIn(fieldsIn(parse(body))['event_data'])
  const taskId = taskOfClientRef(textIn(data, 'callback_id') ?? '')
  const providerJobId = idIn(data, 'video_id') ?? undefined
  if (taskId === undefined && providerJobId === undefined) return undefined
  return {
    provider: 'heygen',
    ...(taskId === undefined ? {} : { taskId }),
    ...(providerJobId === undefined ? {} : { providerJobId }),
  }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8')) as unknown
  } catch {
    return undefined // Signed, and yet no JSON: then it is about nothing.
  }
}
