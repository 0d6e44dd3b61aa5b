// The states of a call at Twilio, in the order they come, and how a call ended by its last word.
import { termination, type CallDirection, type Termination } from '#core/contracts'
import { endedByFailure } from '../calls/vendor-endings.ts'

/** In order: a callback that comes late tells of a state behind which the call already is. */
const RANK: Readonly<Record<string, number>> = {
  queued: 0,
  initiated: 1,
  ringing: 2,
  'in-progress': 3,
}

const FINAL: ReadonlySet<string> = new Set(['completed', 'busy', 'failed', 'no-answer', 'canceled'])

export const isFinal = (status: string): boolean => FINAL.has(status)

/** Whether a state is news behind the one that is known. A final one never goes back. */
export function isNews(known: string, told: string): boolean {
  if (isFinal(known)) return false
  if (isFinal(told)) return true
  return (RANK[told] ?? -1) > (RANK[known] ?? -1)
}

export interface FinalWord {
  readonly status: string
  readonly sipStatus: number | null
  readonly errorCode: string | null
}

interface Ended {
  readonly direction: CallDirection
  readonly isAnswered: boolean
}

/** How a call ended that we did not end ourselves. */
export function terminationOf(word: FinalWord, { direction, isAnswered }: Ended): Termination {
  const { sipStatus } = word
  const callee = direction === 'inbound' ? 'caller' : 'callee'
  switch (word.status) {
    case 'completed':
      return isAnswered
        ? termination('success', 'hangup', callee)
        : termination('client_error', 'canceled', callee, sipStatus)
    case 'busy':
      return termination('client_error', 'busy', 'callee', sipStatus ?? 486)
    case 'no-answer':
      return termination('client_error', 'no-answer', callee, sipStatus)
    case 'canceled':
      return termination('client_error', 'canceled', callee, sipStatus)
    default:
      return endedByFailure(sipStatus)
  }
}

/** AnsweredBy of machine detection: only what is surely a machine is called one. */
export function verdictOf(answeredBy: string | undefined): 'human' | 'machine' | 'fax' | 'unknown' {
  if (answeredBy === 'human' || answeredBy === 'fax') return answeredBy
  return answeredBy?.startsWith('machine') === true ? 'machine' : 'unknown'
}
