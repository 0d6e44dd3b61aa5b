// The job behind a recording at Twilio: into our store, then away there. What is erased meanwhile stays erased.
import { randomUUID } from 'node:crypto'
import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ms, type CallId, type MediaStore } from '#core/contracts'
import type { Logger, Metrics } from '#core/telemetry'
import type { Clock } from '#core/time'
import { BYTES_PER_PAIR, decodeWavHead, MOST_HEAD_BYTES } from '../calls/peaks/wav-head.ts'
import type { CallRecorder } from '../calls/recorder.ts'
import type { JobHandler, JobResult, JobRun } from '../jobs/job-queue.ts'
import type { TwilioAnswer, TwilioRest } from './client.ts'
import type { ProviderCallStore } from './provider-call-store.ts'

export interface FetchRecordingDeps {
  readonly rest: TwilioRest
  readonly store: ProviderCallStore
  readonly recorder: Pick<CallRecorder, 'append'>
  readonly mediaStore: MediaStore
  readonly clock: Clock
  readonly logger: Logger
  readonly metrics: Pick<Metrics, 'add'>
}

export const FETCH_OPTIONS = { concurrency: 2, lease: ms(180_000), maxAttempts: 8 }

/** Told as completed, and not to be had yet. */
const NOT_READY_DELAY = ms(5000)
const GIVE_UP_AFTER_MS = 3_600_000

/** @param folder for what is on its way in; what a crash left there is deleted */
export async function createRecordingFetch(
  deps: FetchRecordingDeps,
  folder: string,
): Promise<JobHandler> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true, mode: 0o700 })
  return async ({ data, askedAt }, run) => {
    const callId = String(data['call_id']) as CallId
    const sid = String(data['recording_sid'])
    const path = join(folder, `${randomUUID()}.wav`)
    try {
      const fetched = await deps.rest.recordingAudio(sid, path, run.signal)
      if (fetched.kind !== 'ok' && (await isKept(deps, callId, fetched))) return { kind: 'done' }
      if (fetched.kind !== 'ok') return notFetched(fetched, deps.clock.now() - askedAt)
      await keep(deps, callId, path, run)
    } finally {
      await rm(path, { force: true })
    }
    return forget(deps, callId, sid)
  }
}

async function keep(
  { mediaStore, recorder, clock, metrics }: FetchRecordingDeps,
  callId: CallId,
  path: string,
  run: JobRun,
): Promise<void> {
  const durationMs = await durationOf(path)
  if (!(await run.extend())) throw new Error('the lease of this job is lost')
  const { key, bytes, sha256 } = await mediaStore.putFile(
    `recordings/${callId}.wav`,
    path,
    'audio/wav',
  )
  await recorder.append({
    type: 'recording.stored',
    callId,
    at: clock.now(),
    data: { key, bytes, sha256, durationMs },
  })
  metrics.add('recordings_total', 1, { result: 'stored' })
}

/** It is ours now: no copy is left there. */
async function forget(
  { rest, store, clock, logger }: FetchRecordingDeps,
  callId: CallId,
  sid: string,
): Promise<JobResult> {
  const deleted = await rest.deleteRecording(sid)
  if (deleted.kind !== 'ok') {
    logger.warn({ err: deleted.error, callId }, 'Twilio did not delete a recording')
    return { kind: 'later', delay: ms(60_000) }
  }
  await store.change(callId, { recording_id: null, recording_state: 'over' }, clock.now())
  return { kind: 'done' }
}

type NotFetched = Exclude<TwilioAnswer<unknown>, { readonly kind: 'ok' }>

/** Its callback came once more, behind our deleting it there. */
async function isKept(
  { store }: FetchRecordingDeps,
  callId: CallId,
  { error }: NotFetched,
): Promise<boolean> {
  if (error.code !== 'NOT_FOUND') return false
  const row = await store.find(callId)
  return row?.recording_state === 'over' && row.recording_id === null
}

function notFetched(answer: NotFetched, ageMs: number): JobResult {
  const why = answer.error.message
  if (ageMs > GIVE_UP_AFTER_MS) return { kind: 'park', why }
  const isKey = answer.error.code === 'PROVIDER_NOT_CONFIGURED'
  if (answer.kind === 'refused' && isKey) return { kind: 'park', why }
  return { kind: 'later', delay: ms(Math.max(NOT_READY_DELAY, ageMs)) }
}

/** 0 of what is not stereo PCM: then nobody can draw it either. */
async function durationOf(path: string): Promise<number> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_HEAD_BYTES))
    const head = decodeWavHead(buffer.subarray(0, bytesRead))
    if (head.kind !== 'stereo') return 0
    // What its head says is not believed beyond what is there.
    const { size } = await file.stat()
    const audioBytes = Math.min(head.dataBytes, Math.max(0, size - head.dataAt))
    return Math.round((audioBytes / BYTES_PER_PAIR / head.sampleRate) * 1000)
  } finally {
    await file.close()
  }
}
