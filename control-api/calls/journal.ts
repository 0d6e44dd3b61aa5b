// CallJournal on the database: the call's row is on the disk before the promise resolves.
import type { CallJournal } from '#core/contracts'
import type { CallRecorder } from './recorder.ts'

export const createCallJournal = (recorder: CallRecorder): CallJournal => ({
  open: (call) => recorder.begin(call),
})
