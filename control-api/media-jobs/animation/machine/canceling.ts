// Canceled: what was submitted is removed where the provider does that, and what it may cost is said.
import type { AnimationRow } from '../animation-row.ts'
import type { Next, StepContext } from './next.ts'

/** `none`: nothing was ever submitted. */
type There = 'none' | 'removed' | 'kept' | 'unknown'

const WORDS: Readonly<Record<There, string>> = {
  none: 'Nothing was submitted.',
  removed: 'It was removed at the provider; what was rendered may still be billed.',
  kept: 'The provider could not remove it: it may still be billed. "retry" goes on with it, as long as it is there.',
  unknown:
    'It is not known whether it was submitted: it may still be billed. "retry" submits it again, and may pay a second time.',
}

export const canceledOf = (row: AnimationRow, { now }: StepContext, there: There): Next => ({
  set: {
    state: 'canceled',
    finished_at: now,
    cancel_asked_at: row.cancel_asked_at ?? now,
    submitting_since: null,
    woken_at: null,
    error: null,
    // What is removed there is not gone on with by a retry.
    ...(there === 'removed' ? { provider_job_id: null } : {}),
  },
  step: { step: 'canceled', detail: { state: row.state, there, message: WORDS[there] } },
  waitMs: 0,
})

/** Without having asked the provider. */
export const canceledHere = (row: AnimationRow, context: StepContext): Next =>
  canceledOf(row, context, thereOf(row))

function thereOf(row: AnimationRow): There {
  if (row.submitting_since !== null) return 'unknown'
  return row.provider_job_id === null ? 'none' : 'kept'
}
