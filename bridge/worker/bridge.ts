// The bridge as the main thread holds it: the MediaBridge port over a pool of media workers.
import { availableParallelism } from 'node:os'
import {
  ms,
  type CallId,
  type LocalRtp,
  type MediaBridge,
  type MediaEvent,
  type MediaSession,
  type MediaSessionOptions,
  type MediaStore,
  type Milliseconds,
  type PromptSource,
  type SpeechSource,
  type StreamSession,
  type StreamSessionOptions,
} from '#core/contracts'
import { AppError, codeOf } from '#core/errors'
import { waitFor, waitUntil } from '#core/lifecycle'
import type { Logger, Metrics, RootLogger } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { AgentConnectionConfig } from '../elevenlabs/agent-connection-config.ts'
import { createPromptLibrary, type PromptLibrary } from '../play/prompt-library.ts'
import { RecordingKeeper, type RecordingTold } from '../record/recording-keeper.ts'
import { makeSpool } from '../record/spool.ts'
import { pairsIn, partitionPorts } from '../rtp/port-pool.ts'
import { createAnswerGuard, NO_AGENT, type AnswerGuard } from '../session/answer-guard.ts'
import { SESSION_TIMING, type SessionTiming } from '../session/session-options.ts'
import type { RecordingConfig } from '../session/session-recording.ts'
import { countAgentSession, MediaMetrics } from './media-metrics.ts'
import type { ConversationConfig } from './messages.ts'
import { openWorkerPool, type WorkerPool } from './pool.ts'
import {
  RemoteSession,
  remoteSession,
  type RemoteSessionOptions,
  type WorkerLine,
} from './remote-session.ts'
import { RemoteStream } from './remote-stream.ts'

export interface BridgeDeps {
  readonly logger: RootLogger
  readonly metrics: Metrics
  readonly clock: Clock
  /** The mint's key: evidence is checked with it here and again in each worker. */
  readonly evidenceKey: Uint8Array
  /** For prompts that are words; absent when nobody can speak them. */
  readonly speech?: SpeechSource
  /** Without it nothing is recorded. */
  readonly recording?: RecordingDeps
}

export interface RecordingDeps extends RecordingConfig {
  readonly store: MediaStore
  /** A recording of a call of an earlier run was found, mended and kept, or could not be. */
  readonly onRescued: (callId: CallId, told: RecordingTold) => void
}

export interface BridgeConfig {
  /** Address the RTP sockets are bound to, and named in SDP. */
  readonly rtpHost: string
  readonly rtpPortMin: number
  readonly rtpPortMax: number
  /** Media worker threads; default: one a core, less the main thread's, at least one. */
  readonly workers?: number
  readonly agent: AgentConnectionConfig
  readonly conversation?: ConversationConfig
  readonly timing?: Partial<BridgeTiming>
}

export interface BridgeTiming extends SessionTiming {
  /** How long an RTP port rests after use (default 5 s). */
  readonly quarantineMs: number
}

const DEFAULT_CONVERSATION: ConversationConfig = { frameMs: 20, dtmf: 'user_message' }
const DEFAULT_TIMING: BridgeTiming = { ...SESSION_TIMING, quarantineMs: 5000 }

/**
 * Starts the media workers and resolves when all are ready. Called by main.ts.
 * @throws AppError `CONFIGURATION_INVALID` when the port range is too small, `TIMED_OUT` when a worker does not start.
 */
export async function openBridge(deps: BridgeDeps, config: BridgeConfig): Promise<MediaBridge> {
  const workers = config.workers ?? Math.max(1, availableParallelism() - 1)
  const { quarantineMs, ...timing } = { ...DEFAULT_TIMING, ...config.timing }
  const range = { min: config.rtpPortMin, max: config.rtpPortMax }
  const { recording } = deps
  const metrics = new MediaMetrics(deps.metrics)
  const pool = openWorkerPool(
    deps.logger,
    metrics,
    partitionPorts(range, workers).map((ports) => ({
      anchor: deps.clock.anchor,
      evidenceKey: deps.evidenceKey,
      logThreshold: deps.logger.threshold.cell,
      rtpHost: config.rtpHost,
      ports,
      quarantineMs,
      agent: config.agent,
      conversation: config.conversation ?? DEFAULT_CONVERSATION,
      recording: { policy: recording?.policy ?? 'off', spoolFolder: recording?.spoolFolder ?? '' },
      timing,
    })),
  )
  try {
    const recordings = recording && (await openRecordings(deps.logger, recording))
    await waitFor(pool.ready, { name: 'the media workers to start', timeout: ms(15_000) })
    deps.metrics.set('rtp_ports_limit', pairsIn(range))
    return new WorkerBridge(deps, pool, recordings)
  } catch (error) {
    await pool.close()
    throw error
  }
}

async function openRecordings(logger: Logger, deps: RecordingDeps): Promise<RecordingKeeper> {
  const recordings = new RecordingKeeper(logger, deps.store, deps.spoolFolder)
  await makeSpool(deps.spoolFolder)
  for await (const { callId, told } of recordings.rescueLeftOver()) deps.onRescued(callId, told)
  return recordings
}

class WorkerBridge implements MediaBridge {
  readonly #deps: BridgeDeps
  readonly #pool: WorkerPool
  /** Across all workers and their deaths: one agent a dialog. */
  readonly #guard: AnswerGuard
  readonly #recordings: RecordingKeeper | undefined
  readonly #prompts: PromptLibrary
  #accepting = true
  #closed: Promise<void> | null = null

  constructor(deps: BridgeDeps, pool: WorkerPool, recordings: RecordingKeeper | undefined) {
    this.#deps = deps
    this.#pool = pool
    this.#recordings = recordings
    this.#prompts = createPromptLibrary(deps.speech)
    this.#guard = createAnswerGuard(deps.evidenceKey)
  }

  async openSession(options: MediaSessionOptions): Promise<MediaSession> {
    this.#mustAccept()
    const neighbour = options.beside && remoteSession(options.beside)
    return this.#pool.openSession(
      { ...this.#birthOf(options), line: 'rtp', beside: neighbour?.session ?? null },
      (local, line) =>
        new RemoteSession({
          ...this.#partsOf(options, local, line),
          ...(neighbour !== undefined && { isSecondLeg: true, guard: NO_AGENT }),
        }),
    )
  }

  async openStream(options: StreamSessionOptions): Promise<StreamSession> {
    this.#mustAccept()
    const { sink } = options
    const logger = this.#deps.logger.child({ callId: options.callId })
    return this.#pool.openSession(
      { ...this.#birthOf(options), line: 'stream', beside: null },
      (local, line) => new RemoteStream({ ...this.#partsOf(options, local, line), sink, logger }),
    )
  }

  preparePrompt(source: PromptSource): Promise<Milliseconds> {
    return this.#prompts.prepare(source)
  }

  sessionCount(): number {
    return this.#pool.sessionCount()
  }

  async drain(deadline: Milliseconds): Promise<void> {
    this.#accepting = false
    await waitUntil(() => this.#pool.sessionCount() === 0, deadline)
  }

  close(): Promise<void> {
    this.#accepting = false
    this.#closed ??= this.#pool.close()
    return this.#closed
  }

  #mustAccept(): void {
    if (!this.#accepting) throw new AppError('INVALID_STATE', 'the bridge is closing')
  }

  /** What is not to be recorded anywhere is not recorded for one call either. */
  #birthOf({ callId, recording }: StreamSessionOptions | MediaSessionOptions) {
    return { callId, recording: this.#recordings === undefined ? null : (recording ?? null) }
  }

  #partsOf(
    { callId, onEvent }: StreamSessionOptions | MediaSessionOptions,
    local: LocalRtp,
    line: WorkerLine,
  ): RemoteSessionOptions {
    const count = countAgentSession(this.#deps.metrics)
    return {
      callId,
      local,
      isSecondLeg: false,
      guard: this.#guard,
      clock: this.#deps.clock,
      line,
      loadPrompt: (source) => this.#prompts.load(source),
      recordings: this.#recordings,
      onEvent: (event) => {
        count(event)
        this.#tell(callId, onEvent, event)
      },
    }
  }

  /** A listener's exception is its own: other sessions share this thread of messages. */
  #tell(callId: CallId, onEvent: MediaSessionOptions['onEvent'], event: MediaEvent): void {
    try {
      onEvent(event)
    } catch (error) {
      const about = { callId, type: event.type, code: codeOf(error) }
      this.#deps.logger.error({ err: error, ...about }, 'event lost')
    }
  }
}
