// The times of media jobs, so that tests need not wait for them.
export interface MediaTiming {
  /** Between two questions to a provider how far it is: at first, and at most. */
  readonly pollMs: { readonly first: number; readonly max: number }
  /** Before a step that failed is tried again, three times in all: at first, four times as long each time, and at most. */
  readonly stepRetryMs: { readonly first: number; readonly max: number }
  /** Before a request that was not settled, or too much, is repeated, as often as it takes: at first, and at most. */
  readonly retryMs: { readonly first: number; readonly max: number }
  /** Between two looks for a submission whose answer never came. */
  readonly lookAgainMs: number
  /** How long a result is still taken of a job that failed by its deadline, and how often it is asked for. */
  readonly watchedMs: number
  readonly watchEveryMs: number
  /** Between two rounds of the sweep: jobs that nobody works on, files that belong to nothing. */
  readonly sweepEveryMs: number
  /** A file that belongs to nothing is deleted when it is as old as this. */
  readonly orphanMs: number
}

export const MEDIA_TIMING: MediaTiming = {
  pollMs: { first: 5000, max: 30_000 },
  stepRetryMs: { first: 30_000, max: 120_000 },
  retryMs: { first: 2000, max: 60_000 },
  lookAgainMs: 30_000,
  watchedMs: 24 * 3_600_000,
  watchEveryMs: 300_000,
  sweepEveryMs: 60_000,
  orphanMs: 24 * 3_600_000,
}
