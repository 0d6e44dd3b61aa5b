// ITU-T Q.850 table 1, as far as carriers use it in SIP (RFC 3326, RFC 3398 §8.2.6.1): what each cause is about, which
// decides whether another trunk may try, and which cause our own BYE gives. The one table of causes.
import type { Termination } from '#core/contracts'

/**
 * `callee`: whoever was called, or the phone, did it. `number`: it leads nowhere, by whatever trunk. `route`: the way
 * there failed; another may do better. `ending`: how a talk ends.
 */
export type CauseAbout = 'callee' | 'number' | 'route' | 'ending'

interface Cause {
  readonly name: string
  readonly about: CauseAbout
}

const cause = (about: CauseAbout, name: string): Cause => ({ about, name })

const CAUSES: Readonly<Record<number, Cause>> = {
  1: cause('number', 'Unallocated number'),
  2: cause('route', 'No route to specified transit network'),
  3: cause('route', 'No route to destination'),
  16: cause('ending', 'Normal call clearing'),
  17: cause('callee', 'User busy'),
  18: cause('callee', 'No user responding'),
  19: cause('callee', 'No answer from user'),
  20: cause('callee', 'Subscriber absent'),
  21: cause('callee', 'Call rejected'),
  22: cause('number', 'Number changed'),
  27: cause('route', 'Destination out of order'),
  28: cause('number', 'Invalid number format'),
  31: cause('ending', 'Normal, unspecified'),
  34: cause('route', 'No circuit available'),
  38: cause('route', 'Network out of order'),
  41: cause('route', 'Temporary failure'),
  42: cause('route', 'Switching equipment congestion'),
  44: cause('route', 'Requested circuit not available'),
  47: cause('route', 'Resource unavailable'),
  58: cause('route', 'Bearer capability not presently available'),
  65: cause('route', 'Bearer capability not implemented'),
  79: cause('route', 'Service not implemented'),
  88: cause('route', 'Incompatible destination'),
  102: cause('route', 'Recovery on timer expiry'),
  111: cause('route', 'Protocol error'),
  127: cause('route', 'Interworking, unspecified'),
}

/** Undefined of a cause that says nothing we act on. */
export const aboutOf = (q850Cause: number | undefined): CauseAbout | undefined =>
  q850Cause === undefined ? undefined : CAUSES[q850Cause]?.about

/** The causes that our BYE gives: a goodbye, a fault, and a session that nobody kept up. */
const GOODBYE = 16
const FAULT = 41
const NOT_UNDERSTOOD = 88
const TIMED_OUT = 102

function causeOf({ result, reason }: Termination): number {
  if (reason === 'media-not-acceptable') return NOT_UNDERSTOOD
  if (reason === 'session-expired' || reason === 'no-ack') return TIMED_OUT
  // That nobody spoke is no fault: carriers count those.
  return result === 'server_error' || result === 'upstream_error' ? FAULT : GOODBYE
}

/** Value of the header Reason, so that whoever is hung up on can tell a goodbye from a fault. */
export function reasonOf(ending: Termination): string {
  const number = causeOf(ending)
  return `Q.850;cause=${number};text="${CAUSES[number]?.name ?? ''}"`
}
