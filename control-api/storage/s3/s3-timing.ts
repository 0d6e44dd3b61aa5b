// How long the bucket may take, so that tests need not wait for it.
export interface S3Timing {
  readonly connectMs: number
  /** To the head of an answer. */
  readonly answerMs: number
  /** The same for a part of an upload, its bytes included. */
  readonly partMs: number
  /** Between two pieces of what is read, while somebody takes them. */
  readonly idleMs: number
  /** Of all of the first look, when the process starts. */
  readonly probeMs: number
}

export const S3_TIMING: S3Timing = {
  connectMs: 5000,
  answerMs: 15_000,
  // Eight mebibytes at half a megabit a second.
  partMs: 130_000,
  idleMs: 30_000,
  probeMs: 15_000,
}
