// What a crash left up: found in the events of the calls it cut off, and marked there once it was seen to.
import {
  type Abandoned,
  type AbandonedDialog,
  type AbandonedInvite,
  type CallEvent,
  type CallEventType,
  type CallId,
  type CallOffOutcome,
  type DialogIdentity,
  type EpochMs,
  type InviteIdentity,
  type ReleaseOutcome,
  type TerminationReason,
} from '#core/contracts'
import type { Clock } from '#core/time'
import type { Database } from '../../db/database.ts'
import { appendLate, type LateEventDeps } from '../late-event.ts'
import { decodeCallEvent } from '../repository.ts'

/** A call lasts two hours at most, and a far end left alone for one more has hung up by its own timers. */
const WORTH_RELEASING_MS = 3 * 3_600_000
/**
 * A call that was just being ended when the SIP server was lost keeps its own end. The process ends with its SIP server:
 * such calls are the last ones of a run.
 */
const LAST_OF_A_RUN_MS = 120_000
/** Ends of which the far end was told nothing. */
const CUT_OFF: readonly TerminationReason[] = ['gateway-crashed', 'sip-server-lost']
const TELLING: readonly CallEventType[] = [
  'sip.invite_prepared',
  'sip.answer_prepared',
  'sip.answered',
  'sip.target_refreshed',
  'sip.failed',
  'sip.cancel',
  'sip.bye',
  'sip.server_lost',
  'transfer.invite_prepared',
  'transfer.invite',
  'transfer.answered',
  'transfer.failed',
  'transfer.ended',
  'call.ended',
]

export const isWorthReleasing = (createdAt: number, now: EpochMs): boolean =>
  now - createdAt < WORTH_RELEASING_MS

/** Oldest first. Calls that are live now have no end yet, so they are never among them. */
export async function findAbandoned(
  { query }: Pick<Database, 'query'>,
  now: EpochMs,
): Promise<Abandoned> {
  const since = now - WORTH_RELEASING_MS
  const { last } = await query
    .selectFrom('calls')
    .select(({ fn }) => fn.max('ended_at').as('last'))
    .where('created_at', '>', since)
    .executeTakeFirstOrThrow()
  const rows = await query
    .selectFrom('calls')
    .innerJoin('call_events', 'call_events.call_id', 'calls.call_id')
    .selectAll('call_events')
    .select(['calls.direction', 'calls.trunk', 'calls.termination_reason'])
    .where('calls.created_at', '>', since)
    .where((where) =>
      where.or([
        where('calls.termination_reason', 'in', CUT_OFF),
        where('calls.ended_at', '>', (last ?? 0) - LAST_OF_A_RUN_MS),
      ]),
    )
    .where('call_events.type', 'in', TELLING)
    .orderBy('calls.created_at')
    .orderBy('call_events.call_id')
    .orderBy('call_events.seq')
    .execute()
  const dialogs: AbandonedDialog[] = []
  const invites: AbandonedInvite[] = []
  for (const ofCall of Map.groupBy(rows, (row) => row.call_id).values()) {
    const events = ofCall.map(decodeCallEvent)
    const [first] = events
    const [row] = ofCall
    if (!first || !row || !isCutOff(row.termination_reason, events)) continue
    const { callId } = first
    for (const left of dialogsLeftUp(events, row.trunk))
      dialogs.push({ callId, direction: row.direction, ...left })
    const invite = inviteLeftUp(events)
    if (invite) invites.push({ callId, invite })
  }
  return { dialogs, invites }
}

const isCutOff = (reason: TerminationReason | null, events: readonly CallEvent[]): boolean =>
  reason !== null &&
  (CUT_OFF.includes(reason) || events.some(({ type }) => type === 'sip.server_lost'))

/** What the caller is connected by, and what the human is whom it was transferred to. */
type DialogLeft = Pick<AbandonedDialog, 'dialog' | 'trunk'>

/**
 * The dialogs the events leave up. A BYE of ours counts only when it stands after the end: before it, the crash may have
 * come between the fact and its answer. Of two, one BYE after the end does not tell whose it was: both get another.
 */
export function dialogsLeftUp(events: readonly CallEvent[], trunk: string): readonly DialogLeft[] {
  const left = [callerLeftUp(events, trunk), humanLeftUp(events, trunk)].filter(
    (one) => one !== undefined,
  )
  const end = events.findIndex(({ type }) => type === 'call.ended')
  const released = events.filter(({ type }, at) => type === 'sip.bye' && end !== -1 && at > end)
  return released.length >= left.length ? [] : left
}

function callerLeftUp(events: readonly CallEvent[], trunk: string): DialogLeft | undefined {
  let dialog: DialogIdentity | undefined
  for (const event of events) {
    if (event.type === 'sip.answer_prepared') dialog = event.data
    if (event.type === 'sip.answered') dialog = identityIn(event.data)
    // We refused it after all.
    if (event.type === 'sip.failed') dialog = undefined
    // It crossed our 200 OK, which therefore never left.
    if (event.type === 'sip.cancel' && event.data.direction === 'received') return undefined
    if (event.type === 'sip.target_refreshed') dialog = dialog && { ...dialog, ...event.data }
    if (event.type === 'sip.bye' && event.data.direction === 'received') return undefined
  }
  return dialog && { dialog, trunk }
}

function humanLeftUp(events: readonly CallEvent[], trunk: string): DialogLeft | undefined {
  let left: DialogLeft | undefined
  let dialledBy = trunk
  for (const event of events) {
    if (event.type === 'transfer.invite') dialledBy = event.data.trunk
    if (event.type === 'transfer.answered')
      left = event.data.dialog ? { dialog: event.data.dialog, trunk: dialledBy } : undefined
    if (event.type === 'transfer.ended' && event.data.by === 'human') left = undefined
  }
  return left
}

/** Records of earlier versions lack the addresses: without them there is no BYE to send. */
const identityIn = (data: DialogIdentity): DialogIdentity | undefined =>
  'localAddress' in data ? data : undefined

/**
 * The INVITE that nobody answered, as far as the events know: the call's own, or that of its transfer. A CANCEL of ours
 * counts only after the end, as a BYE does; a failure that our own SIP server made says nothing about the phone when
 * that server was lost.
 */
export function inviteLeftUp(events: readonly CallEvent[]): InviteIdentity | undefined {
  let invite: InviteIdentity | undefined
  let ended = false
  for (const event of events) {
    if (PREPARES.has(event.type)) invite = event.data as InviteIdentity
    else if (event.type === 'sip.answered' || event.type === 'transfer.answered') invite = undefined
    else if (event.type === 'sip.failed' && event.data.local !== true) invite = undefined
    else if (event.type === 'transfer.failed' && event.data.sipStatus !== null) invite = undefined
    else if (event.type === 'sip.cancel' && ended) return undefined
    else if (event.type === 'call.ended') ended = true
  }
  return invite
}

const PREPARES: ReadonlySet<CallEventType> = new Set([
  'sip.invite_prepared',
  'transfer.invite_prepared',
])

interface MarkDeps extends LateEventDeps {
  readonly clock: Clock
}

export async function markReleased(
  deps: MarkDeps,
  callId: CallId,
  { released, sipStatus }: ReleaseOutcome,
): Promise<void> {
  const reason = released
    ? 'released after a crash'
    : `not released after a crash: ${sipStatus === null ? 'could not be sent' : `SIP ${sipStatus}`}`
  const data = { direction: 'sent', reason } as const
  await appendLate(deps, { type: 'sip.bye', callId, at: deps.clock.now(), data })
}

const CALLED_OFF: Readonly<Record<CallOffOutcome, string>> = {
  canceled: 'called off after a crash',
  'hung-up': 'called off after a crash: it had been answered, and was ended with BYE',
  gone: 'called off after a crash: the far end knew nothing of it',
  silent: 'not called off after a crash: no answer',
}

export async function markCalledOff(
  deps: MarkDeps,
  callId: CallId,
  outcome: CallOffOutcome,
): Promise<void> {
  const data = { direction: 'sent', reason: CALLED_OFF[outcome] } as const
  await appendLate(deps, { type: 'sip.cancel', callId, at: deps.clock.now(), data })
}
