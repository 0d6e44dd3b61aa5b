// A fact about a call, for what follows from it.
import type { CallEvent } from '#core/contracts'
import type { CallRow } from '../db/schema.ts'

export interface CallFact {
  /** As it stands with the event. */
  readonly row: CallRow
  /** Undefined: its record was just opened. */
  readonly event: CallEvent | undefined
}
