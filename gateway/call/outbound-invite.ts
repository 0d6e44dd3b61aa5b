// The INVITE of a call we place, or of the second call of a transfer, as one trunk wants it.
import type { CallId } from '#core/contracts'
import type { OutboundInvite } from '../sip/sip-port.ts'
import { contactUser, credentialsOf, extraHeaders, shownAs } from '../trunks/trunk.ts'
import type { TrunkAttempt } from './trunk-attempts.ts'

/**
 * Half an hour (RFC 4028 §7.1): a call whose other side is gone without a BYE ends by itself. Whoever does not know
 * session timers ignores it.
 */
const SESSION_TIMER = { Supported: 'timer', 'Session-Expires': '1800', 'Min-SE': '90' }

/**
 * Refreshes of ours are sent by the SIP server, which has no password to answer a challenge with: a trunk that may ask
 * for one refreshes by itself.
 */
const TRUNK_REFRESHES = { ...SESSION_TIMER, 'Session-Expires': '1800;refresher=uas' }

export interface OutboundInviteParts {
  readonly callId: CallId
  readonly leg: 'first' | 'second'
  readonly attempt: TrunkAttempt
  readonly sdp: string
  /** The caller's number when it was chosen; else the trunk shows its own. */
  readonly from: string | undefined
}

export function outboundInvite({
  attempt: { trunk, invite },
  from,
  ...rest
}: OutboundInviteParts): OutboundInvite {
  const credentials = credentialsOf(trunk)
  return {
    ...rest,
    requestUri: invite.requestUri,
    from: invite.from,
    sipCallId: invite.sipCallId,
    contactUser: contactUser(trunk),
    headers: {
      ...(credentials ? TRUNK_REFRESHES : SESSION_TIMER),
      ...extraHeaders(trunk, from ?? shownAs(trunk)),
    },
    ...(trunk.proxy === undefined ? {} : { proxy: trunk.proxy }),
    credentials,
  }
}
