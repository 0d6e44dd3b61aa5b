// How long each kind of data is kept.

/** Whole days since a call ended. */
export interface RetentionDays {
  readonly audio: number
  readonly transcripts: number
  readonly events: number
  /** Whole days since photos and videos were added, and since animations were over; absent: they are kept. */
  readonly media?: number
}

export const RETENTION_DAYS: RetentionDays = { audio: 90, transcripts: 90, events: 90 }
