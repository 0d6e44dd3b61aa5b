// CallJournal on the database: the call's row is on the disk before the promise resolves.
import type { CallJournal } from '#core/contracts'
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
  return {
    open: (call, invite) => recorder.begin(call, invite),
    dialling: async (callId, type, data) => {
      const written = recorder.append({ type, callId, at: clock.now(), data })
      const isKnown = await durableSoon(written, 'an INVITE', logger.child({ callId }))
      if (!isKnown) throw databaseUnavailable('it has no record of the call that is dialled')
    },
    abandoned: () => findAbandoned(database, clock.now()),
    released: (callId, outcome) => markReleased(deps, callId, outcome),
    calledOff: (callId, outcome) => markCalledOff(deps, callId, outcome),
  }
}
