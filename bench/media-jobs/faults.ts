// What goes wrong with every fifth animation, and how it must end all the same.
export interface BenchFault {
  readonly fault: string
  readonly end: 'done' | 'failed'
}

const FAULTS: readonly BenchFault[] = [
  { fault: 'moderation', end: 'failed' },
  { fault: 'rate-limited', end: 'done' },
  { fault: 'unavailable-after', end: 'done' },
  { fault: 'answer-lost', end: 'done' },
  { fault: 'rejected', end: 'failed' },
  { fault: 'unknown-status', end: 'done' },
  { fault: 'expired-link', end: 'done' },
  { fault: 'truncated', end: 'done' },
  { fault: 'damaged', end: 'done' },
  { fault: 'html', end: 'done' },
  { fault: 'webhook-twice', end: 'done' },
  { fault: 'webhook-never', end: 'done' },
]
const EVERY = 5

/** Of the n-th. */
export const faultOf = (n: number): BenchFault | undefined =>
  n % EVERY === 0 ? FAULTS[(n / EVERY) % FAULTS.length] : undefined
