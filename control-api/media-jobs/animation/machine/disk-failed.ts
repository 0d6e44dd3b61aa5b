// The disk with our work folder is full, or fails: one of the tries of whatever was being done.
import type { AnimationRow } from '../animation-row.ts'
import type { EventOf } from './event.ts'
import { errorText, triedAgain, type Next, type StepContext } from './next.ts'

export function diskFailed(
  row: AnimationRow,
  { failure }: EventOf<'disk-failed'>,
  context: StepContext,
): Next {
  const kind = 'storage'
  const step = `${row.state}.disk_failed`
  const next = triedAgain(row, context, { step, kind, failure, toDo: 'Then "retry".' })
  if (next.set.state === 'failed') return next
  // Whoever looks meanwhile can mend it.
  const message = `${failure.message} ${failure.toDo ?? ''}`.trim()
  return { ...next, set: { ...next.set, error: errorText({ kind, message }) } }
}
