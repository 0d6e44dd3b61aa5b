// What the gateway needs of SIP, and no more: the narrow interface that drachtio.ts implements. No drachtio type
// leaves that file.
import type { AnswerEvidence, CallId, Milliseconds } from '#core/contracts'

/** A final failure of an INVITE we sent. */
export interface InviteFailure {
  readonly status: number
  /** Made by our own SIP server (unreachable, no response), not sent by the far end. */
  readonly local: boolean
  /** The connection to the SIP server broke while the INVITE was under way. */
  readonly lost: boolean
}

/** Why a dialog ended without us asking for it. */
export type DialogEnd =
  | { readonly by: 'remote'; readonly reason: string | undefined }
  /** The SIP server gave up: `ACK timeout`, session expired. */
  | { readonly by: 'server'; readonly reason: string }
  /** The connection to the SIP server broke: nobody will tell us more. */
  | { readonly by: 'lost' }

export interface DialogIdentity {
  readonly sipCallId: string
  readonly localTag: string
  readonly remoteTag: string
  readonly remoteTarget: string
}

export interface DialogListener {
  onEnded(end: DialogEnd): void
  /** UAS only: the ACK arrived, with the SDP answer when our 200 OK carried the offer. */
  onAcknowledged(sdp: string): void
  /** A re-INVITE with an offer: the SDP to answer with, or the status to refuse it with. */
  onReoffer(sdp: string): { readonly sdp: string } | { readonly status: number }
  /** One of these threw: the call is to be ended, the others go on. */
  onDefect(): void
}

/** An established dialog of a trunk leg. */
export interface SipDialog {
  readonly identity: DialogIdentity
  /** Minted at the moment of the 200 OK; the only one this dialog will ever have. */
  readonly evidence: AnswerEvidence
  /** SDP of the far end; empty when it gave none. */
  readonly remoteSdp: string
  /** Sends the BYE and waits for its answer, at most `timeout`. Idempotent; never rejects. */
  bye(timeout: Milliseconds): Promise<void>
}

export interface OutboundInvite {
  readonly callId: CallId
  readonly requestUri: string
  /** From as a name-addr. */
  readonly from: string
  readonly contactUser: string
  readonly sdp: string
  /** Extra headers, such as X-Call-Id. */
  readonly headers: Readonly<Record<string, string>>
}

export interface OutboundInviteListener extends DialogListener {
  onSent(sipCallId: string): void
  onProvisional(status: number, sdp: string): void
  onAnswered(dialog: SipDialog): void
  onFailed(failure: InviteFailure): void
}

export interface OutboundInviteHandle {
  /** Sends CANCEL; a 200 OK may still cross it and then arrives as `onAnswered`. Idempotent. */
  cancel(): void
}

/** An INVITE somebody sent us, not yet answered. */
export interface InboundInvite {
  readonly sipCallId: string
  /** User part of From; null when anonymous. */
  readonly fromUser: string | null
  readonly toUser: string
  /** SDP offer; empty for a delayed offer. */
  readonly sdp: string
  readonly sourceAddress: string
  /** The 200 OK is on its way: `answer` was called and has not settled yet. */
  readonly isAnswering: boolean
  onCanceled(listener: () => void): void
  ring(): void
  /** False when it is too late: a final answer was sent or is on its way, or CANCEL came. */
  refuse(status: number, options?: { readonly retryAfterSeconds?: number }): boolean
  /** Sends 200 OK with this SDP. @throws AppError `SIP_UNAVAILABLE` when it could not be sent, or CANCEL came first. */
  answer(callId: CallId, sdp: string, listener: DialogListener): Promise<SipDialog>
}

export interface SipPort {
  /** False while the SIP server is away. */
  readonly isConnected: boolean
  /** The handler decides about every new INVITE. */
  onInvite(handler: (invite: InboundInvite) => void): void
  /** OPTIONS pings are answered 200, or 503 when this says no. */
  onReadinessAsked(isReady: () => boolean): void
  /** The SIP server went away; it is reconnected on its own, but every dialog is lost. */
  onLost(listener: () => void): void
  /** @throws AppError `SIP_UNAVAILABLE` while the SIP server is away. */
  invite(options: OutboundInvite, listener: OutboundInviteListener): OutboundInviteHandle
  close(): void
}
