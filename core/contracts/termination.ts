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
export const ENDED_BY = ['caller', 'callee', 'agent', 'api', 'gateway', 'carrier'] as const
export type EndedBy = (typeof ENDED_BY)[number]

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

/** What a business asks of an ended call. */
export const CALL_OUTCOMES = [
  'answered',
  'no-answer',
  'busy',
  'canceled',
  'declined',
  'machine',
  'failed',
] as const
export type CallOutcome = (typeof CALL_OUTCOMES)[number]

/** Ends that the agent or its vendor brought about. */
export const AGENT_FAILURES = [
  'agent-refused',
  'agent-dropped',
  'agent-silent',
] as const satisfies readonly TerminationReason[]

/** Builds a Termination in the order one says it: whose fault, why, by whom. */
export const termination = (
  result: TerminationResult,
  reason: TerminationReason,
  by: EndedBy,
  sipStatus: number | null = null,
): Termination => ({ result, reason, by, sipStatus })

/** What is known of a call beside its termination. */
export interface PickUp {
  readonly answered: boolean
  /** Of `machine.verdict`; null where nobody listened for a machine. */
  readonly verdict: string | null
}

/**
 * The outcome a business reads off a termination, for the record, the metric and the trace alike: an answered call is
 * answered however its talk ends, unless a machine picked up and was hung up on for that. An answer that crossed our
 * CANCEL was never a talk: the call stays canceled, or not answered.
 */
export function outcomeOf(termination: Termination, { answered, verdict }: PickUp): CallOutcome {
  const { reason, by } = termination
  const wasMachine = verdict === 'machine' || verdict === 'fax'
  if (wasMachine && reason === 'hangup' && by === 'gateway') return 'machine'
  switch (reason) {
    case 'busy':
    case 'declined':
    case 'no-answer':
    case 'canceled':
      return reason
    default:
      return answered ? 'answered' : 'failed'
  }
}
