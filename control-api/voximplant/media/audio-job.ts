// The job behind the audio of a call: where the application records, until it is here, or as long as it may yet come. After
// that the call stays marked, for whoever asks by hand.
import { ms, type CallId } from '#core/contracts'
import type { Clock } from '#core/time'
import type { CallRepository } from '../../calls/repository.ts'
import type { JobHandler } from '../../jobs/job-queue.ts'
import type { ApplicationStore } from '../applications/application-store.ts'
import { decodeScenarioOptions } from '../applications/scenario-options.ts'
import type { VendorCallStore } from '../calls/call-store.ts'
import { LATE_MS, type AudioFetch } from './audio-fetch.ts'
import { isSettled } from './fetched.ts'
import type { PendingMark } from './pending-mark.ts'

export interface AudioJobDeps {
  readonly calls: Pick<CallRepository, 'find'>
  readonly vendorCalls: Pick<VendorCallStore, 'find'>
  readonly applications: Pick<ApplicationStore, 'find'>
  readonly audio: AudioFetch
  readonly pending: PendingMark
  readonly clock: Pick<Clock, 'now'>
}

export interface AudioTiming {
  readonly firstMs: number
  readonly maxMs: number
  readonly giveUpAfterMs: number
}

export const AUDIO_TIMING: AudioTiming = {
  firstMs: 10_000,
  maxMs: 3_600_000,
  giveUpAfterMs: LATE_MS,
}
export const AUDIO_OPTIONS = { concurrency: 4, lease: ms(300_000), maxAttempts: 8 }

export function createAudioJob(deps: AudioJobDeps, timing: AudioTiming = AUDIO_TIMING): JobHandler {
  return async ({ data, askedAt }, run) => {
    const callId = String(data['call_id']) as CallId
    if (!(await isWanted(deps, callId))) return { kind: 'done' }
    const came = await deps.audio.fetch(callId, run.signal)
    await deps.pending.mark(callId, !isSettled(came))
    const ageMs = deps.clock.now() - askedAt
    if (isSettled(came) || ageMs >= timing.giveUpAfterMs) return { kind: 'done' }
    // As long again as it has waited already.
    const delay = Math.min(timing.maxMs, Math.max(timing.firstMs, ageMs))
    return { kind: 'later', delay: ms(delay) }
  }
}

/** Nobody is recorded who did not agree, and nothing where the application does not record. */
async function isWanted(
  { calls, vendorCalls, applications }: AudioJobDeps,
  callId: CallId,
): Promise<boolean> {
  const [call, vendorCall] = [await calls.find(callId), await vendorCalls.find(callId)]
  if (call === undefined || vendorCall === undefined || call.consent_given === 0) return false
  const application = await applications.find(vendorCall.application_id)
  return application !== undefined && decodeScenarioOptions(application.options).recording !== 'off'
}
