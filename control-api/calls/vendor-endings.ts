// How calls of telephony vendors end, whichever vendor it is.
import { termination, type Termination } from '#core/contracts'

/** The vendor refused the call, or lost it. */
export const PROVIDER_FAILED = termination('upstream_error', 'provider-failed', 'carrier')

/** Whoever asked for its end, before or after somebody picked up. */
export const endedByApi = (isAnswered: boolean): Termination =>
  isAnswered
    ? termination('success', 'hangup', 'api')
    : termination('client_error', 'canceled', 'api')

/** The vendor says that nothing came of it. @param sipStatus the final one, where it names one */
export function endedByFailure(sipStatus: number | null): Termination {
  switch (sipStatus) {
    case 603:
    case 607:
    case 608:
      return termination('client_error', 'declined', 'callee', sipStatus)
    case null:
      return PROVIDER_FAILED
    default:
      return sipStatus >= 400
        ? termination('upstream_error', 'rejected', 'carrier', sipStatus)
        : termination('upstream_error', 'provider-failed', 'carrier', sipStatus)
  }
}
