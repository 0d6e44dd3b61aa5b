// How long each kind of data is kept.

/** Whole days since a call ended. */
export interface RetentionDays {
  readonly audio: number
  readonly transcripts: number
  readonly events: number
}

export const RETENTION_DAYS: RetentionDays = { audio: 90, transcripts: 90, events: 90 }
