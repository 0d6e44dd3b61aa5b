// When, how often and how truly a job's end is told by webhook.
import { setTimeout as sleep } from 'node:timers/promises'
import type { StudioJob } from './studio-job.ts'

export interface Telling {
  readonly isForged: boolean
  /** An hour old. */
  readonly isStale: boolean
}

const FIRST_MS = 10_000

/** @param send once; resolves when it was answered */
export async function tellOfEnd(
  { faults }: StudioJob,
  send: (telling: Telling) => Promise<unknown>,
  closing: AbortSignal,
): Promise<void> {
  if (faults.take('webhook-never') !== undefined) return
  const late = faults.take('webhook-late')
  const options = { signal: closing }
  // Rejects when all is closed, which is looked at next.
  if (late) await sleep(late.ms ?? 300, undefined, options).catch(() => undefined)
  if (closing.aborted) return
  const telling = { isForged: faults.has('webhook-forged'), isStale: faults.has('webhook-stale') }
  await send(telling)
  if (faults.take('webhook-twice') !== undefined) await send(telling)
}

/** Before the answer to its submission, where a job is to be told of so early. */
export async function whenToldFirst(job: StudioJob, closing: AbortSignal): Promise<void> {
  if (job.faults.take('webhook-first') === undefined) return
  const told = job.over.then(() => job.told)
  // Rejects when all is closed: there is nothing to wait for then.
  const tired = sleep(FIRST_MS, undefined, { signal: closing }).catch(() => undefined)
  await Promise.race([told, tired])
}
