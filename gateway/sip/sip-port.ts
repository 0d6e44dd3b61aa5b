// What the gateway needs of SIP, and no more: the narrow interface that drachtio.ts implements. No drachtio type
// leaves that file.
import type {
  AnswerEvidence,
  CallId,
  CallOffOutcome,
  DialogIdentity,
  DtmfDigit,
  InviteIdentity,
  Milliseconds,
  RemoteTarget,
  Termination,
} from '#core/contracts'
import type { DigestClient } from './digest/digest-client.ts'
import type { DigestAccount, DigestRequest } from './digest/digest-credentials.ts'

/** A final failure of an INVITE we sent. */
export interface InviteFailure {
  readonly status: number
  /** Made by our own SIP server (unreachable, no response), not sent by the far end. */
  readonly local: boolean
  /** The connection to the SIP server broke while the INVITE was under way. */
  readonly lost: boolean
  /** In words of ours: why a local failure was made, such as `Connection Refused`, or what we do not do. */
  readonly detail?: string
  /** The cause in the header Reason (RFC 3326), ITU-T Q.850 table 1: telephony's own answer, finer than the status. */
  readonly q850Cause?: number
  /** Of a 503: for so long the far end wants no more requests (RFC 3261 §21.5.4). */
  readonly retryAfterSeconds?: number
}

/** A provisional response of an INVITE we sent. */
export interface Provisional {
  readonly status: number
  readonly sdp: string
  /** Says of which early dialog; empty when it makes none. */
  readonly remoteTag: string
  readonly sourceAddress: string
}

/** Why a dialog ended without us asking for it. */
export type DialogEnd =
  | { readonly by: 'remote'; readonly reason: string | undefined }
  /** The SIP server gave up and said BYE; `reason` in its own words. */
  | {
      readonly by: 'server'
      readonly reason: string
      readonly why: 'no-ack' | 'session-expired'
    }
  /** The connection to the SIP server broke: nobody will tell us more. */
  | { readonly by: 'lost' }

/** Our description, or the status that refuses theirs. */
export type Reanswer = { readonly sdp: string } | { readonly status: number }

export interface DialogListener {
  onEnded(end: DialogEnd): void
  /**
   * An INVITE or re-INVITE of theirs is acknowledged.
   * @param answer to the offer of our 200 OK, empty when the ACK brought none; undefined when we offered nothing
   */
  onAcknowledged(answer: string | undefined, sourceAddress: string): void
  /**
   * A re-INVITE or UPDATE: the SDP to answer with, or the status to refuse it with.
   * @param offer empty when a re-INVITE asks for ours (RFC 3261 §14.2)
   */
  onReoffer(offer: string, sourceAddress: string): Reanswer | Promise<Reanswer>
  /** A key that was pressed, told by an INFO. */
  onDtmf(digit: DtmfDigit): void
  /** What became of the call that a REFER of ours asked for (NOTIFY with a sipfrag, RFC 3515 §2.4.5). */
  onReferProgress?(status: number): void
  /** It told us another Contact, or came from another address behind its NAT. */
  onTargetRefreshed(target: RemoteTarget): void
  /** One of these threw: the call is to be ended, the others go on. */
  onDefect(): void
}

/** An established dialog of a trunk leg. */
export interface SipDialog {
  readonly identity: DialogIdentity
  /** Minted at the moment of the 200 OK; the only one this dialog will ever have. Null of a second leg, which never has any. */
  readonly evidence: AnswerEvidence | null
  /** SDP of the far end; empty when it gave none. */
  readonly remoteSdp: string
  /** Where that came from; empty when nobody knows. */
  readonly sourceAddress: string
  /** Sends the BYE, with the reason of the ending, and waits for its answer, at most `timeout`. Idempotent; never rejects. */
  bye(timeout: Milliseconds, ending?: Termination): Promise<void>
  /**
   * Offers another description of ours (RFC 3261 §14.1): the far end's answer, or the status it refused with; nothing
   * changes then. 491 is tried again once, after a pause.
   * @throws AppError `TIMED_OUT`; `SIP_UNAVAILABLE` when the dialog is over or the SIP server away
   */
  reinvite(sdp: string, timeout: Milliseconds): Promise<Reanswer>
  /**
   * Asks the far end to call somebody else in our place (RFC 3515). The listener's `onReferProgress` tells what comes of it.
   * @param referTo a name-addr
   * @throws as `reinvite`
   */
  refer(referTo: string, timeout: Milliseconds): Promise<ReferAnswer>
}

/** What a far end says to our REFER. */
export interface ReferAnswer {
  /** Final: 202 or 200 when it will try. */
  readonly status: number
  /** What comes of it will be told; false when it said that it will not (RFC 4488). */
  readonly tells: boolean
}

export interface OutboundInvite {
  readonly callId: CallId
  /** `second`: of a transfer. Its 200 OK opens no agent: no evidence is minted. Default `first`. */
  readonly leg?: 'first' | 'second'
  readonly requestUri: string
  /** From as a name-addr; a tag that it has is kept. */
  readonly from: string
  /** A new one when absent. */
  readonly sipCallId?: string
  readonly contactUser: string
  readonly sdp: string
  /** SIP URI of the next hop, and the only Route (RFC 3261 §8.1.2). */
  readonly proxy?: string
  /** For the challenges of proxies and the callee, to this INVITE and to the requests of its dialog. */
  readonly credentials?: DigestAccount | undefined
  /** Extra headers, such as X-Call-Id. */
  readonly headers: Readonly<Record<string, string>>
}

export interface OutboundInviteListener extends DialogListener {
  onSent(sipCallId: string): void
  /** With a SIP server that outlives us: by what it knows the INVITE, each time it is sent. */
  onTransaction?(id: string): void
  /** Challenged, or its session too short: it goes out again, with this CSeq number. */
  onRepeated(cseq: number): void
  onProvisional(provisional: Provisional): void
  onAnswered(dialog: SipDialog): void
  onFailed(failure: InviteFailure): void
}

export interface OutboundInviteHandle {
  /** Sends CANCEL; a 200 OK may still cross it and then arrives as `onAnswered`. Idempotent. */
  cancel(): void
}

/** No credentials: whoever calls in is a stranger, and would get digests of our password by challenging our BYE. */
export interface InboundAnswer {
  readonly callId: CallId
  readonly sdp: string
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
  /** `udp`, `tcp` or `tls`; empty when the SIP server does not say. */
  readonly protocol: string
  /** The names in the client certificate of its TLS connection, verified; none when there was none. */
  readonly tlsNames: readonly string[]
  /** `X-…` headers and `user-to-user` (RFC 7433), names in lower case; 20 at most, values of 256 characters at most. */
  readonly extraHeaders: Readonly<Record<string, string>>
  /** What credentials must have been made for. */
  readonly request: DigestRequest
  /** The values of Authorization, joined by commas; empty when there is none. */
  readonly authorization: string
  /** The 200 OK is on its way: `answer` was called and has not settled yet. */
  readonly isAnswering: boolean
  onCanceled(listener: () => void): void
  ring(): void
  /** False when it is too late: a final answer was sent or is on its way, or CANCEL came. */
  refuse(status: number, options?: { readonly retryAfterSeconds?: number }): boolean
  /** Refuses with 401 and these values of WWW-Authenticate: the caller may send another INVITE with credentials. */
  challenge(challenges: readonly string[]): boolean
  /** The dialog that our 200 OK will make; undefined while no 180 has told our tag, and when the SIP server does not. */
  dialogToBe(): Promise<DialogIdentity | undefined>
  /** Sends the 200 OK. @throws AppError `SIP_UNAVAILABLE` when it could not be sent, or CANCEL came first. */
  answer(answer: InboundAnswer, listener: DialogListener): Promise<SipDialog>
}

/** One REGISTER (RFC 3261 §10.2), repeated with credentials when it is challenged. */
export interface RegisterRequest {
  /** The registrar: `sip:domain`. */
  readonly requestUri: string
  /** Whom we register: `sip:user@domain`. */
  readonly addressOfRecord: string
  readonly contactUser: string
  /** 0 removes the binding. */
  readonly expiresSeconds: number
  /** The same for all REGISTERs of a trunk. */
  readonly sipCallId: string
  /** Above that of the one before by `CSEQS_A_REGISTER` or more. */
  readonly cseq: number
  readonly digest: DigestClient
  /** SIP URI of the next hop, and our only Route. */
  readonly proxy?: string
  readonly timeout: Milliseconds
}

/** What one REGISTER may use up: itself and its repetitions. */
export const CSEQS_A_REGISTER = 8

export interface RegisterOutcome {
  readonly status: number
  /** Why our own SIP server could not ask; absent when the far end answered. */
  readonly detail?: string
  /** Where the answer came from; absent when nobody knows. */
  readonly sourceAddress?: string
  /** How long the binding of ours stands, as a 200 OK says. */
  readonly expiresSeconds: number
  /** Of a 423. */
  readonly minExpiresSeconds: number | undefined
  readonly retryAfterSeconds: number | undefined
}

/** The BYE that a crash kept us from sending. */
export interface DialogRelease {
  readonly dialog: DialogIdentity
  /** Of calls we placed only, as for `InboundAnswer`. */
  readonly credentials?: DigestAccount | undefined
  readonly timeout: Milliseconds
}

/** A question that changes nothing there (RFC 3261 §11). */
export interface OptionsRequest {
  readonly requestUri: string
  /** Who asks: `sip:user@domain`. */
  readonly addressOfRecord: string
  readonly proxy?: string
  readonly digest?: DigestClient | undefined
  readonly timeout: Milliseconds
}

export interface OptionsOutcome {
  readonly status: number
  /** Why our own SIP server could not ask; absent when the far end answered. */
  readonly detail?: string
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
  /** It is back after having been away. */
  onRestored(listener: () => void): void
  /** @throws AppError `SIP_UNAVAILABLE` while the SIP server is away. */
  invite(options: OutboundInvite, listener: OutboundInviteListener): OutboundInviteHandle
  /** @throws AppError `SIP_UNAVAILABLE` when the SIP server is or goes away, `TIMED_OUT` after `timeout`. */
  register(request: RegisterRequest): Promise<RegisterOutcome>
  /** @throws as `register`. */
  options(request: OptionsRequest): Promise<OptionsOutcome>
  /**
   * Sends BYE within a dialog of an earlier run, which this one knows only by what was written down.
   * @returns the final status, the SIP server's own when nobody answers; null when it would not send it.
   * @throws AppError `SIP_UNAVAILABLE` when the SIP server is or goes away or this is closed, `TIMED_OUT` after `timeout`.
   */
  release(release: DialogRelease): Promise<number | null>
  /**
   * Takes back an INVITE of an earlier run, where the SIP server has outlived it.
   * @throws AppError as `release`.
   */
  callOff(invite: InviteIdentity, timeout: Milliseconds): Promise<CallOffOutcome>
  /** As when the connection breaks: whoever knows it earlier says so. */
  lose(): void
  close(): void
}
