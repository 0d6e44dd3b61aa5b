// Whether a key that somebody sent lets them in, and what becomes of those who send wrong ones.
import { AppError } from '#core/errors'
import type { Logger, Metrics } from '#core/telemetry'
import { isOurs } from './api-key.ts'
import type { KeyRing, KnownKey } from './key-ring.ts'
import type { LockOut } from './lock-out.ts'

export interface KeyCheckDeps {
  readonly keys: KeyRing
  readonly lockOut: LockOut
  readonly logger: Logger
  readonly metrics: Metrics
}

/** @throws AppError `UNAUTHENTICATED`, `LOCKED_OUT` */
export type KeyCheck = (address: string, text: string) => KnownKey

export function createKeyCheck({ keys, lockOut, logger, metrics }: KeyCheckDeps): KeyCheck {
  return (address, text) => {
    const found = keys.identify(text)
    const seconds = lockOut.secondsLeft(address)
    // A key that we made cannot be guessed, so it comes in from a locked address too: else one neighbour behind the
    // same NAT could keep all others out. API_KEY is of somebody's choosing: it does where it came in before.
    const mayPass = isOurs(text) || lockOut.isKnown(address)
    if (seconds > 0 && !(found.kind === 'good' && mayPass)) {
      metrics.add('http_refused_total', 1, { reason: 'lockout' })
      const detail = 'Too many wrong keys came from this address.'
      throw new AppError('LOCKED_OUT', detail, { retryAfterSeconds: seconds })
    }
    switch (found.kind) {
      case 'good':
        if (!isOurs(text)) lockOut.rightKey(address)
        keys.noteUse(found.key)
        return found.key
      case 'revoked':
        throw new AppError('UNAUTHENTICATED', 'This API key was revoked.')
      case 'expired':
        throw new AppError('UNAUTHENTICATED', 'This API key has expired.')
      case 'unknown':
        if (lockOut.wrongKey(address))
          logger.warn({ pii: { address } }, 'an address sent too many wrong keys and is locked')
        throw new AppError('UNAUTHENTICATED', 'This API key is not known.')
      default:
        return found satisfies never
    }
  }
}
