// A run of a job in the trace of the call that it is about, and what it asks of vendors below it. It may run long after
// the call has ended, in another process: the trace is found by the call's id alone.
import { decodeCallId } from '#core/contracts'
import { NO_SPAN, runUnder, type Tracing } from '#core/telemetry'
import type { Job, JobResult } from './job-queue.ts'

export async function tracedJob(
  tracing: Tracing,
  { jobId, kind, data, attempt }: Job,
  run: () => Promise<JobResult>,
): Promise<JobResult> {
  if (tracing.ratio <= 0) return run()
  const callId = decodeCallId(String(data['call_id']))
  // A job is begun from wherever the last one ended, so one about no call has to say so, too.
  if (callId === undefined) return runUnder(NO_SPAN, run)
  const span = tracing.inCall(callId).begin('job', {
    attributes: { 'voicegate.job': kind, 'voicegate.job_id': jobId, 'voicegate.attempt': attempt },
  })
  try {
    const result = await runUnder(span, run)
    const failed = result.kind === 'park'
    span.end({ attributes: { 'voicegate.result': result.kind }, failed })
    return result
  } catch (error) {
    span.end({ attributes: { 'voicegate.result': 'threw' }, failed: true })
    throw error
  }
}
