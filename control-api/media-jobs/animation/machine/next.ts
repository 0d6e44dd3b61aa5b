// What an event changes: the row, the step that is written beside it, and how long there is nothing to do then.
import { backOffAfter } from '#core/time'
import type { ProviderFailure } from '../../providers/animation-provider.ts'
import type { MediaTiming } from '../../media-timing.ts'
import type { AnimationErrorKind } from '../animation.ts'
import type { AnimationChange, AnimationRow, AnimationStep } from '../animation-row.ts'
import type { OwnFailure } from './event.ts'

export interface Next {
  /** Empty, without a step: nothing is written. */
  readonly set: AnimationChange
  readonly step?: AnimationStep | undefined
  /** 0: it goes on at once. */
  readonly waitMs: number
}

/** What the machine must know of a provider. */
export interface ProviderTerms {
  /** As people call it. */
  readonly title: string
  readonly repeatableForMs: number
  readonly deadlineMs: number
}

export interface StepContext {
  readonly now: number
  /** Undefined: it is not configured any more. */
  readonly provider: ProviderTerms | undefined
  readonly timing: MediaTiming
  /** From 0 to below 1. */
  readonly random: () => number
}

/** Each costs money; a retry gives as many again. */
export const MOST_SUBMISSIONS = 3

export const hasSubmissionLeft = ({
  submissions,
  submissions_allowed: allowed,
}: AnimationRow): boolean => submissions < (allowed ?? MOST_SUBMISSIONS)

/** Since somebody retried. */
export const lateSubmissions = (row: AnimationRow): number =>
  row.submissions - ((row.submissions_allowed ?? MOST_SUBMISSIONS) - MOST_SUBMISSIONS)

/** Of the photo, the speech, the uploads, the download, the check, the storage. */
export const MOST_TRIES = 3
/** Nothing is lost by waiting; but not for ever. */
export const MOST_RATE_LIMITED = 100

export const backOff = ({ timing, random }: StepContext, failures: number): number =>
  backOffAfter(failures, { firstMs: timing.retryMs.first, maxMs: timing.retryMs.max }, random)

/** Between the tries of a step: they span minutes, so that a short outage does not use them up. */
export function tryDelay(context: StepContext, failures: number): number {
  const { first, max } = context.timing.stepRetryMs
  return jittered(context, Math.min(max, first * 4 ** (failures - 1)))
}

/** ± 25 %: jobs that were begun together do not ask together. */
export const jittered = ({ random }: StepContext, ms: number): number =>
  Math.round(ms * (0.75 + random() / 2))

/** Grows by half with each question: whoever asks so often has waited twice as long in all. */
export function pollDelay(row: AnimationRow, context: StepContext): number {
  const { first, max } = context.timing.pollMs
  const elapsed = Math.max(0, context.now - (row.submitted_at ?? context.now))
  return jittered(context, Math.min(max, first + elapsed / 2))
}

export interface Failing {
  readonly kind: AnimationErrorKind
  readonly message: string
  readonly code?: string | null | undefined
}

export const errorText = ({ kind, message, code = null }: Failing): string =>
  JSON.stringify({ kind, message, code })

/** Its end, unless somebody retries it. */
export const failed = (
  row: AnimationRow,
  { now }: StepContext,
  failing: Failing,
  set: AnimationChange = {},
): Next => ({
  set: {
    state: 'failed',
    error: errorText(failing),
    submitting_since: null,
    woken_at: null,
    watched_until: null,
    finished_at: now,
    ...set,
  },
  step: {
    step: 'failed',
    detail: {
      state: row.state,
      kind: failing.kind,
      message: failing.message,
      ...(row.provider_job_id === null ? {} : { provider_job_id: row.provider_job_id }),
    },
  },
  waitMs: 0,
})

interface Trying {
  /** What did not work, as a step. */
  readonly step: string
  readonly kind: AnimationErrorKind
  readonly failure: OwnFailure
  /** Said at its end, unless the failure says it better. */
  readonly toDo: string
}

/** Three times in all. */
export function triedAgain(
  row: AnimationRow,
  context: StepContext,
  { step, kind, failure, toDo }: Trying,
): Next {
  const tries = row.tries + 1
  const { message, isPassing, retryAfterMs } = failure
  if (!isPassing || tries >= MOST_TRIES)
    return failed(row, context, { kind, message: `${message} ${failure.toDo ?? toDo}` })
  return {
    set: { tries },
    step: { step, detail: { message, tries } },
    waitMs: Math.max(retryAfterMs ?? 0, tryDelay(context, tries)),
  }
}

/** A request to the provider that is free: three times, and as long as it takes when there are only too many. */
export function askedAgain(
  row: AnimationRow,
  context: StepContext,
  { step, failure }: { readonly step: string; readonly failure: ProviderFailure },
): Next {
  const tries = row.tries + 1
  const { kind, message, code, retryAfterMs } = failure
  const [most, delay] =
    kind === 'rate_limited' ? [MOST_RATE_LIMITED, backOff] : [MOST_TRIES, tryDelay]
  if (!failure.isPassing || tries >= most) return failed(row, context, { kind, message, code })
  return {
    set: { tries },
    step: { step, detail: { kind, message, tries } },
    waitMs: Math.max(retryAfterMs ?? 0, delay(context, tries)),
  }
}

/** It cannot go on, and says why; what it waits for is somebody’s to mend. */
export function stuck(row: AnimationRow, context: StepContext, failing: Failing): Next {
  const error = errorText(failing)
  const isSaid = row.error === error
  const { kind, message } = failing
  return {
    set: isSaid ? {} : { error },
    step: isSaid ? undefined : { step: `${row.state}.waits`, detail: { kind, message } },
    waitMs: context.timing.retryMs.max,
  }
}
