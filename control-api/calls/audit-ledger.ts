// The audit of one call's ledger: was every agent session opened on the answer it claims? Of SIP that is the 200 OK, of a
// vendor's telephony the stream that started on an answered call. Pure, and written without the guard's code, so that
// both would have to be wrong in the same way.
import type { CallEvent, EpochMs, LedgerEvidence } from '#core/contracts'

export const VIOLATION_KINDS = [
  'opened-without-answer', // no 200 OK in the ledger at all, and no stream of an answered call
  'opened-before-answer', //  the request left, or stands in the ledger, before that
  'stream-without-answer', // a stream started on a call that nobody had answered, with an agent or without
  'wrong-dialog', //          the evidence names another dialog than was answered
  'wrong-cseq', //            the evidence names another INVITE of the dialog (a re-INVITE)
  'second-session', //        more on one dialog than a session and, where it was told as failed, one more attempt
  'opened-after-end', //      asked for after the BYE, the CANCEL or the end
  'closed-late', //           open, or asked for, more than a second after these
  'not-closed', //            the ledger never says that it closed
] as const
export type ViolationKind = (typeof VIOLATION_KINDS)[number]

export interface Violation {
  readonly kind: ViolationKind
  /** Which session of the call, from 0; null: it is of none. */
  readonly session: number | null
}

/** Violations that mean money was spent without the answer that allows it. */
export const BEFORE_ANSWER: ReadonlySet<ViolationKind> = new Set([
  'opened-without-answer',
  'opened-before-answer',
  'wrong-dialog',
  'wrong-cseq',
  'second-session',
])

/** The socket may say goodbye to the agent, but not for longer than this. */
const CLOSE_WITHIN_MS = 1000
/** The order to open may be under way to the media worker when the BYE comes. */
const CROSSING_MS = 100

const ENDS: ReadonlySet<CallEvent['type']> = new Set([
  'sip.bye',
  'provider.stream_stopped',
  'provider.ended',
  'call.ended',
])

interface Session {
  readonly evidence: LedgerEvidence
  /** As the ledger numbers it; null when it was opened without a word of an attempt. */
  readonly attempt: number | null
  /** When the upgrade request left, by the earliest word of it. */
  requestedAt: EpochMs
  /** The same, by the latest word. */
  requestedLastAt: EpochMs
  /** Place of its first entry in the ledger. */
  readonly index: number
  opened: boolean
  closedAt: EpochMs | null
  /** It was told as failed before it closed in any other way: the vendor gave nothing, and its socket is gone. */
  failed: boolean
}

/** All that is wrong with a ledger, in the order of its sessions; [] when nothing is. */
export function auditLedger(events: readonly CallEvent[]): Violation[] {
  const answer = answerOf(events)
  const sessions = sessionsOf(events)
  const end = endOf(events, answer?.index ?? -1)
  const ofSessions = sessions.flatMap((session, number) => {
    const kinds: ViolationKind[] = []
    if (answer === undefined) {
      kinds.push('opened-without-answer')
    } else {
      if (session.requestedAt < answer.at || session.index < answer.index)
        kinds.push('opened-before-answer')
      if (session.evidence.dialog !== answer.dialog) kinds.push('wrong-dialog')
      else if (session.evidence.cseq !== answer.cseq) kinds.push('wrong-cseq')
    }
    if (isSecond(sessions, number)) kinds.push('second-session')
    if (end !== null) kinds.push(...lateness(session, end))
    return kinds.map((kind) => ({ kind, session: number }))
  })
  const early = isStreamEarly(events)
    ? [{ kind: 'stream-without-answer', session: null } as const]
    : []
  return [...early, ...ofSessions]
}

interface Answer {
  readonly index: number
  readonly at: EpochMs
  readonly dialog: string
  readonly cseq: number
}

/** What allows a session: the 200 OK, or the first stream behind the word that somebody picked up. */
function answerOf(events: readonly CallEvent[]): Answer | undefined {
  let isPickedUp = false
  for (const [index, event] of events.entries()) {
    if (event.type === 'provider.answered') isPickedUp = true
    if (event.type === 'sip.answered' || (event.type === 'provider.stream_started' && isPickedUp)) {
      const { dialog, cseq } = event.data
      return { index, at: event.at, dialog, cseq }
    }
  }
  return undefined
}

function isStreamEarly(events: readonly CallEvent[]): boolean {
  const started = events.findIndex(({ type }) => type === 'provider.stream_started')
  const picked = events.findIndex(({ type }) => type === 'provider.answered')
  return started !== -1 && (picked === -1 || picked > started)
}

/** An attempt and the opening it led to are one session; an opening without an attempt is one of its own. */
function sessionsOf(events: readonly CallEvent[]): readonly Session[] {
  const sessions: Session[] = []
  for (const [index, event] of events.entries()) {
    const last = sessions.at(-1)
    if (event.type === 'agent.attempted') {
      sessions.push(begin(event.data.evidence, event.data.attempt, event.at, index))
    } else if (event.type === 'agent.opened') {
      const { evidence, upgradeSentAt } = event.data
      if (last && !last.opened && last.closedAt === null && same(last.evidence, evidence)) {
        last.opened = true
        if (upgradeSentAt < last.requestedAt) last.requestedAt = upgradeSentAt
        if (upgradeSentAt > last.requestedLastAt) last.requestedLastAt = upgradeSentAt
      } else {
        sessions.push({ ...begin(evidence, null, upgradeSentAt, index), opened: true })
      }
    } else if (event.type === 'agent.attempt_failed') {
      // Only a first attempt can end so; of any other it is no close at all.
      if (last?.attempt === 1 && event.data.attempt === 1 && last.closedAt === null) {
        last.closedAt = event.at
        last.failed = true
      }
    } else if (event.type === 'agent.closed') {
      // One close is one session's: two open ones need two.
      const open = sessions.find(({ closedAt }) => closedAt === null)
      if (open) open.closedAt = event.at
    }
  }
  return sessions
}

const begin = (
  evidence: LedgerEvidence,
  attempt: number | null,
  requestedAt: EpochMs,
  index: number,
): Session => ({
  evidence,
  attempt,
  requestedAt,
  requestedLastAt: requestedAt,
  index,
  opened: false,
  closedAt: null,
  failed: false,
})

const same = (one: LedgerEvidence, other: LedgerEvidence): boolean =>
  one.dialog === other.dialog && one.cseq === other.cseq && one.answeredAt === other.answeredAt

function isSecond(sessions: readonly Session[], number: number): boolean {
  const session = sessions[number]
  if (session === undefined) return false
  const earlier = sessions
    .slice(0, number)
    .filter(({ evidence }) => evidence.dialog === session.evidence.dialog)
  const [first, ...more] = earlier
  if (first === undefined) return false
  return more.length > 0 || !isRetryOf(first, session)
}

/** The one second attempt that is allowed: on the same answer, when the first one had been told as failed. */
function isRetryOf(first: Session, second: Session): boolean {
  return (
    second.attempt === 2 &&
    first.failed &&
    same(first.evidence, second.evidence) &&
    first.closedAt !== null &&
    first.closedAt <= second.requestedAt
  )
}

/** The first word of the end: the BYE, the CANCEL, the vendor's last word, or that of its stream, or the end itself. */
function endOf(events: readonly CallEvent[], answeredIndex: number): EpochMs | null {
  const times = events.flatMap(({ type, at }, index) =>
    ENDS.has(type) || (type === 'sip.cancel' && cancels(index)) ? [at] : [],
  )
  return times.reduce<EpochMs | null>(
    (first, at) => (first === null || at < first ? at : first),
    null,
  )

  /** A CANCEL after the 200 OK has no effect (RFC 3261 §9.2). */
  function cancels(index: number): boolean {
    return answeredIndex === -1 || index < answeredIndex
  }
}

/** A session that was asked for counts from there on, opened or not: its request may have cost money. */
function lateness(session: Session, end: EpochMs): ViolationKind[] {
  const kinds: ViolationKind[] = []
  if (session.requestedLastAt - end > CROSSING_MS) kinds.push('opened-after-end')
  if (session.closedAt === null) kinds.push('not-closed')
  else if (session.closedAt - end > CLOSE_WITHIN_MS) kinds.push('closed-late')
  return kinds
}
