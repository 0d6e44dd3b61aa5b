// What the old panel wrote in its columns, in our words: ids, numbers, statuses, times, money.
import { createHash } from 'node:crypto'
import { termination, type CallOutcome, type Termination } from '#core/contracts'
import { decodePhoneNumber } from '#core/phone-numbers'
import { isVendorId } from '../../elevenlabs/decode-conversation.ts'
import { decisionOf, textOf, timeOf } from '../../orders/liza/old-words.ts'
import type { DumpValue } from './dump-statements.ts'

export { textOf }

/** The same for the same, in whichever dump. */
export const idOf = (kind: string, ...names: readonly string[]): string =>
  createHash('sha256')
    .update(['old panel', kind, ...names].join('\n'))
    .digest('hex')

/** Of what the vendor numbers; null of anything else. */
export function digitsOf(value: DumpValue): string | null {
  const text = textOf(value)
  return text !== null && /^\d{1,20}$/.test(text) ? text : null
}

/** Nobody said no. */
export const isYes = (value: DumpValue): boolean => decisionOf(value) !== false

/** Seconds since 1970, as the panel wrote them, or a date of MySQL. */
export function millisecondsOf(value: DumpValue): number | null {
  const at = timeOf(value)
  return at === null ? null : Math.floor(at)
}

export function amountOf(value: DumpValue): number | null {
  const text = textOf(value)
  const amount = text === null ? Number.NaN : Number(text)
  return Number.isFinite(amount) && amount >= 0 ? amount : null
}

/** The vendor writes numbers without their plus. */
export function numberOf(value: DumpValue): string | null {
  const text = textOf(value)
  if (text === null) return null
  return decodePhoneNumber(text) ?? decodePhoneNumber(`+${text}`) ?? text.slice(0, 64)
}

export function conversationOf(value: DumpValue): string | null {
  const text = textOf(value)
  return text !== null && isVendorId(text) ? text : null
}

const OUTCOMES: Readonly<Record<string, CallOutcome>> = {
  answered: 'answered',
  completed: 'answered',
  busy: 'busy',
  'no-answer': 'no-answer',
  noanswer: 'no-answer',
  failed: 'failed',
}

/** Undefined of a status that nobody here knows. */
export const outcomeOf = (status: string): CallOutcome | undefined =>
  OUTCOMES[status.toLowerCase().replaceAll(/[_ ]/g, '-')]

/** @param callee who is on the other side of whoever called */
export function terminationOf(outcome: CallOutcome, callee: 'caller' | 'callee'): Termination {
  switch (outcome) {
    case 'busy':
      return termination('client_error', 'busy', callee)
    case 'no-answer':
      return termination('client_error', 'no-answer', callee)
    case 'answered':
      // Nobody wrote down who hung up.
      return termination('indeterminate', 'hangup', callee)
    default:
      return termination('upstream_error', 'provider-failed', 'carrier')
  }
}
