// The job that dials a call again. Exactly once: the id of the attempt was decided with the end of the one before, and a
// call of that id is placed by nobody twice.
import {
  decodeCallId,
  epochMs,
  ms,
  type CallId,
  type EpochMs,
  type OriginateRequest,
} from '#core/contracts'
import { codeOf, ERROR_REGISTRY, messageOf, type ErrorCode } from '#core/errors'
import type { Logger } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { CallRecorder } from '../calls/recorder.ts'
import type { Database } from '../db/database.ts'
import type { Job, JobHandler, JobResult, WorkOptions } from '../jobs/job-queue.ts'
import type { CallRequests, StoredRequest } from './call-requests.ts'
import type { Dialler } from './dialler.ts'
import type { Dialling } from './dial-budgets.ts'

export const REDIAL_OPTIONS: WorkOptions = { concurrency: 4, lease: ms(60_000), maxAttempts: 5 }

/** Nobody wants to be rung in the night because a process was down, or full, since the evening. */
const MAX_LATE_MS = 3600_000
const ASK_AGAIN_SECONDS = 10

/** Of a passing kind by their code, but not within the hour: the day of a budget is over at night. */
const NOT_TODAY: ReadonlySet<ErrorCode> = new Set(['DIAL_BUDGET_SPENT'])

export interface RedialDeps {
  readonly logger: Logger
  readonly clock: Clock
  readonly database: Database
  readonly recorder: CallRecorder
  readonly requests: CallRequests
  readonly dialler: Dialler
  /** Who pays; undefined when that key is no more. */
  readonly diallingOf: (keyId: string) => Dialling | undefined
}

interface Due {
  /** The first attempt. */
  readonly of: CallId
  readonly attempt: number
  readonly callId: CallId
  /** The attempt before. */
  readonly after: CallId
  readonly dueAt: EpochMs
}

const DONE: JobResult = { kind: 'done' }

export function redialHandler(deps: RedialDeps): JobHandler {
  return async (job) => {
    const due = decodeDue(job)
    if (!due) return { kind: 'park', why: 'it does not say which call is dialled' }
    if (await deps.dialler.find(due.callId)) return dialled(deps, due)
    const stored = await deps.requests.find(due.of)
    // Taken back meanwhile.
    if (!stored) return dialled(deps, due)
    if (deps.clock.now() - due.dueAt > MAX_LATE_MS) return giveUp(deps, due, 'too late')
    const by = deps.diallingOf(stored.keyId)
    if (!by) return giveUp(deps, due, 'its key is no more')
    return attempt(deps, due, { stored, by, isLastRun: job.attempt >= REDIAL_OPTIONS.maxAttempts })
  }
}

interface Attempt {
  readonly stored: StoredRequest
  readonly by: Dialling
  readonly isLastRun: boolean
}

async function attempt(
  deps: RedialDeps,
  due: Due,
  { stored, by, isLastRun }: Attempt,
): Promise<JobResult> {
  const { callId, of, attempt: number } = due
  const request: OriginateRequest = { ...stored.request, retry: { of, attempt: number } }
  try {
    await deps.dialler.place({ callId, request, retry: stored.retry, by })
    return await dialled(deps, due)
  } catch (error) {
    // Its record is there: it was an attempt, and its own end decides what follows.
    if (await deps.dialler.find(callId)) return dialled(deps, due)
    const code = codeOf(error)
    if (code === undefined && !isLastRun) throw error
    const isPassing = code !== undefined && ERROR_REGISTRY[code].retryable && !isOfDay(error)
    if (isPassing || code === 'STATE_CONFLICT') return later(error)
    return giveUp(deps, due, code ?? messageOf(error))
  }
}

/** The record of the attempt before no longer says that one is due. */
async function dialled({ database, recorder }: RedialDeps, { after }: Due): Promise<JobResult> {
  const told = { next_attempt_at: null }
  if (recorder.find(after)) recorder.assign(after, told)
  await database.write([database.query.updateTable('calls').set(told).where('call_id', '=', after)])
  return DONE
}

async function giveUp(deps: RedialDeps, { of, attempt: number }: Due, why: string) {
  await deps.database.write(deps.requests.forgotten(of))
  deps.logger.warn({ callId: of, attempt: number, why }, 'a call is not dialled again')
  return DONE
}

function later(error: unknown): JobResult {
  const seconds = retryAfterOf(error) ?? ASK_AGAIN_SECONDS
  return { kind: 'later', delay: ms(Math.min(seconds, 60) * 1000) }
}

const isOfDay = (error: unknown): boolean => {
  const code = codeOf(error)
  return code !== undefined && NOT_TODAY.has(code) && (retryAfterOf(error) ?? 0) > 60
}

function retryAfterOf(error: unknown): number | undefined {
  const seconds =
    typeof error === 'object' && error !== null && 'retryAfterSeconds' in error
      ? error.retryAfterSeconds
      : undefined
  return typeof seconds === 'number' ? seconds : undefined
}

function decodeDue({ data }: Job): Due | undefined {
  const of = decodeCallId(String(data['of']))
  const callId = decodeCallId(String(data['call_id']))
  const after = decodeCallId(String(data['after']))
  const number = Number(data['attempt'])
  const dueAt = Number(data['due_at'])
  if (!of || !callId || !after || !(number >= 2) || Number.isNaN(dueAt)) return undefined
  return { of, attempt: number, callId, after, dueAt: epochMs(dueAt) }
}
