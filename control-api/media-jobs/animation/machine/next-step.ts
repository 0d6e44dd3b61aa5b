// The state machine: a row and what happened → what becomes of the row. Nothing else is looked at, and nothing is done.
import type { AnimationRow } from '../animation-row.ts'
import { canceledHere, canceledOf } from './canceling.ts'
import type { AnimationEvent, EventOf } from './event.ts'
import * as finishing from './finishing.ts'
import { diskFailed } from './disk-failed.ts'
import type { Next, StepContext } from './next.ts'
import * as preparing from './preparing.ts'
import * as processing from './processing.ts'
import * as submitting from './submitting.ts'

type Handlers = {
  readonly [K in AnimationEvent['kind']]: (
    row: AnimationRow,
    event: EventOf<K>,
    context: StepContext,
  ) => Next
}

const HANDLERS: Handlers = {
  canceled: (row, _event, context) => canceledHere(row, context),
  unconfigured: preparing.unconfigured,
  'photo-taken': preparing.photoTaken,
  'photo-failed': preparing.photoFailed,
  spoken: preparing.spoken,
  'speech-failed': preparing.speechFailed,
  'place-taken': preparing.placeTaken,
  'no-place': preparing.noPlace,
  uploaded: submitting.uploaded,
  'upload-failed': submitting.uploadFailed,
  intended: submitting.intended,
  accepted: submitting.accepted,
  'submit-failed': submitting.submitFailed,
  looked: submitting.looked,
  'look-failed': submitting.lookFailed,
  polled: processing.polled,
  'poll-failed': processing.pollFailed,
  removed: (row, { isRemoved }, context) =>
    canceledOf(row, context, isRemoved ? 'removed' : 'kept'),
  downloaded: finishing.downloaded,
  'download-failed': finishing.downloadFailed,
  'result-refused': finishing.resultRefused,
  'file-missing': finishing.fileMissing,
  good: finishing.good,
  bad: finishing.bad,
  'not-checked': finishing.notChecked,
  stored: finishing.stored,
  'store-failed': finishing.storeFailed,
  'disk-failed': diskFailed,
  forgotten: processing.forgotten,
}

export function nextStep<K extends AnimationEvent['kind']>(
  row: AnimationRow,
  event: EventOf<K> & { readonly kind: K },
  context: StepContext,
): Next {
  const handler: Handlers[K] = HANDLERS[event.kind]
  return handler(row, event, context)
}
