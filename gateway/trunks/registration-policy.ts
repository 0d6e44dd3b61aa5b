// What an answer to REGISTER means, and when to ask again (RFC 3261 §10.2, §10.3; RFC 5626 §4.5). Pure.
import { ms, type Milliseconds } from '#core/contracts'
import { backOffAfter } from '#core/time'
import type { RegisterOutcome } from '../sip/sip-port.ts'

export type Verdict =
  | { readonly kind: 'bound'; readonly expiresSeconds: number }
  /** 423: the registrar wants longer registrations; asked again at once. */
  | { readonly kind: 'too-brief'; readonly expiresSeconds: number }
  /** Our user, password or domain is not right: asking again soon changes nothing. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'failed'; readonly retryAfterSeconds: number }

/** What we ask for; the registrar decides. */
export const EXPIRES_SECONDS = 3600
/** A Min-Expires above it is no registrar's, and a Retry-After no longer a pause. */
const MAX_EXPIRES_SECONDS = 86_400
const MAX_RETRY_AFTER_SECONDS = 3600

const AFTER_FAILURE = { firstMs: 1000, maxMs: 300_000 }
const AFTER_REFUSAL = { firstMs: 60_000, maxMs: 300_000 }

/** A refusal after the challenge was answered, or of who we say we are. */
const REFUSALS: ReadonlySet<number> = new Set([401, 403, 404, 407])

/** @param asked the expiry that was asked for, in seconds */
export function judge(outcome: RegisterOutcome, asked: number): Verdict {
  const { status, detail, expiresSeconds, minExpiresSeconds = 0, retryAfterSeconds = 0 } = outcome
  if (status >= 200 && status < 300 && expiresSeconds > 0) return { kind: 'bound', expiresSeconds }
  if (status === 423 && minExpiresSeconds > asked && minExpiresSeconds <= MAX_EXPIRES_SECONDS)
    return { kind: 'too-brief', expiresSeconds: minExpiresSeconds }
  if (detail === undefined && REFUSALS.has(status)) return { kind: 'refused' }
  return { kind: 'failed', retryAfterSeconds }
}

/** After 80 to 90 % of the time: early enough to try a second time, and not everybody in the same second. */
export function refreshDelay(expiresSeconds: number, random: () => number): Milliseconds {
  const wholeMs = Math.min(expiresSeconds, MAX_EXPIRES_SECONDS) * 1000
  return ms(Math.max(1000, Math.round(wholeMs * (0.8 + random() * 0.1))))
}

/** @param failures in a row, this one included */
export function retryDelay(
  verdict: Extract<Verdict, { kind: 'refused' | 'failed' }>,
  failures: number,
  random: () => number,
): Milliseconds {
  if (verdict.kind === 'refused') return backOffAfter(failures, AFTER_REFUSAL, random)
  const asked = Math.min(verdict.retryAfterSeconds, MAX_RETRY_AFTER_SECONDS) * 1000
  const ownChoice = backOffAfter(failures, AFTER_FAILURE, random)
  return ms(Math.max(ownChoice, Math.round(asked * (1 + random() * 0.1))))
}
