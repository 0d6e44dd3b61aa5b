// Where a call is, and what the wire must be told when we end it there.
import type { Termination } from '#core/contracts'
import { RESTART_SECONDS } from '#core/lifecycle'
import type { InboundInvite, OutboundInviteHandle, SipDialog } from '../sip/sip-port.ts'
import type { CallTimeline } from './call-timeline.ts'
import { FAREWELL_DEADLINE, type InviteOutcome } from './invite-outcome.ts'

export type CallState =
  | { readonly name: 'starting' }
  | { readonly name: 'dialing'; readonly invite: OutboundInviteHandle }
  | { readonly name: 'offered'; readonly invite: InboundInvite }
  | { readonly name: 'talking'; readonly dialog: SipDialog }
  | { readonly name: 'ending' }
  | { readonly name: 'ended' }

/** Undefined when the wire knows already, or never knew. */
export function farewellIn(
  state: CallState,
  ending: Termination,
  timeline: CallTimeline,
  invite: InviteOutcome,
): (() => Promise<void>) | undefined {
  switch (state.name) {
    case 'dialing':
      return () => {
        timeline.note('sip.cancel', { direction: 'sent' })
        state.invite.cancel()
        return invite.settled()
      }
    case 'offered':
      return () => {
        // Too late to refuse: the 200 OK is on its way, and `answered` says BYE to it.
        if (state.invite.isAnswering) return invite.settled()
        const status = ending.sipStatus ?? 503
        const again = ending.reason === 'shutdown' ? { retryAfterSeconds: RESTART_SECONDS } : {}
        if (state.invite.refuse(status, again)) timeline.note('sip.failed', { sipStatus: status })
        return Promise.resolve()
      }
    case 'talking':
      return () => {
        timeline.noteBye('sent')
        return state.dialog.bye(FAREWELL_DEADLINE, ending)
      }
    case 'starting':
    case 'ending':
    case 'ended':
      return undefined
  }
}
