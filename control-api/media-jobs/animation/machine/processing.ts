// Processing: the provider renders. It is asked until it is done, or its time is over; and a while longer for a late result.
import type { ProviderFailure, ProviderJob } from '../../providers/animation-provider.ts'
import type { AnimationRow } from '../animation-row.ts'
import type { EventOf } from './event.ts'
import { errorText, failed, pollDelay, type Next, type StepContext } from './next.ts'
import { resubmitted } from './submitting.ts'

/** A provider may not find what it was just given. */
const NOT_THERE_YET_MS = 60_000

export function polled(row: AnimationRow, { job }: EventOf<'polled'>, context: StepContext): Next {
  const { kind, failure } = read(job)
  switch (kind) {
    case 'done':
      return finishedThere(row, job)
    case 'failed':
      return row.state === 'failed' ? noLateResult(job.status) : renderFailed(row, failure, context)
    case 'running':
      return stillRunning(row, job, context)
    default:
      return kind satisfies never
  }
}

type Read =
  | { readonly kind: 'done' | 'running'; readonly failure?: undefined }
  | {
      readonly kind: 'failed'
      readonly failure: Pick<ProviderFailure, 'kind' | 'message' | 'code'>
    }

function read({ state, resultUrl, failure }: ProviderJob): Read {
  // Done without a result: it may come with the next question.
  if (state === 'done') return { kind: resultUrl === null ? 'running' : 'done' }
  if (state === 'running') return { kind: 'running' }
  const message = 'The provider could not animate the photo, and does not say why.'
  return { kind: 'failed', failure: failure ?? { kind: 'unknown', message, code: null } }
}

const finishedThere = (row: AnimationRow, { status }: ProviderJob): Next => ({
  set: {
    state: 'downloading',
    provider_status: status,
    // From here on nothing need be paid again.
    deadline_at: null,
    watched_until: null,
    finished_at: null,
    woken_at: null,
    result: null,
    tries: 0,
    error: null,
  },
  step: {
    step: row.state === 'failed' ? 'downloading.late' : 'downloading.begun',
    detail: { provider_status: status },
  },
  waitMs: 0,
})

function renderFailed(
  row: AnimationRow,
  failure: Pick<ProviderFailure, 'kind' | 'message' | 'code'> | undefined,
  context: StepContext,
): Next {
  const { kind, message, code } = failure ?? { kind: 'unknown', message: '', code: null }
  if (kind !== 'transient' && kind !== 'rate_limited')
    return failed(row, context, { kind, message, code })
  // It keeps its place.
  return resubmitted(row, context, {
    failure: { kind, message, code },
    step: 'processing.failed',
    looks: 0,
    set: { state: 'submitting', provider_job_id: null, woken_at: null, tries: 0 },
  })
}

const noLateResult = (status: string): Next => ({
  set: { watched_until: null, provider_status: status, woken_at: null },
  step: { step: 'failed.no_result', detail: { provider_status: status } },
  waitMs: 0,
})

function stillRunning(row: AnimationRow, { status }: ProviderJob, context: StepContext): Next {
  const { timing } = context
  const isSame = row.provider_status === status && row.woken_at === null
  if (row.state === 'failed')
    return {
      set: isSame ? {} : { provider_status: status, woken_at: null },
      waitMs: timing.watchEveryMs,
    }
  if (isLate(row, context)) return tooLate(row, context, `It is still "${status}".`)
  const isQuiet = isSame && row.error === null
  return {
    set: isQuiet ? {} : { provider_status: status, woken_at: null, error: null },
    step:
      row.provider_status === status
        ? undefined
        : { step: 'processing.told', detail: { provider_status: status } },
    waitMs: pollDelay(row, context),
  }
}

export function pollFailed(
  row: AnimationRow,
  { failure }: EventOf<'poll-failed'>,
  context: StepContext,
): Next {
  const { kind, message, code, isPassing, retryAfterMs = 0 } = failure
  const isWatched = row.state === 'failed'
  if (kind === 'not_found' && !isJustBegun(row, context))
    return isWatched ? noLateResult('not found') : failed(row, context, { kind, message, code })
  const awake = row.woken_at === null ? {} : { woken_at: null }
  if (isWatched) return { set: awake, waitMs: Math.max(retryAfterMs, context.timing.watchEveryMs) }
  if (isLate(row, context)) return tooLate(row, context, message)
  // It is paid: a key that is refused now may be mended before its time is over.
  const said = isPassing ? row.error : errorText({ kind, message, code })
  const isNew = said !== row.error
  return {
    set: { ...awake, ...(isNew ? { error: said } : {}) },
    step: isNew ? { step: 'processing.not_told', detail: { kind, message } } : undefined,
    waitMs: Math.max(retryAfterMs, pollDelay(row, context)),
  }
}

const isJustBegun = (row: AnimationRow, { now }: StepContext): boolean =>
  now - (row.submitted_at ?? 0) < NOT_THERE_YET_MS

const isLate = (row: AnimationRow, { now }: StepContext): boolean =>
  row.deadline_at !== null && now >= row.deadline_at

const tooLate = (row: AnimationRow, context: StepContext, words: string): Next =>
  failed(
    row,
    context,
    {
      kind: 'deadline',
      message: `The provider was not done in time. ${words} A late result is still taken; "retry" submits it again, and may be paid again.`,
    },
    { watched_until: context.now + context.timing.watchedMs },
  )

export const forgotten = (): Next => ({
  set: { watched_until: null },
  step: { step: 'failed.forgotten', detail: {} },
  waitMs: 0,
})
