// The end of a call as one value: who is responsible, why, and who ended it. It is the log line, the metric label,
// the record and the webhook; nothing else decides "was this our fault?". (After livekit/sip stats/termination.go.)

/** Who is responsible. `client_error`: caller or callee; `server_error`: us; `upstream_error`: carrier or vendor. */
export const TERMINATION_RESULTS = [
  'success',
  'client_error',
  'server_error',
  'upstream_error',
  'indeterminate',
] as const
export type TerminationResult = (typeof TERMINATION_RESULTS)[number]

/** Who ended it. */
export type EndedBy = 'caller' | 'callee' | 'agent' | 'api' | 'gateway' | 'carrier'

/** The closed set of reasons; a new ending gets a new word here, never a free text. */
export const TERMINATION_REASONS = [
  'hangup', //                 a talk ended by caller, callee or API
  'agent-ended', //            the agent finished the conversation
  'flow-ended', //             the menu was gone through, or the caller refused
  'no-input', //               the menu was never answered
  'transferred', //            the carrier took the caller to a human
  'max-duration', //           our own limit
  'busy', //                   486, 600
  'declined', //               603, 607, 608
  'no-answer', //              480, ring timeout, 408 after a provisional
  'canceled', //               487, CANCEL by the caller or by the API before the answer
  'no-response', //            408 with no provisional: the carrier never spoke
  'rejected', //               any other final SIP failure of the carrier
  'unreachable', //            transport failure towards the carrier
  'no-ack', //                 our 200 OK was never acknowledged
  'session-expired', //        nobody refreshed the session in time (RFC 4028)
  'provider-failed', //        the telephony vendor refused or lost the call
  'media-not-acceptable', //   no codec in common (488)
  'dead-air', //               nobody said anything for a long time
  'agent-silent', //           the agent owed an answer and gave none
  'media-server-lost', //      the media server died and the trunk needs one
  'media-lost', //             a media worker died, no audio came for 30 s, or a hold took ten minutes
  'agent-refused', //          the agent could not be opened
  'agent-dropped', //          the agent's socket broke in mid-talk
  'not-admitted', //           admission or directory refused an inbound call
  'shutdown', //               this process was asked to stop
  'gateway-crashed', //        found open by the next start
  'sip-server-lost', //        the connection to the SIP server broke
  'internal-error', //         a defect of ours: the log has it
] as const
export type TerminationReason = (typeof TERMINATION_REASONS)[number]

/** How one call ended. Every call ends in exactly one. */
export interface Termination {
  readonly result: TerminationResult
  readonly reason: TerminationReason
  readonly by: EndedBy
  /** The final SIP status that ended or refused the call; null where none was sent or received. */
  readonly sipStatus: number | null
}

export type CallOutcome =
  'answered' | 'no-answer' | 'busy' | 'canceled' | 'declined' | 'machine' | 'failed'

/** Builds a Termination in the order one says it: whose fault, why, by whom. */
export const termination = (
  result: TerminationResult,
  reason: TerminationReason,
  by: EndedBy,
  sipStatus: number | null = null,
): Termination => ({ result, reason, by, sipStatus })

/**
 * The outcome a business reads off a termination: an answered call is answered however its talk ends. An answer that
 * crossed our CANCEL was never a talk: the call stays canceled, or not answered.
 */
export function outcomeOf(termination: Termination, answered: boolean): CallOutcome {
  switch (termination.reason) {
    case 'busy':
    case 'declined':
    case 'no-answer':
    case 'canceled':
      return termination.reason
    default:
      return answered ? 'answered' : 'failed'
  }
}
