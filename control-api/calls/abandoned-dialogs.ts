// Dialogs that a crash left up: found in the events of the calls it cut off, and marked there once they were released.
import {
  type AbandonedDialog,
  type CallEvent,
  type CallEventType,
  type CallId,
  type DialogIdentity,
  type EpochMs,
  type ReleaseOutcome,
} from '#core/contracts'
import type { Clock } from '#core/time'
import type { Database } from '../db/database.ts'
import { decodeCallEvent } from './repository.ts'

/** A call lasts two hours at most, and a far end left alone for one more has hung up by its own timers. */
const WORTH_RELEASING_MS = 3 * 3_600_000
const TELLING: readonly CallEventType[] = [
  'sip.answered',
  'sip.target_refreshed',
  'sip.bye',
  'call.ended',
]

export const isWorthReleasing = (createdAt: number, now: EpochMs): boolean =>
  now - createdAt < WORTH_RELEASING_MS

/** Oldest first. Calls that are live now have no end yet, so they are never among them. */
export async function findAbandoned(
  { query }: Pick<Database, 'query'>,
  now: EpochMs,
): Promise<readonly AbandonedDialog[]> {
  const rows = await query
    .selectFrom('calls')
    .innerJoin('call_events', 'call_events.call_id', 'calls.call_id')
    .selectAll('call_events')
    .select('calls.direction')
    .where('calls.created_at', '>', now - WORTH_RELEASING_MS)
    .where('calls.termination_reason', '=', 'gateway-crashed')
    .where('call_events.type', 'in', TELLING)
    .orderBy('calls.created_at')
    .orderBy('call_events.call_id')
    .orderBy('call_events.seq')
    .execute()
  const byCall = Map.groupBy(rows, (row) => row.call_id)
  return [...byCall.values()].flatMap((ofCall) => {
    const events = ofCall.map(decodeCallEvent)
    const dialog = dialogLeftUp(events)
    const [first] = events
    const [row] = ofCall
    return dialog && first && row
      ? [{ callId: first.callId, direction: row.direction, dialog }]
      : []
  })
}

/**
 * The dialog the events leave up. A BYE of ours counts only when it stands after the end: before it, the crash may have
 * come between the fact and its answer.
 */
export function dialogLeftUp(events: readonly CallEvent[]): DialogIdentity | undefined {
  let dialog: DialogIdentity | undefined
  let ended = false
  for (const event of events) {
    if (event.type === 'sip.answered') dialog = identityIn(event.data)
    if (event.type === 'sip.target_refreshed') dialog = dialog && { ...dialog, ...event.data }
    if (event.type === 'sip.bye' && (ended || event.data.direction === 'received')) return undefined
    if (event.type === 'call.ended') ended = true
  }
  return dialog
}

/** Records of earlier versions lack the addresses: without them there is no BYE to send. */
const identityIn = (data: DialogIdentity): DialogIdentity | undefined =>
  'localAddress' in data ? data : undefined

export async function markReleased(
  { database, clock }: { readonly database: Database; readonly clock: Clock },
  callId: CallId,
  { released, sipStatus }: ReleaseOutcome,
): Promise<void> {
  const reason = released
    ? 'released after a crash'
    : `not released after a crash: ${sipStatus === null ? 'could not be sent' : `SIP ${sipStatus}`}`
  const { last } = await database.query
    .selectFrom('call_events')
    .select(({ fn }) => fn.max('seq').as('last'))
    .where('call_id', '=', callId)
    .executeTakeFirstOrThrow()
  const bye: Extract<CallEvent, { type: 'sip.bye' }> = {
    type: 'sip.bye',
    callId,
    at: clock.now(),
    data: { direction: 'sent', reason },
  }
  await database.write([
    database.query.insertInto('call_events').values({
      call_id: callId,
      seq: last + 1,
      at: bye.at,
      type: bye.type,
      data: JSON.stringify(bye.data),
    }),
  ])
}
