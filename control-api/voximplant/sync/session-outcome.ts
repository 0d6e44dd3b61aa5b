// How a session of the history went: the leg that matters, and how it ended. Voximplant's words for ends are not
// documented; its codes are those of SIP (CallEvents.Failed), and both are read.
import {
  outcomeOf,
  termination,
  type CallDirection,
  type CallOutcome,
  type Termination,
} from '#core/contracts'
import type { HistoryLeg, HistorySession } from '../vendor/vendor-answer.ts'

export interface SessionOutcome {
  readonly direction: CallDirection
  /** Undefined: nobody was called, and nobody called. */
  readonly leg: HistoryLeg | undefined
  readonly isAnswered: boolean
  readonly outcome: CallOutcome
  readonly ending: Termination
  /** Of SIP; null where none was told. */
  readonly code: number | null
}

export function outcomeOfSession(session: HistorySession): SessionOutcome {
  const leg = legThatMatters(session.legs)
  const direction = leg?.isIncoming === true ? 'inbound' : 'outbound'
  const isAnswered = leg?.isSuccessful === true
  const code = codeOf(leg?.endReason ?? null)
  const ending = isAnswered
    ? termination('success', 'hangup', farEnd(direction))
    : endingOf(session, { direction, leg, code })
  // The history does not say who picked up, a person or a machine.
  const outcome = outcomeOf(ending, { answered: isAnswered, verdict: null })
  return { direction, leg, isAnswered, outcome, ending, code }
}

/** Of a session that somebody called in on, the call that came in; else the first that was placed. */
function legThatMatters(legs: readonly HistoryLeg[]): HistoryLeg | undefined {
  const first = (some: readonly HistoryLeg[]): HistoryLeg | undefined =>
    some.reduce<HistoryLeg | undefined>(
      (found, leg) => (found === undefined || leg.startedAt < found.startedAt ? leg : found),
      undefined,
    )
  return first(legs.filter(({ isIncoming }) => isIncoming)) ?? first(legs)
}

const farEnd = (direction: CallDirection): 'caller' | 'callee' =>
  direction === 'inbound' ? 'caller' : 'callee'

interface Unanswered {
  readonly direction: CallDirection
  readonly leg: HistoryLeg | undefined
  readonly code: number | null
}

/** What the session itself failed of says more than the call that it took along. */
const BROKEN = /insufficient funds|internal error|js session error|terminated administratively/i

function endingOf(
  { finishReason }: HistorySession,
  { direction, leg, code }: Unanswered,
): Termination {
  if (leg === undefined || BROKEN.test(finishReason ?? ''))
    return termination('upstream_error', 'provider-failed', 'carrier', code)
  // Nobody picked up what came in: whoever called has hung up, or was told to.
  if (direction === 'inbound') return termination('client_error', 'no-answer', 'caller', code)
  const reason = reasonOf(code, leg.endReason ?? '')
  switch (reason) {
    case 'busy':
    case 'declined':
    case 'no-answer':
    case 'canceled':
      return termination('client_error', reason, 'callee', code)
    case 'rejected':
    case 'provider-failed':
      return termination('upstream_error', reason, 'carrier', code)
    default:
      return reason satisfies never
  }
}

type Reason = 'busy' | 'declined' | 'no-answer' | 'canceled' | 'rejected' | 'provider-failed'

function reasonOf(code: number | null, words: string): Reason {
  const byCode = code === null ? undefined : BY_CODE.get(code)
  if (byCode !== undefined) return byCode
  const byWords = BY_WORDS.find(([pattern]) => pattern.test(words))
  if (byWords !== undefined) return byWords[1]
  return code !== null && code >= 400 ? 'rejected' : 'provider-failed'
}

const BY_CODE: ReadonlyMap<number, Reason> = new Map([
  [486, 'busy'],
  [600, 'busy'],
  [408, 'no-answer'],
  [480, 'no-answer'],
  [603, 'declined'],
  [607, 'declined'],
  [608, 'declined'],
  [487, 'canceled'],
  // The account has no money, which is not the callee's doing.
  [402, 'provider-failed'],
])

const BY_WORDS: readonly (readonly [RegExp, Reason])[] = [
  [/busy/i, 'busy'],
  [/no.?answer|not answered|unavailable|time.?out|no user responding/i, 'no-answer'],
  [/decline|reject/i, 'declined'],
  [/cancel|request terminated/i, 'canceled'],
  [/funds|payment|balance/i, 'provider-failed'],
  [/not found|invalid number|forbidden|unallocated/i, 'rejected'],
]

/** A number of three digits that is a final one of SIP. */
function codeOf(words: string | null): number | null {
  const digits = /(?<!\d)([3-6]\d\d)(?!\d)/.exec(words ?? '')?.[1]
  return digits === undefined ? null : Number(digits)
}
