// The recording of one session: whether there is one, from when on, and what of it the call's owner is told. The file
// itself is written by record/recorder.ts.
import type { CallEventData, CallId, RecordingAction, RecordingPolicy } from '#core/contracts'
import type { Logger } from '#core/telemetry'
import type { FramePacer } from '../audio/frame-pacer.ts'
import { openRecorder, type RecordedFile, type Recorder } from '../record/recorder.ts'
import { spoolPath } from '../record/spool.ts'
import type { Pipeline } from './pipeline.ts'

export interface RecordingConfig {
  readonly policy: RecordingPolicy
  /** Where the files grow, before they are whole and go to the media store. */
  readonly spoolFolder: string
}

type RecordingFact = Extract<keyof CallEventData, `recording.${string}`>

export interface SessionRecordingDeps {
  readonly recording: RecordingConfig
  readonly logger: Logger
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number
  /** `epochMs`: what that clock showed at tick 0 of the frames. */
  readonly pacer: Pick<FramePacer, 'epochMs'>
}

export interface RecordingOwner {
  readonly callId: CallId
  readonly tell: <T extends RecordingFact>(type: T, data: CallEventData[T]) => void
}

export class SessionRecording {
  readonly #deps: SessionRecordingDeps
  readonly #pipeline: Pipeline
  readonly #owner: RecordingOwner
  #recorder: Recorder | null = null
  #mayStart = false

  constructor(deps: SessionRecordingDeps, pipeline: Pipeline, owner: RecordingOwner) {
    this.#deps = deps
    this.#pipeline = pipeline
    this.#owner = owner
  }

  /** There is something to record from now on. */
  answered(): void {
    const { policy } = this.#deps.recording
    this.#mayStart = policy !== 'off'
    if (policy === 'always') this.#start()
  }

  act(action: RecordingAction): void {
    if (action === 'start') this.#start()
    else if (action === 'pause') this.#pause()
    else this.#resume()
  }

  /** The file, whole; null when there is none. */
  finish(): Promise<RecordedFile | null> {
    this.#mayStart = false
    this.#pipeline.uplink.tap = null
    this.#pipeline.downlink.tap = null
    return this.#recorder?.finish() ?? Promise.resolve(null)
  }

  #start(): void {
    if (!this.#mayStart || this.#recorder !== null) return
    const { logger, now, recording } = this.#deps
    const { callId, tell } = this.#owner
    const recorder = openRecorder(
      { logger, now, onFailed: (detail) => tell('recording.failed', { detail }) },
      { path: spoolPath(recording.spoolFolder, callId), startedAtMs: now() },
    )
    this.#recorder = recorder
    this.#tap(recorder)
    tell('recording.started', {})
  }

  /** It hears both sides from now on. */
  #tap(recorder: Recorder): void {
    const { uplink, downlink } = this.#pipeline
    const { epochMs } = this.#deps.pacer
    uplink.tap = (line, codec) => recorder.caller(line, codec)
    downlink.tap = (packet, offset, codec, tickMs, skipped) =>
      recorder.agent(packet, offset, codec, epochMs + tickMs, skipped)
  }

  #pause(): void {
    if (this.#recorder?.state !== 'recording') return
    this.#recorder.pause()
    this.#owner.tell('recording.paused', {})
  }

  #resume(): void {
    if (this.#recorder?.state !== 'paused') return
    this.#recorder.resume()
    this.#owner.tell('recording.resumed', {})
  }
}
