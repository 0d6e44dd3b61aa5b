// Queued: the photo and the speech are made, then it waits for a place at the provider.
import type { AnimationRow } from '../animation-row.ts'
import type { EventOf } from './event.ts'
import { jittered, stuck, triedAgain, type Next, type StepContext } from './next.ts'

/** Woken when a place becomes free; this is for when that is missed. */
const LONGEST_WAIT_POLLS = 20

export const photoTaken = (_row: AnimationRow, { mediaId }: EventOf<'photo-taken'>): Next => ({
  set: { media_id: mediaId, image_url: null, tries: 0, error: null },
  step: { step: 'queued.photo_taken', detail: { media_id: mediaId } },
  waitMs: 0,
})

export const photoFailed = (
  row: AnimationRow,
  { failure }: EventOf<'photo-failed'>,
  context: StepContext,
): Next =>
  triedAgain(row, context, {
    step: `${row.state}.photo_failed`,
    kind: 'photo',
    failure,
    toDo: 'When that is mended, "retry"; or ask again with another photo.',
  })

export const spoken = (row: AnimationRow, { bytes }: EventOf<'spoken'>): Next => ({
  set: { tries: 0, error: null },
  step: { step: `${row.state}.spoken`, detail: { bytes } },
  waitMs: 0,
})

export const speechFailed = (
  row: AnimationRow,
  { failure }: EventOf<'speech-failed'>,
  context: StepContext,
): Next =>
  triedAgain(row, context, {
    step: `${row.state}.not_spoken`,
    kind: 'speech',
    failure,
    toDo: 'When that is mended, "retry"; nothing was paid to the provider of the video.',
  })

export const placeTaken = (): Next => ({
  set: { state: 'submitting', tries: 0, looks: 0, error: null },
  step: { step: 'submitting.begun', detail: {} },
  waitMs: 0,
})

/** Those who come late ask rarely. */
export function noPlace(
  _row: AnimationRow,
  { ahead, maxJobs }: EventOf<'no-place'>,
  context: StepContext,
): Next {
  const rounds = Math.min(LONGEST_WAIT_POLLS, 1 + Math.floor(ahead / maxJobs))
  return { set: {}, waitMs: jittered(context, rounds * context.timing.pollMs.max) }
}

/** It goes on by itself when the setting is back. */
export const unconfigured = (
  row: AnimationRow,
  { setting }: EventOf<'unconfigured'>,
  context: StepContext,
): Next =>
  stuck(row, context, {
    kind: 'auth',
    message: `The provider is no longer set up here: ${setting} is missing. It goes on when it is back.`,
  })
