// Downloading, validating, storing: three tries each, none of which is paid for.
import type { AnimationRow } from '../animation-row.ts'
import { resultOf } from '../animation-row.ts'
import type { EventOf } from './event.ts'
import {
  askedAgain,
  failed,
  hasSubmissionLeft,
  jittered,
  MOST_TRIES,
  stuck,
  triedAgain,
  tryDelay,
  type Next,
  type StepContext,
} from './next.ts'

/** What is finished there stays the provider's job of the row: a retry begins by its download. */
const NOT_PAID_AGAIN =
  'The finished video stays at the provider: "retry" fetches it, and pays nothing.'
const MADE_ANEW = 'To have it made anew, ask for another animation: that is paid again.'

export function downloaded(row: AnimationRow, { bytes, sha256 }: EventOf<'downloaded'>): Next {
  const { damaged, damagedAs } = resultOf(row)
  return {
    set: {
      state: 'validating',
      tries: 0,
      error: null,
      result: JSON.stringify({ sha256, bytes, damaged, damagedAs }),
    },
    step: { step: 'validating.begun', detail: { bytes, sha256 } },
    waitMs: 0,
  }
}

export function downloadFailed(
  row: AnimationRow,
  { failure, isExpired }: EventOf<'download-failed'>,
  context: StepContext,
): Next {
  const next = triedAgain(row, context, {
    step: 'downloading.failed',
    kind: 'download',
    failure,
    toDo: NOT_PAID_AGAIN,
  })
  // A fresh address is asked for, and is good at once; but one that is not will not be for a while.
  return isExpired && row.tries === 0 ? { ...next, waitMs: 0 } : next
}

export function resultRefused(
  row: AnimationRow,
  { failure }: EventOf<'result-refused'>,
  context: StepContext,
): Next {
  const next = askedAgain(row, context, { step: 'downloading.no_address', failure })
  // There is nothing any more to go on with.
  return failure.kind === 'not_found' ? { ...next, set: { ...next.set, ...GIVEN_UP } } : next
}

const GIVEN_UP = { provider_job_id: null, result: null } as const

/** A crash of the disk, or somebody tidied up: what is not there is fetched again. */
export const fileMissing = (row: AnimationRow): Next => ({
  set: { state: 'downloading', tries: 0 },
  step: { step: 'downloading.again', detail: { state: row.state } },
  waitMs: 0,
})

export function good(row: AnimationRow, { facts, mediaId }: EventOf<'good'>): Next {
  const { sha256, bytes } = resultOf(row)
  return {
    set: {
      state: 'storing',
      tries: 0,
      error: null,
      // Decided before its files are stored: a crash in between names them again.
      result_media_id: mediaId,
      result: JSON.stringify({ sha256, bytes, facts }),
    },
    step: {
      step: 'storing.begun',
      detail: { media_id: mediaId, container: facts.container, duration_ms: facts.durationMs },
    },
    waitMs: 0,
  }
}

export function bad(row: AnimationRow, { fault }: EventOf<'bad'>, context: StepContext): Next {
  switch (fault.kind) {
    case 'damaged':
    case 'not-a-video':
      return damagedAgain(row, fault.message, context)
    case 'too-slow':
      return notChecked(
        row,
        {
          kind: 'not-checked',
          why: 'failed',
          message: `The finished video could not be checked: ${fault.message}`,
        },
        context,
      )
    case 'too-large':
    case 'too-long':
    case 'unsupported':
      return failed(row, context, {
        kind: 'unknown',
        message: `The provider’s video is finished, but is not taken here: ${fault.message} It stays at the provider: "retry" fetches and checks it again, and pays nothing. ${MADE_ANEW}`,
      })
    default:
      return fault.kind satisfies never
  }
}

/** Fetched again; what is damaged each time otherwise is made anew, the same each time is for somebody to decide. */
function damagedAgain(row: AnimationRow, message: string, context: StepContext): Next {
  const { damaged: earlier = 0, damagedAs = [], sha256 } = resultOf(row)
  const damaged = earlier + 1
  const sums = [...new Set([...damagedAs, sha256 ?? ''])]
  const detail = { kind: 'damaged', message, damaged }
  if (damaged < MOST_TRIES)
    return {
      set: { state: 'downloading', tries: 0, result: JSON.stringify({ damaged, damagedAs: sums }) },
      step: { step: 'downloading.again', detail },
      waitMs: tryDelay(context, damaged),
    }
  if (sums.length > 1 && hasSubmissionLeft(row))
    return {
      // It has given up its place.
      set: { ...GIVEN_UP, state: 'queued', tries: 0, provider_status: null, submitted_at: null },
      step: { step: 'queued.again', detail },
      waitMs: 0,
    }
  const words = `The provider’s video cannot be used: ${message} "retry" fetches it once more, and pays nothing. ${MADE_ANEW}`
  return failed(row, context, { kind: 'damaged_result', message: words })
}

export function notChecked(
  row: AnimationRow,
  { message, why }: EventOf<'not-checked'>,
  context: StepContext,
): Next {
  if (why === 'busy') return { set: {}, waitMs: jittered(context, context.timing.retryMs.first) }
  // The video is there, and paid: whoever runs this machine can mend it.
  if (why === 'no-tools') return stuck(row, context, { kind: 'unknown', message })
  const failure = { message, isPassing: true }
  return triedAgain(row, context, {
    step: 'validating.failed',
    kind: 'unknown',
    failure,
    toDo: NOT_PAID_AGAIN,
  })
}

export const stored = (
  row: AnimationRow,
  _event: EventOf<'stored'>,
  { now }: StepContext,
): Next => ({
  set: { state: 'done', finished_at: now, tries: 0, error: null },
  step: { step: 'done', detail: { media_id: row.result_media_id } },
  waitMs: 0,
})

export const storeFailed = (
  row: AnimationRow,
  { failure }: EventOf<'store-failed'>,
  context: StepContext,
): Next =>
  triedAgain(row, context, {
    step: 'storing.failed',
    kind: 'storage',
    failure,
    toDo: NOT_PAID_AGAIN,
  })
