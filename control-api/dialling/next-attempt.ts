// Whether a call that has ended is dialled again, when, and under which id. Pure: everything follows from the record, so
// that it comes out the same however often it is asked.
import { createHash } from 'node:crypto'
import {
  epochMs,
  type CallId,
  type CallOutcome,
  type EpochMs,
  type Termination,
} from '#core/contracts'
import type { CallRow, CallUpdate } from '../db/schema.ts'
import {
  decodePolicy,
  encodePolicy,
  RETRIED_OUTCOMES,
  type RetriedOutcome,
} from './retry-policy.ts'

/**
 * ITU-T Q.850 causes after which nobody is rung again, whatever the SIP status says of it: the callee refused (21), or
 * the number leads nowhere (1 unallocated, 22 changed, 28 incomplete).
 */
const NEVER_AGAIN: ReadonlySet<number> = new Set([1, 21, 22, 28])

/** Failures of a passing kind: of ours, or on the way there. What another attempt would only repeat is not among them. */
const PASSING: ReadonlySet<Termination['reason']> = new Set([
  'no-response',
  'unreachable',
  'media-lost',
  'media-server-lost',
  'sip-server-lost',
  'shutdown',
  'gateway-crashed',
])

export type Attempted = Pick<CallRow, 'attempt' | 'retry_policy'>

interface AttemptEnd {
  readonly outcome: CallOutcome
  readonly termination: Termination
  readonly at: EpochMs
}

/** The end of an attempt: when the next one is due. */
export function foldEndOfAttempt(row: Attempted, end: AttemptEnd): CallUpdate {
  if (row.retry_policy === null) return {}
  const { attempts, after_seconds, on } = decodePolicy(row.retry_policy)
  const { outcome, termination, at } = end
  const isDue =
    row.attempt <= attempts &&
    isRetried(outcome) &&
    on.includes(outcome) &&
    (outcome !== 'failed' || isPassing(termination))
  return isDue ? { next_attempt_at: at + after_seconds * 1000 } : {}
}

/** A refusal in the words of telephony (Q.850), which may be plainer than its SIP status. */
export function foldRefusal(
  row: Attempted,
  { q850Cause }: { readonly q850Cause?: number },
): CallUpdate {
  return q850Cause !== undefined && NEVER_AGAIN.has(q850Cause) ? withoutFurther(row) : {}
}

/** The policy as it is kept when no attempt may follow this one. */
export function withoutFurther({ attempt, retry_policy }: Attempted): CallUpdate {
  if (retry_policy === null) return {}
  const policy = { ...decodePolicy(retry_policy), attempts: attempt - 1 }
  return { retry_policy: encodePolicy(policy), next_attempt_at: null }
}

/** Whether an attempt may follow one that has not ended yet. */
export const mayFollow = ({ attempt, retry_policy }: Attempted): boolean =>
  retry_policy !== null && attempt <= decodePolicy(retry_policy).attempts

/** A call id like any other (UUIDv7, RFC 9562 §5.7), but the same one each time it is asked for. */
export function idOfAttempt(of: CallId, attempt: number, dueAt: EpochMs): CallId {
  const time = Math.floor(dueAt).toString(16).padStart(12, '0').slice(-12)
  const digest = createHash('sha256').update(`${of} ${attempt}`).digest('hex')
  return `call_${time}7${digest.slice(0, 3)}8${digest.slice(3, 18)}` as CallId
}

/** The first call of the attempts that this one belongs to. */
export const firstOf = (row: Pick<CallRow, 'call_id' | 'retry_of'>): CallId =>
  (row.retry_of ?? row.call_id) as CallId

export const dueAt = (row: Pick<CallRow, 'next_attempt_at'>): EpochMs | null =>
  row.next_attempt_at === null ? null : epochMs(row.next_attempt_at)

const isRetried = (outcome: CallOutcome): outcome is RetriedOutcome =>
  (RETRIED_OUTCOMES as readonly string[]).includes(outcome)

/** A carrier's refusal passes when it speaks of the server (5xx): 4xx and 6xx speak of us, the number or the callee. */
const isPassing = ({ reason, sipStatus }: Termination): boolean =>
  PASSING.has(reason) ||
  (reason === 'rejected' && sipStatus !== null && sipStatus >= 500 && sipStatus < 600)
