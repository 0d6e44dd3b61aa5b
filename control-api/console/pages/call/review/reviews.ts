// The reviews of a call, as its timeline tells them.
import type { GetCallResponse } from '../../../api/generated/types.gen.ts'
import type { TimelineItem } from '../axis/axis-data.ts'

export type ReviewStatus = NonNullable<GetCallResponse['review_status']>
export const REVIEW_STATUSES = ['processing', 'processed', 'completed', 'problem'] as const

export const asReviewStatus = (value: unknown): ReviewStatus | null =>
  REVIEW_STATUSES.find((status) => status === value) ?? null

export interface Review {
  readonly at: string
  /** Null: it was taken back. */
  readonly status: ReviewStatus | null
  readonly note: string | null
}

/** The newest first. */
export const reviewsOf = (items: readonly TimelineItem[]): readonly Review[] =>
  items
    .filter(({ type }) => type === 'call.reviewed')
    .map(({ at, status, note }) => ({
      at,
      status: asReviewStatus(status),
      note: typeof note === 'string' ? note : null,
    }))
    .reverse()
