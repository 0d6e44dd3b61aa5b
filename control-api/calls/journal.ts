// CallJournal on the database: the call's row is on the disk before the promise resolves.
import { ms, type CallJournal } from '#core/contracts'
import { waitFor } from '#core/lifecycle'
import type { Clock } from '#core/time'
import { databaseUnavailable } from '../db/database-failure.ts'
import type { Database } from '../db/database.ts'
import { findAbandoned, markCalledOff, markReleased } from './after-crash/abandoned-calls.ts'
import type { CallRecorder } from './recorder.ts'

/** Somebody waits for the phone to ring. */
const DIALLING_TIMEOUT = ms(2000)

export interface CallJournalDeps {
  readonly database: Database
  readonly clock: Clock
  readonly recorder: CallRecorder
}

export function createCallJournal(deps: CallJournalDeps): CallJournal {
  const { recorder, database, clock } = deps
  return {
    open: (call, invite) => recorder.begin(call, invite),
    dialling: async (callId, type, data) => {
      const written = recorder.append({ type, callId, at: clock.now(), data })
      const isKnown = await waitFor(written, {
        name: 'recording an INVITE',
        timeout: DIALLING_TIMEOUT,
      })
      if (!isKnown) throw databaseUnavailable('it has no record of the call that is dialled')
    },
    abandoned: () => findAbandoned(database, clock.now()),
    released: (callId, outcome) => markReleased(deps, callId, outcome),
    calledOff: (callId, outcome) => markCalledOff(deps, callId, outcome),
  }
}
