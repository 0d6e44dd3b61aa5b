// Where a call is, and what the wire must be told when we end it there.
import type { Milliseconds, Termination } from '#core/contracts'
import type { InboundInvite, OutboundInviteHandle, SipDialog } from '../sip/sip-port.ts'
import type { CallTimeline } from './call-timeline.ts'

export type CallState =
  | { readonly name: 'starting' }
  | { readonly name: 'dialing'; readonly invite: OutboundInviteHandle }
  | { readonly name: 'offered'; readonly invite: InboundInvite }
  | { readonly name: 'talking'; readonly dialog: SipDialog }
  | { readonly name: 'ending' }
  | { readonly name: 'ended' }

export interface FarewellContext {
  readonly timeline: CallTimeline
  /** Resolves when the INVITE has its final response. */
  readonly finalResponse: () => Promise<void>
  readonly byeDeadline: Milliseconds
}

/** Undefined when the wire knows already, or never knew. */
export function farewellIn(
  state: CallState,
  ending: Termination,
  { timeline, finalResponse, byeDeadline }: FarewellContext,
): (() => Promise<void>) | undefined {
  switch (state.name) {
    case 'dialing':
      return () => {
        timeline.note('sip.cancel', { direction: 'sent' })
        state.invite.cancel()
        return finalResponse()
      }
    case 'offered':
      return () => {
        // Too late to refuse: the 200 OK is on its way, and `answered` says BYE to it.
        if (state.invite.isAnswering) return finalResponse()
        const status = ending.sipStatus ?? 503
        if (state.invite.refuse(status)) timeline.note('sip.failed', { sipStatus: status })
        return Promise.resolve()
      }
    case 'talking':
      return () => {
        timeline.noteBye('sent')
        return state.dialog.bye(byeDeadline)
      }
    case 'starting':
    case 'ending':
    case 'ended':
      return undefined
  }
}
