// What the RTP side counts; the same cells for all sessions of a worker.

/** A number that is only ever added to, read by the worker's tally. */
export interface CounterCell {
  value: number
}

export interface RtpCounters {
  readonly received: CounterCell
  readonly sent: CounterCell
  /** Given up by the reorder window. */
  readonly lost: CounterCell
  /** Came after they were given up. */
  readonly late: CounterCell
  readonly rejected: {
    readonly stranger: CounterCell
    readonly 'not-rtp': CounterCell
    readonly rtcp: CounterCell
    readonly 'payload-type': CounterCell
    readonly duplicate: CounterCell
    readonly 'out-of-range': CounterCell
    readonly 'too-large': CounterCell
    /** More audio than time has passed: see audio/caller-timeline.ts. */
    readonly 'too-fast': CounterCell
  }
}
