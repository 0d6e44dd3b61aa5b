// What goes wrong on purpose with one job: written into its text (`[fault:moderation]`, `[fault:late:400]`), or told by
// whoever runs the simulator. A fault that passes is met once unless told otherwise, one that lasts always.

interface FaultKind {
  /** How often a task meets it unless told. */
  readonly times: number
  readonly meaning: string
  /** What the number behind the name is; `times` unless told. */
  readonly number?: 'ms' | undefined
}

const ALWAYS = Number.POSITIVE_INFINITY

export const JOB_FAULTS = {
  // When it is submitted.
  moderation: { times: ALWAYS, meaning: 'the photo is refused by moderation' },
  'text-moderation': { times: ALWAYS, meaning: 'the text is refused by moderation' },
  celebrity: { times: ALWAYS, meaning: 'a celebrity is recognised' },
  'no-credit': { times: ALWAYS, meaning: 'no credit is left' },
  'bad-face': { times: ALWAYS, meaning: 'there is no face in the photo' },
  permission: { times: ALWAYS, meaning: 'the account may not' },
  'wrong-key': { times: ALWAYS, meaning: 'the key is refused' },
  'rate-limited': { times: 1, meaning: '429 with Retry-After, N times' },
  unavailable: { times: 1, meaning: '503 and no job, N times' },
  'unavailable-after': { times: 1, meaning: 'a job, and 502 as the answer, N times' },
  reset: { times: 1, meaning: 'the connection breaks and there is no job, N times' },
  'answer-lost': { times: 1, meaning: 'a job, and the connection breaks, N times' },
  hangs: { times: 1, meaning: 'no job and no answer, N times' },
  'hangs-after': { times: 1, meaning: 'a job and no answer, N times' },
  'slow-answer': { times: 1, meaning: 'the answer comes after N ms', number: 'ms' },
  // While it renders.
  rejected: { times: ALWAYS, meaning: 'refused while it renders' },
  'render-error': { times: ALWAYS, meaning: 'fails while it renders, N times' },
  'never-finishes': { times: ALWAYS, meaning: 'renders for ever' },
  late: { times: ALWAYS, meaning: 'is done N ms later', number: 'ms' },
  'no-result-url': { times: 1, meaning: 'done without a result link, N times' },
  'unknown-status': { times: 2, meaning: 'a status nobody has heard of, N times' },
  // When its result is fetched.
  'expired-link': { times: 1, meaning: 'the result link has expired already, N times' },
  gone: { times: 1, meaning: 'the result is not found, N times' },
  'result-unavailable': { times: 1, meaning: '503 in place of the result, N times' },
  truncated: { times: 1, meaning: 'the connection breaks in the middle of the result, N times' },
  short: { times: 1, meaning: 'half of the result and a clean end, N times' },
  'wrong-length': { times: 1, meaning: 'Content-Length is smaller than the result, N times' },
  damaged: { times: 1, meaning: 'the result has a hole of zeros, N times' },
  html: { times: 1, meaning: 'a page for humans as the result, N times' },
  endless: { times: 1, meaning: 'the result never ends, N times' },
  stalled: { times: 1, meaning: 'the result stops in the middle, N times' },
  // When it tells that it is over.
  'webhook-first': { times: ALWAYS, meaning: 'the webhook comes before the answer' },
  'webhook-twice': { times: ALWAYS, meaning: 'the webhook comes twice' },
  'webhook-never': { times: ALWAYS, meaning: 'no webhook' },
  'webhook-forged': { times: ALWAYS, meaning: 'a forged webhook alone' },
  'webhook-stale': { times: ALWAYS, meaning: 'the webhook is an hour old' },
  'webhook-late': { times: ALWAYS, meaning: 'the webhook comes N ms later', number: 'ms' },
} as const satisfies Readonly<Record<string, FaultKind>>

export type JobFaultKind = keyof typeof JOB_FAULTS

export interface JobFault {
  readonly kind: JobFaultKind
  /** How often a task meets it, over all its submissions. Default: as JOB_FAULTS says. */
  readonly times?: number | undefined
  /** Of `late`, `webhook-late`, `slow-answer`. Default 300. */
  readonly ms?: number | undefined
  /** Of `rate-limited`. Default 1. */
  readonly retryAfterSeconds?: number | undefined
}

const isKind = (text: string): text is JobFaultKind => Object.hasOwn(JOB_FAULTS, text)

/** What a text asks for; words that are no fault are no fault. */
export function faultsIn(text: string): JobFault[] {
  return [...text.matchAll(/\[fault:([a-z-]+)(?::(\d{1,9}))?\]/g)].flatMap(
    ([, kind = '', number]) => {
      if (!isKind(kind)) return []
      if (number === undefined) return [{ kind }]
      const known: FaultKind = JOB_FAULTS[kind]
      return [
        known.number === 'ms' ? { kind, ms: Number(number) } : { kind, times: Number(number) },
      ]
    },
  )
}

/** Those of one task, used up by being met. */
export class TaskFaults {
  readonly #due: { readonly fault: JobFault; left: number }[] = []

  add(faults: readonly JobFault[]): void {
    for (const fault of faults)
      this.#due.push({ fault, left: fault.times ?? JOB_FAULTS[fault.kind].times })
  }

  has(kind: JobFaultKind): boolean {
    return this.#due.some(({ fault, left }) => left > 0 && fault.kind === kind)
  }

  /** The first of these that is left, used up by one. */
  take(...kinds: readonly JobFaultKind[]): JobFault | undefined {
    const due = this.#due.find(({ fault, left }) => left > 0 && kinds.includes(fault.kind))
    if (due !== undefined) due.left -= 1
    return due?.fault
  }
}

const MOST_TASKS = 20_000

export interface Submitted {
  readonly clientRef: string | null
  readonly text: string | null
}

/** Submissions of one task have one text, and references that differ by a number at the end. */
const taskOf = ({ clientRef, text }: Submitted): string | null =>
  clientRef === null ? null : `${clientRef.replace(/[-#.:]\d+$/, '')} ${text ?? ''}`

/** A task's submissions share its faults. */
export class JobFaultBook {
  readonly #tasks = new Map<string, TaskFaults>()
  readonly #queue: { readonly faults: readonly JobFault[]; left: number }[] = []

  add(faults: readonly JobFault[], times: number): void {
    this.#queue.push({ faults, left: times })
  }

  /** @param fresh what this task meets, when it is met for the first time */
  of(submission: Submitted, fresh: () => readonly JobFault[]): TaskFaults {
    const task = taskOf(submission)
    const known = task === null ? undefined : this.#tasks.get(task)
    if (known !== undefined) return known
    const faults = new TaskFaults()
    faults.add(fresh())
    const queued = this.#queue.find(({ left }) => left > 0)
    if (queued !== undefined) {
      queued.left -= 1
      faults.add(queued.faults)
    }
    if (task === null) return faults
    this.#tasks.set(task, faults)
    const oldest = this.#tasks.keys().next()
    if (this.#tasks.size > MOST_TASKS && oldest.done !== true) this.#tasks.delete(oldest.value)
    return faults
  }
}
