// How long what is waited for may take.

export interface CallTiming {
  /** How often it is looked for calls that are due to be asked for. */
  readonly everyMs: number
  /** StartScenarios is waited for so long; what comes of it later is heard all the same. */
  readonly startWithinMs: number
  /** Of a start without an answer: then it is looked for. */
  readonly searchAfterMs: number
  /** Behind the longest that a call may ring or last, or its hang-up, without a word. */
  readonly askAfterMs: number
  /** Between two questions that were in vain. */
  readonly backOff: { readonly firstMs: number; readonly maxMs: number }
  /** Behind the longest that a call may last it is given up. */
  readonly forgetAfterMs: number
  /** Before each attempt to have a session hang up. */
  readonly hangUpWaitsMs: readonly number[]
  readonly controlMs: number
}

export const CALL_TIMING: CallTiming = {
  everyMs: 1000,
  startWithinMs: 12_000,
  searchAfterMs: 5000,
  askAfterMs: 60_000,
  backOff: { firstMs: 5000, maxMs: 300_000 },
  forgetAfterMs: 600_000,
  hangUpWaitsMs: [0, 15_000],
  controlMs: 5000,
}
