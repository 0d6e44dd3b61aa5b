// What becomes of a submission on purpose, before and after there is a job.
import { pageOf } from './answer-sender.ts'
import type { JobFault, JobFaultKind, TaskFaults } from './job-faults.ts'
import type { Answer } from './studio-request.ts'

const REFUSALS = [
  'moderation',
  'text-moderation',
  'celebrity',
  'no-credit',
  'bad-face',
  'permission',
  'wrong-key',
  'rate-limited',
] as const satisfies readonly JobFaultKind[]

export type RefusalKind = (typeof REFUSALS)[number]

export type SubmissionFate =
  /** In the vendor's words. */
  | { readonly kind: 'refused'; readonly why: RefusalKind; readonly fault: JobFault }
  /** There is no job, and no sensible answer. */
  | { readonly kind: 'spoilt'; readonly answer: Answer }
  /** There is a job; `instead`: of the answer that tells of it. */
  | { readonly kind: 'made'; readonly instead: Answer | undefined; readonly slowMs: number }

const LOST: Answer = { status: 0, body: null, fate: 'lost' }
const NEVER: Answer = { status: 0, body: null, fate: 'never' }

export function fateOf(faults: TaskFaults): SubmissionFate {
  const fault = faults.take(...REFUSALS, 'unavailable', 'reset', 'hangs')
  const why = REFUSALS.find((kind) => kind === fault?.kind)
  if (fault !== undefined && why !== undefined) return { kind: 'refused', why, fault }
  if (fault?.kind === 'unavailable')
    return { kind: 'spoilt', answer: { status: 503, body: pageOf(503) } }
  if (fault !== undefined) return { kind: 'spoilt', answer: fault.kind === 'reset' ? LOST : NEVER }
  const after = faults.take('unavailable-after', 'answer-lost', 'hangs-after')
  const slow = faults.take('slow-answer')
  return { kind: 'made', instead: insteadOf(after), slowMs: slow ? (slow.ms ?? 300) : 0 }
}

function insteadOf(fault: JobFault | undefined): Answer | undefined {
  if (fault === undefined) return undefined
  if (fault.kind === 'unavailable-after') return { status: 502, body: pageOf(502) }
  return fault.kind === 'answer-lost' ? LOST : NEVER
}
