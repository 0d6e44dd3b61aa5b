// What an animation needs next, told by its row alone.
import { isOver } from '../animation.ts'
import type { AnimationRow } from '../animation-row.ts'
import type { StepContext } from './next.ts'

export type Work =
  /** It is over. */
  | { readonly kind: 'none' }
  | { readonly kind: 'wait'; readonly ms: number }
  /** Its result is no longer watched for. */
  | { readonly kind: 'forget' }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'say-unconfigured' }
  | { readonly kind: 'fetch-photo' }
  | { readonly kind: 'speak' }
  | { readonly kind: 'take-place' }
  | { readonly kind: 'upload' }
  | { readonly kind: 'submit' }
  /** The same submission again: its answer never came, and the provider knows it by its key. */
  | { readonly kind: 'repeat' }
  | { readonly kind: 'look' }
  | { readonly kind: 'poll' }
  | { readonly kind: 'remove' }
  | { readonly kind: 'download' }
  | { readonly kind: 'check' }
  | { readonly kind: 'store' }

export type WorkKind = Work['kind']

export interface WorkContext extends Pick<StepContext, 'now' | 'provider' | 'timing'> {
  /** The spoken words are in the work folder. */
  readonly hasSpeech: boolean
}

/** The provider would take them, and drop them before the submission is looked at. */
const REFS_MARGIN_MS = 300_000

export function workOf(row: AnimationRow, context: WorkContext): Work {
  const { provider, timing } = context
  if (isOver(row.state)) return watching(row, context)
  if (row.cancel_asked_at !== null) return canceling(row, context)
  if (row.state === 'validating') return { kind: 'check' }
  if (row.state === 'storing') return { kind: 'store' }
  if (provider === undefined) return { kind: 'say-unconfigured' }
  switch (row.state) {
    case 'queued':
      // Words are spoken when there is a place: speech costs, too, and whoever waits may be canceled.
      return { kind: row.image_url === null ? 'take-place' : 'fetch-photo' }
    case 'submitting':
      return row.submitting_since === null
        ? submitting(row, context)
        : resolving(row, context, { ...provider, lookAgainMs: timing.lookAgainMs })
    case 'processing':
      return { kind: 'poll' }
    case 'downloading':
      return { kind: 'download' }
    default:
      return row.state satisfies never
  }
}

/** A result that comes after the deadline is still taken. */
function watching(row: AnimationRow, { now, provider, timing }: WorkContext): Work {
  if (row.state !== 'failed' || row.watched_until === null) return { kind: 'none' }
  if (now >= row.watched_until || row.provider_job_id === null) return { kind: 'forget' }
  return provider === undefined ? { kind: 'wait', ms: timing.watchEveryMs } : { kind: 'poll' }
}

/** Nothing is begun any more; what is there is removed. */
function canceling(row: AnimationRow, { provider }: WorkContext): Work {
  if (provider === undefined) return { kind: 'cancel' }
  if (row.submitting_since !== null) return { kind: 'look' }
  return { kind: row.provider_job_id === null ? 'cancel' : 'remove' }
}

function submitting(row: AnimationRow, context: WorkContext): Work {
  const isKept = row.refs_until !== null && row.refs_until > context.now + REFS_MARGIN_MS
  const isSent = row.source_ref !== null && (row.speech === 'provider' || row.audio_ref !== null)
  if (isKept && isSent) return { kind: 'submit' }
  return { kind: isSpeechMissing(row, context) ? 'speak' : 'upload' }
}

/** Whether it was submitted is not known: a crash, or an answer that never came. */
function resolving(
  row: AnimationRow,
  { now }: WorkContext,
  {
    repeatableForMs,
    lookAgainMs,
  }: { readonly repeatableForMs: number; readonly lookAgainMs: number },
): Work {
  // The clock may have gone back since: then nothing tells how old it is.
  const age = Math.max(0, now - (row.submitting_since ?? now))
  if (repeatableForMs > 0 && age < repeatableForMs && row.looks === 0) return { kind: 'repeat' }
  // Behind a clock that went back the job has waited already, and one look more is asked for.
  if (row.looks === 0 || row.updated_at > now) return { kind: 'look' }
  // Whatever woke us: the provider's list may take its time.
  const left = lookAgainMs - (now - row.updated_at)
  return left > 0 ? { kind: 'wait', ms: left } : { kind: 'look' }
}

const isSpeechMissing = (row: AnimationRow, { hasSpeech }: WorkContext): boolean =>
  row.speech === 'elevenlabs' && !hasSpeech
