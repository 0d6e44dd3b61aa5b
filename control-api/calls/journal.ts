// CallJournal on the database: the call's row is on the disk before the promise resolves.
import type { CallEvent, CallJournal } from '#core/contracts'
import type { Logger } from '#core/telemetry'
import type { Clock } from '#core/time'
import { databaseUnavailable } from '../db/database-failure.ts'
import type { Database } from '../db/database.ts'
import { findAbandoned, markCalledOff, markReleased } from './after-crash/abandoned-calls.ts'
import type { Consequences } from './consequences.ts'
import { durableSoon } from './durable-soon.ts'
import type { CallRecorder } from './recorder.ts'

export interface CallJournalDeps {
  readonly database: Database
  readonly consequences: Consequences
  readonly logger: Logger
  readonly clock: Clock
  readonly recorder: CallRecorder
}

export function createCallJournal(deps: CallJournalDeps): CallJournal {
  const { recorder, database, clock, logger } = deps
  const prepare = async (event: CallEvent, what: string): Promise<void> => {
    const { callId } = event
    const isKnown = await durableSoon(recorder.append(event), what, logger.child({ callId }))
    if (!isKnown) throw databaseUnavailable(`it has no record of the call that ${what} is about`)
  }
  return {
    open: (call, invite) => recorder.begin(call, invite),
    dialling: (callId, type, data) => prepare({ type, callId, at: clock.now(), data }, 'an INVITE'),
    answering: (callId, data) =>
      prepare({ type: 'sip.answer_prepared', callId, at: clock.now(), data }, 'a 200 OK'),
    abandoned: () => findAbandoned(database, clock.now()),
    released: (callId, outcome) => markReleased(deps, callId, outcome),
    calledOff: (callId, outcome) => markCalledOff(deps, callId, outcome),
  }
}
