// Submitting: what is needed is sent, then the request that costs money; and what is done when its answer never came.
import type { ProviderFailure } from '../../providers/animation-provider.ts'
import type { AnimationChange, AnimationRow } from '../animation-row.ts'
import { canceledOf } from './canceling.ts'
import type { EventOf } from './event.ts'
import {
  askedAgain,
  backOff,
  failed,
  jittered,
  hasSubmissionLeft,
  lateSubmissions,
  MOST_RATE_LIMITED,
  type Next,
  type StepContext,
} from './next.ts'

/** A provider's list may be late: missing twice is missing. */
const MOST_LOOKS = 2

export const uploaded = (
  _row: AnimationRow,
  { imageRef, audioRef, keptForMs }: EventOf<'uploaded'>,
  { now }: StepContext,
): Next => ({
  set: {
    source_ref: imageRef,
    audio_ref: audioRef,
    refs_until: Math.floor(now + keptForMs),
    tries: 0,
    error: null,
  },
  step: { step: 'submitting.uploaded', detail: { speech: audioRef !== null } },
  waitMs: 0,
})

export const uploadFailed = (
  row: AnimationRow,
  { failure }: EventOf<'upload-failed'>,
  context: StepContext,
): Next => askedAgain(row, context, { step: 'submitting.not_uploaded', failure })

/** Never the same twice, also after a retry: a provider may answer the old one again. */
function nextClientRef({ task_id: taskId, client_ref: last }: AnimationRow): string {
  const number = Number(last?.slice(taskId.length + 1) ?? 0)
  return `${taskId}-${(Number.isSafeInteger(number) ? number : 0) + 1}`
}

export function intended(
  row: AnimationRow,
  _event: EventOf<'intended'>,
  { now }: StepContext,
): Next {
  const clientRef = nextClientRef(row)
  const submissions = row.submissions + 1
  return {
    set: { client_ref: clientRef, submitting_since: now, submissions, looks: 0 },
    step: {
      step: 'submitting.intended',
      detail: { client_ref: clientRef, submission: submissions },
    },
    waitMs: 0,
  }
}

export const accepted = (
  row: AnimationRow,
  { providerJobId, isRepeated }: EventOf<'accepted'>,
  context: StepContext,
): Next => underWay(row, context, { providerJobId, how: isRepeated ? 'repeated' : 'answered' })

function underWay(
  row: AnimationRow,
  context: StepContext,
  { providerJobId, how }: { readonly providerJobId: string; readonly how: string },
): Next {
  const { now, provider, timing } = context
  const isAsked = row.cancel_asked_at !== null || row.woken_at !== null
  return {
    set: {
      state: 'processing',
      provider_job_id: providerJobId,
      provider_status: null,
      submitting_since: null,
      submitted_at: now,
      deadline_at: now + (provider?.deadlineMs ?? 0),
      tries: 0,
      looks: 0,
      error: null,
    },
    step: { step: 'processing.begun', detail: { provider_job_id: providerJobId, known_by: how } },
    // A webhook may be faster than the answer.
    waitMs: isAsked ? 0 : jittered(context, timing.pollMs.first),
  }
}

export function submitFailed(
  row: AnimationRow,
  { failure, isRepeated }: EventOf<'submit-failed'>,
  context: StepContext,
): Next {
  const { kind, message, code, isUnsettled, isPassing } = failure
  if (isUnsettled) return unsettled(row, failure, context)
  if (isRepeated) return notRepeated(row, failure, context)
  if (!isPassing) return failed(row, context, { kind, message, code })
  return kind === 'rate_limited'
    ? rateLimited(row, failure, context)
    : resubmitted(row, context, { failure, step: 'submitting.failed', looks: row.looks })
}

/** What is said to a repetition says nothing of the first: it is asked for again, or looked for. */
function notRepeated(row: AnimationRow, failure: ProviderFailure, context: StepContext): Next {
  if (failure.isPassing) return unsettled(row, failure, context)
  const { kind, message } = failure
  return {
    // In the place of a first look: it is not repeated any more.
    set: { looks: 1, tries: 0 },
    step: { step: 'submitting.not_repeated', detail: { kind, message } },
    waitMs: context.timing.lookAgainMs,
  }
}

/** It stays open whether it was submitted. */
function unsettled(
  row: AnimationRow,
  { message, retryAfterMs }: ProviderFailure,
  context: StepContext,
): Next {
  if (isTooOld(row, context)) return unknownFor(row, context, message)
  const tries = row.tries + 1
  return {
    set: { tries },
    step: { step: 'submitting.unsettled', detail: { message, tries } },
    waitMs: Math.max(retryAfterMs ?? 0, backOff(context, tries)),
  }
}

/** Nothing was begun there: it does not count. */
function rateLimited(
  row: AnimationRow,
  { kind, message, code, retryAfterMs }: ProviderFailure,
  context: StepContext,
): Next {
  const tries = row.tries + 1
  if (tries >= MOST_RATE_LIMITED) return failed(row, context, { kind, message, code })
  return {
    set: { tries, submitting_since: null, submissions: row.submissions - 1 },
    step: { step: 'submitting.rate_limited', detail: { message, tries } },
    waitMs: Math.max(retryAfterMs ?? 0, backOff(context, tries)),
  }
}

interface Resubmitting {
  readonly failure: Pick<ProviderFailure, 'kind' | 'message' | 'code'>
  readonly step: string
  readonly looks: number
  readonly set?: AnimationChange
}

/** Another submission, if one is left. */
export function resubmitted(
  row: AnimationRow,
  context: StepContext,
  { failure: { kind, message, code }, step, set = {} }: Resubmitting,
): Next {
  if (!hasSubmissionLeft(row)) return failed(row, context, { kind, message, code })
  return {
    set: { submitting_since: null, looks: 0, ...set },
    step: { step, detail: { kind, message, submissions: row.submissions } },
    waitMs: backOff(context, lateSubmissions(row)),
  }
}

export function looked(
  row: AnimationRow,
  { found }: EventOf<'looked'>,
  context: StepContext,
): Next {
  switch (found.kind) {
    case 'found':
      return underWay(row, context, { providerJobId: found.providerJobId, how: 'found' })
    case 'missing':
      return row.cancel_asked_at === null
        ? missing(row, context)
        : canceledOf(row, context, 'unknown')
    case 'untold':
      return row.cancel_asked_at === null
        ? unknownFor(row, context, 'The provider does not say enough to tell.')
        : canceledOf(row, context, 'unknown')
    default:
      return found satisfies never
  }
}

function missing(row: AnimationRow, context: StepContext): Next {
  const looks = row.looks + 1
  if (looks < mostLooks(row, context))
    return {
      set: { looks },
      step: { step: 'submitting.not_found', detail: { looks } },
      waitMs: context.timing.lookAgainMs,
    }
  const message = 'The provider never got the request.'
  const failure = { kind: 'transient', message, code: null } as const
  return resubmitted(row, context, { failure, step: 'submitting.missing', looks })
}

/** A refused repetition stood for one of them; and behind a clock that went back, nothing tells how long ago the last was. */
const mostLooks = (row: AnimationRow, { now, provider }: StepContext): number =>
  MOST_LOOKS + ((provider?.repeatableForMs ?? 0) > 0 ? 1 : 0) + (row.updated_at > now ? 1 : 0)

export function lookFailed(
  row: AnimationRow,
  { failure }: EventOf<'look-failed'>,
  context: StepContext,
): Next {
  if (row.cancel_asked_at !== null) return canceledOf(row, context, 'unknown')
  return failure.isPassing
    ? unsettled(row, failure, context)
    : unknownFor(row, context, failure.message)
}

const isTooOld = (row: AnimationRow, { now, provider }: StepContext): boolean =>
  now - (row.submitting_since ?? now) > (provider?.deadlineMs ?? 0)

/** To submit again would perhaps be to pay twice: that is for somebody to decide. */
const unknownFor = (row: AnimationRow, context: StepContext, why: string): Next =>
  failed(row, context, {
    kind: 'submission_unknown',
    message: `It is not known whether the provider took the request, so it may have been paid. ${why} Look there first: "retry" submits it again, and may pay a second time.`,
  })
