// Everything that happens on a call, as one union: the timeline, the ledger and the live events are all made of it.
// Types are past-tense facts. `data` holds JSON values only; keys are camelCase here and snake_case on the wire.
import type { AgentCloseReason } from './agent.ts'
import type { CallDirection, ReviewStatus } from './call.ts'
import type { DtmfDigit } from './audio.ts'
import type { FlowStep } from './call-flow.ts'
import type { DialogIdentity, RemoteTarget } from './dialog-identity.ts'
import type { CallId } from './ids.ts'
import type { InviteIdentity } from './invite-identity.ts'
import type { MediaStats } from './media-stats.ts'
import type { Termination } from './termination.ts'
import type { TransferMode } from './call-control.ts'
import type { EpochMs } from './units.ts'

/** The evidence an agent session was opened on, as the ledger keeps it (without the seal). */
export interface LedgerEvidence {
  readonly dialog: string
  readonly cseq: number
  readonly answeredAt: EpochMs
}

/** Payload of each event type. */
export interface CallEventData {
  /** The INVITE is about to leave. Kept for the next start, which takes it back after a crash; never shown. */
  'sip.invite_prepared': InviteIdentity
  /** The INVITE was sent (outbound) or received (inbound). */
  'sip.invite': {
    readonly direction: CallDirection
    readonly sipCallId: string
    /** The trunk it went to or came from: with a second one the call is that trunk's. Absent in old records. */
    readonly trunk?: string
  }
  /** A 1xx received (outbound) or sent (inbound). `earlyMedia`: its SDP announces audio before the answer. */
  'sip.provisional': { readonly sipStatus: number; readonly earlyMedia: boolean }
  /** Inbound only: the 200 OK is about to leave. Kept for the next start, which says BYE after a crash; never shown. */
  'sip.answer_prepared': DialogIdentity
  /** 200 OK to the initial INVITE received (outbound) or sent (inbound). `dialog` ties the ledger to the evidence. */
  'sip.answered': DialogIdentity & { readonly dialog: string; readonly cseq: number }
  /** The far end is to be reached elsewhere from now on, as its re-INVITE or UPDATE said. */
  'sip.target_refreshed': RemoteTarget
  /** Inbound only: the ACK of our 200 OK arrived. */
  'sip.acknowledged': Record<string, never>
  /** A call that goes by a vendor's telephony: the vendor has it, under this id of its own. */
  'provider.invited': { readonly direction: CallDirection; readonly providerCallId: string }
  /** The vendor says that the phone rings. */
  'provider.ringing': Record<string, never>
  /** Somebody picked up, or we did. */
  'provider.answered': Record<string, never>
  /**
   * Its audio goes to an agent from here on: comes to us, or to the agent that the vendor itself connects. `dialog` ties
   * the ledger to the evidence.
   */
  'provider.stream_started': { readonly dialog: string; readonly cseq: number }
  /** No audio comes any more: the vendor stopped it, the connection broke, or we closed it. */
  'provider.stream_stopped': { readonly detail: string }
  /** The vendor's last word on it. */
  'provider.ended': {
    readonly status: string
    readonly sipStatus: number | null
    /** The vendor's number for what went wrong. */
    readonly errorCode: string | null
    readonly detail?: string
  }
  /** Who or what picked up. */
  'machine.verdict': { readonly verdict: 'human' | 'machine' | 'fax' | 'unknown' }
  /** The menu asks. */
  'flow.asked': {
    readonly step: FlowStep
    readonly attempt: number
    readonly language: string
    readonly promptVersion: string
  }
  /** The caller's answer, or none. `digits`: where they may be kept. */
  'flow.answered': {
    readonly step: FlowStep
    readonly attempt: number
    readonly answer:
      | 'yes'
      | 'no'
      | 'entry'
      | 'repeat'
      | 'human'
      | 'invalid'
      | 'silence'
      | 'transfer-failed'
    readonly digits?: string
  }
  /** The call is hung up. After `call.ended` only when the next start released the far end of a call that a crash had ended. */
  'sip.bye': { readonly direction: 'received' | 'sent'; readonly reason?: string }
  /** The INVITE was taken back before it was answered. After `call.ended` only when the next start called off a phone that a crash had left ringing. */
  'sip.cancel': { readonly direction: 'received' | 'sent'; readonly reason?: string }
  /** A final failure received (outbound) or sent (inbound). */
  'sip.failed': {
    readonly sipStatus: number
    /** True of one that our own SIP server made: nobody sent it. */
    readonly local?: boolean
    /** In words of ours: why the trunk could not be reached, such as `Connection Refused`, or what we do not do. */
    readonly detail?: string
    /** The carrier's reason as a number of ITU-T Q.850, when it gave one (RFC 3326). */
    readonly q850Cause?: number
    /** This was not the end: the call is tried by this trunk next. */
    readonly nextTrunk?: string
  }
  /** Our SIP server was lost before the call was over: what the far end was told last may never have left. */
  'sip.server_lost': Record<string, never>
  /** DNS, TCP, TLS and the signed URL are ready; nothing billable was asked for. */
  'agent.prewarmed': { readonly elapsedMs: number }
  /** The vendor answered 429: too many conversations at once. It is asked again. */
  'agent.busy': { readonly asked: 'signed-url' | 'socket' }
  /** The upgrade request is about to leave: from here on money may flow. */
  'agent.attempted': { readonly evidence: LedgerEvidence; readonly attempt: number }
  /** The upgrade was accepted. `upgradeSentAt` is when the request left. */
  'agent.opened': { readonly evidence: LedgerEvidence; readonly upgradeSentAt: EpochMs }
  /** The agent's first message: under which id the vendor keeps the conversation, and in which audio formats it goes. */
  'agent.metadata': {
    readonly conversationId: string
    readonly inputFormat: string
    readonly outputFormat: string
  }
  /** The vendor refused or lost an attempt early enough for a second one: `agent.attempted` follows. */
  'agent.attempt_failed': {
    readonly attempt: number
    readonly closeCode: number | null
    readonly detail: string
    /** Seconds from the upgrade request to the failure. */
    readonly seconds: number
  }
  /** The first audio of the agent arrived. */
  'agent.first_audio': Record<string, never>
  /** The caller spoke up: `discardedMs` of what the agent had sent were not played. */
  'agent.interrupted': { readonly eventId: number; readonly discardedMs: number }
  /** The caller's words as the vendor heard them. `tentative`: the last ones, which it never got to settle. */
  'agent.user_transcript': {
    readonly text: string
    readonly eventId: number
    readonly tentative?: boolean
  }
  /** What the agent says, in words: whole, whether it is heard or not. */
  'agent.response': { readonly text: string; readonly eventId: number }
  /** After an interruption: what the vendor takes for heard. */
  'agent.response_corrected': {
    readonly text: string
    readonly eventId: number
    readonly originalText?: string
  }
  /** One utterance of the agent as it left for the caller: told when it is over, one way or another. */
  'agent.heard': {
    readonly eventId: number
    readonly heardMs: number
    /** What the agent had sent of it. */
    readonly spokenMs: number
    readonly interrupted: boolean
    /** When its first and its last frame left; absent when none did. */
    readonly startedAt?: EpochMs
    readonly endedAt?: EpochMs
    /** The words as far as they were heard, when the agent says where in the audio its letters are. */
    readonly text?: string
  }
  /** A tool of ours was asked for. Its parameters are the caller's business: they are not kept. */
  'agent.tool_called': { readonly toolName: string; readonly toolCallId: string }
  /** The answer of a tool went to the agent. */
  'agent.tool_answered': {
    readonly toolName: string
    readonly toolCallId: string
    readonly isError: boolean
    readonly elapsedMs: number
  }
  /** The agent wants the caller to talk to a human: at this number, or at the one we know of. */
  'agent.transfer_requested': { readonly toolCallId: string; readonly to: string | null }
  /** The agent has owed an answer for this long. */
  'agent.silent': { readonly silentMs: number }
  /** The agent session is over. */
  'agent.closed': {
    readonly reason: AgentCloseReason
    readonly closeCode: number | null
    readonly detail: string
    /** Seconds from the upgrade request to the close; 0 when none was sent. */
    readonly seconds: number
  }
  /** The vendor reported a fault. */
  'agent.error': { readonly errorType: string; readonly detail: string }
  /** The first RTP packet of the far end arrived; before the answer it is early media. */
  'media.first_packet_in': Record<string, never>
  /** The first RTP packet left for the far end. */
  'media.first_packet_out': Record<string, never>
  /** No RTP from the far end while answered: told at 5 s, and again at 30 s when it is taken for lost. */
  'media.stalled': { readonly silentMs: number }
  /** The media worker died under a call without an agent, or joined with another: it has no audio any more. */
  'media.lost': { readonly detail: string }
  /** Audio flows, but nobody has said anything for this long. */
  'media.dead_air': { readonly silentMs: number }
  /** How both directions fared; told once of a call that was answered, at its end. */
  'media.summary': MediaStats
  /** The carrier's audio goes through the media server now, or comes to us directly (again). */
  'media.path': { readonly through: 'media-server' | 'direct'; readonly detail?: string }
  /** The media server was lost in the middle of the call. */
  'media.server_lost': Record<string, never>
  /** Somebody asked for the caller to be handed over. */
  'transfer.requested': {
    readonly to: string
    readonly by: 'api' | 'agent' | 'flow'
    readonly mode: TransferMode
  }
  /** The carrier was asked to do it (RFC 3515), and answered so. */
  'transfer.referred': { readonly sipStatus: number }
  /** What the carrier says of the call it places for us. */
  'transfer.progress': { readonly sipStatus: number }
  /** The INVITE of the second call is about to leave. Kept for the next start; never shown. */
  'transfer.invite_prepared': InviteIdentity
  /** The second call was dialled. */
  'transfer.invite': { readonly sipCallId: string; readonly trunk: string }
  /** The human picked up. `dialog` of a second call of ours, for the next start; null when the carrier placed it. */
  'transfer.answered': { readonly dialog: DialogIdentity | null }
  /** Nothing came of it: the agent has the caller still. */
  'transfer.failed': { readonly detail: string; readonly sipStatus: number | null }
  /** The second call is over. */
  'transfer.ended': { readonly by: 'human' | 'gateway' }
  /** A key was pressed. Which one is told only where a flow asked for it. */
  dtmf: {
    readonly source: 'rtp' | 'sip-info' | 'stream'
    readonly durationMs: number | null
    readonly digit?: DtmfDigit
  }
  /** A message of ours begins to be played to the caller. */
  'prompt.started': { readonly promptId: string }
  /** It is over: played to its end, stopped by us, ended by a key, or never playable. */
  'prompt.finished': {
    readonly promptId: string
    readonly how: 'played' | 'stopped' | 'digit' | 'failed'
    readonly playedMs: number
    readonly detail?: string
  }
  /** From here on both sides are recorded. */
  'recording.started': Record<string, never>
  /** From here on silence is recorded. */
  'recording.paused': Record<string, never>
  /** From here on both sides are recorded again. */
  'recording.resumed': Record<string, never>
  /** The file is whole and in the store. After `call.ended` only when the next start found it. */
  'recording.stored': {
    readonly key: string
    readonly bytes: number
    readonly sha256: string
    readonly durationMs: number
  }
  /** Some or all of it could not be kept. */
  'recording.failed': { readonly detail: string }
  /** Nothing was said while it ran: there is no file. */
  'recording.empty': Record<string, never>
  /** The record is full: what follows is left out of it, except what the ledger and the ending need. */
  'call.record_limited': { readonly maxEvents: number }
  /** Somebody looked into the call and set its review status; null takes it back. Live or ended. */
  'call.reviewed': { readonly status: ReviewStatus | null; readonly note: string | null }
  /** The caller was asked whether we may record or process, and answered. */
  'consent.given': {
    readonly given: boolean
    readonly promptVersion: string
    readonly language: string
  }
  /** The end of the story: whose doing it was, and why. */
  'call.ended': { readonly termination: Termination }
}

export type CallEventType = keyof CallEventData

/** One fact about one call. */
export type CallEvent = {
  [T in CallEventType]: {
    readonly type: T
    readonly callId: CallId
    readonly at: EpochMs
    readonly data: CallEventData[T]
  }
}[CallEventType]

type MediaEventType =
  | Extract<CallEventType, `agent.${string}` | `media.${string}` | `prompt.${string}`>
  | Extract<CallEventType, `recording.${string}`>
  | 'dtmf'

/** An event whose call is known from its sender: what a media session reports to its owner. */
export type MediaEvent = {
  [T in MediaEventType]: {
    readonly type: T
    readonly at: EpochMs
    readonly data: CallEventData[T]
  }
}[MediaEventType]
