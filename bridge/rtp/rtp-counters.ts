// What the RTP side counts; the same cells for all sessions of a worker.

/** A number that is only ever added to, read by the worker's tally. */
export interface CounterCell {
  value: number
}

/** Takes single values, in seconds. */
export interface ObservationCell {
  observe(seconds: number): void
}

export interface RtpCounters {
  readonly received: CounterCell
  readonly sent: CounterCell
  /** Given up by the reorder window. */
  readonly lost: CounterCell
  /** Came after they were given up. */
  readonly late: CounterCell
  /** Interarrival jitter of the caller's audio, once a reporting interval. */
  readonly jitter: ObservationCell
  readonly rejected: {
    readonly stranger: CounterCell
    readonly 'not-rtp': CounterCell
    /** RTCP that is malformed, or not the peer's. */
    readonly rtcp: CounterCell
    readonly 'payload-type': CounterCell
    readonly duplicate: CounterCell
    readonly 'out-of-range': CounterCell
    readonly 'too-large': CounterCell
    /** More audio than time has passed: see audio/caller-timeline.ts. */
    readonly 'too-fast': CounterCell
    /** Telephone events and comfort noise that mean nothing, or more keys than fingers can press. */
    readonly event: CounterCell
  }
}
