// What takes an INVITE of ours back (RFC 3261 §9.1): kept before it leaves, so that the CANCEL can still be sent when the
// process that dialled is gone.

/** Addresses hold numbers: for the record and the wire, never for a log, a metric or an error. */
export interface InviteIdentity {
  readonly requestUri: string
  /** From as it is sent, tag included. */
  readonly from: string
  /** Whom it shows as caller, as the record says it. Absent in old records. */
  readonly caller?: string | null
  readonly sipCallId: string
  /** SIP URI of the next hop, and the only Route; null when there is none. */
  readonly proxy: string | null
  /** One that is challenged is repeated with the next. */
  readonly cseq: number
  /** By what a SIP server that outlives us knows it; absent before it has left, and with one that does not. */
  readonly serverTransaction?: string
}

/**
 * What became of an INVITE that a later run took back. `canceled`: it rings no longer. `hung-up`: it had been answered,
 * or was just then; the answer was acknowledged and ended with BYE. `gone`: the far end knows nothing of it any more.
 * `silent`: nobody answered.
 */
export type CallOffOutcome = 'canceled' | 'hung-up' | 'gone' | 'silent'
