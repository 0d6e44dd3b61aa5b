// CallJournal on the database: the call's row is on the disk before the promise resolves.
import type { CallJournal } from '#core/contracts'
import type { Clock } from '#core/time'
import type { Database } from '../db/database.ts'
import { findAbandoned, markCalledOff, markReleased } from './after-crash/abandoned-calls.ts'
import type { CallRecorder } from './recorder.ts'

export interface CallJournalDeps {
  readonly database: Database
  readonly clock: Clock
  readonly recorder: CallRecorder
}

export function createCallJournal(deps: CallJournalDeps): CallJournal {
  const { recorder, database, clock } = deps
  return {
    open: (call, invite) => recorder.begin(call, invite),
    dialling: async (callId, type, invite) => {
      await recorder.append({ type, callId, at: clock.now(), data: invite })
    },
    abandoned: () => findAbandoned(database, clock.now()),
    released: (callId, outcome) => markReleased(deps, callId, outcome),
    calledOff: (callId, outcome) => markCalledOff(deps, callId, outcome),
  }
}
