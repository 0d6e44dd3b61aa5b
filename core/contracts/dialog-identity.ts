// What a request within a dialog needs (RFC 3261 §12.2.1.1): kept with the call, so that the BYE which releases the far
// end can still be sent when the process that answered is gone.

/** Where our requests go: it may change while the dialog lasts (§12.2.2). */
export interface RemoteTarget {
  /** URI of the far end's Contact: what our requests are addressed to. */
  readonly remoteTarget: string
  /** SIP URI of where the far end was seen, when that is not where Contact or route lead (behind a NAT). */
  readonly natAddress: string | null
}

/** Addresses hold numbers: for the record and the wire, never for a log, a metric or an error. */
export interface DialogIdentity extends RemoteTarget {
  readonly sipCallId: string
  readonly localTag: string
  readonly remoteTag: string
  /** From and To of our own requests, tags included. */
  readonly localAddress: string
  readonly remoteAddress: string
  /** Values of Route, in the order in which our requests carry them. */
  readonly routeSet: readonly string[]
  /** The last CSeq number of ours that we know of; 0 when we sent no request. */
  readonly localSeq: number
}
