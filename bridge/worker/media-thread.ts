// The main thread's handle on one media worker: starts it, starts it anew when it dies or stalls, and hands its
// messages on.
import { Worker } from 'node:worker_threads'
import { ms } from '#core/contracts'
import { AppError } from '#core/errors'
import { waitFor } from '#core/lifecycle'
import { inBackground, type Logger } from '#core/telemetry'
import { backOffAfter, type BackOff } from '#core/time'
import type { WorkerLoss } from './media-metrics.ts'
import type { FromWorker, ToWorker, WorkerBirth } from './messages.ts'

/** Between starts: hardly any pause after a death out of the blue, and no storm of starts when they all fail. */
const START_AGAIN: BackOff = { firstMs: 200, maxMs: 30_000 }
/** A worker that lived for so long was well: its death is the first in a row. */
const STEADY_MS = 60_000
/** A worker tells its tally each second. */
const STALLED_AFTER_MS = 5000
/** Loading the program takes a quarter of a second, and longer on a machine that is starved. */
const STARTED_WITHIN_MS = 30_000
/** Behind by this much, a call on it would already be heard to stutter: new calls go elsewhere. */
const LAGGING_SECONDS = 0.05
/** Two tallies missed: it may be about to be given up. */
const QUIET_MS = 2500
/** More than any number of sessions. */
const IN_TROUBLE = 1e9
/** A thread ends within milliseconds, unless it is inside a system call that does not return. */
const END_WITHIN_MS = 2000

/** Room for short-lived frames: collected seldom, and never in the middle of a frame for long (measured in bench). */
const YOUNG_GENERATION_MB = 64

export interface MediaThreadOptions {
  /** `media-0`: metric label and log field. */
  readonly name: string
  /** The program of the thread. */
  readonly entry: URL
  readonly birth: WorkerBirth
  readonly logger: Logger
  readonly onMessage: (message: FromWorker) => void
  /** The worker died or stalled, and its sessions with it; a fresh one is on its way. */
  readonly onLost: (reason: WorkerLoss) => void
}

type ThreadState =
  | { readonly kind: 'starting' | 'running'; readonly worker: Worker }
  /** Given up, and being ended: what it held is free only then. */
  | { readonly kind: 'ending' }
  | { readonly kind: 'pausing'; readonly timer: NodeJS.Timeout }
  | { readonly kind: 'closed' }

export class MediaThread {
  readonly name: string
  readonly ready: Promise<void>
  /** Sessions assigned; kept by the pool. */
  load = 0
  readonly #options: MediaThreadOptions
  readonly #becameReady = Promise.withResolvers<undefined>()
  #startedAtMs = 0
  #silentMs = 0
  #lagSeconds = 0
  /** In a row. */
  #failures = 0
  #state: ThreadState
  /** The last worker that was given up. */
  #ending: Promise<unknown> = Promise.resolve()

  constructor(options: MediaThreadOptions) {
    this.name = options.name
    this.#options = options
    this.ready = this.#becameReady.promise
    this.#state = this.#start()
  }

  /**
   * How gladly a session is placed here: null not at all, else the lower the better. One that is in trouble or not yet
   * up comes after all that are well, whatever they carry.
   */
  get burden(): number | null {
    const { kind } = this.#state
    if (kind !== 'starting' && kind !== 'running') return null
    const isWell =
      kind === 'running' && this.#lagSeconds < LAGGING_SECONDS && this.#silentMs < QUIET_MS
    return isWell ? this.load : this.load + IN_TROUBLE
  }

  post(message: ToWorker, transferred: readonly ArrayBuffer[] = []): void {
    const state = this.#state
    if (state.kind === 'starting' || state.kind === 'running')
      state.worker.postMessage(message, transferred)
  }

  /** So much time has passed in which we would have heard it. */
  passed(awakeMs: number): void {
    const state = this.#state
    if (state.kind !== 'starting' && state.kind !== 'running') return
    this.#silentMs += awakeMs
    const limitMs = state.kind === 'starting' ? STARTED_WITHIN_MS : STALLED_AFTER_MS
    if (this.#silentMs < limitMs) return
    this.#state = { kind: 'ending' }
    this.#end(state.worker)
    void this.#ending.then(() => {
      if (this.#state.kind === 'ending') this.#lose(state.kind, 'stalled')
    })
  }

  async close(): Promise<void> {
    const state = this.#state
    this.#state = { kind: 'closed' }
    if (state.kind === 'pausing') clearTimeout(state.timer)
    if (state.kind === 'starting' || state.kind === 'running') this.#end(state.worker)
    await this.#ending
  }

  #start(): ThreadState {
    const { birth, entry, logger, name } = this.#options
    this.#startedAtMs = performance.now()
    this.#silentMs = 0
    this.#lagSeconds = 0
    const worker = new Worker(entry, {
      name,
      workerData: birth,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    })
    worker.on('message', (message: FromWorker) => this.#received(worker, message))
    worker.on('error', (error) => logger.error({ err: error, thread: name }, 'media worker failed'))
    worker.on('exit', () => {
      const state = this.#state
      if ('worker' in state && state.worker === worker) this.#lose(state.kind, 'died')
    })
    return { kind: 'starting', worker }
  }

  #received(worker: Worker, message: FromWorker): void {
    const state = this.#state
    // What it logged is true, whatever became of it.
    if (message.type === 'log') {
      this.#options.onMessage(message)
      return
    }
    // One that was given up may have said something before it ended.
    if (!('worker' in state) || state.worker !== worker) return
    this.#silentMs = 0
    if (message.type === 'tally') this.#lagSeconds = message.report.gauges.eventLoopLagSeconds
    if (message.type === 'ready') this.#started(worker)
    else this.#options.onMessage(message)
  }

  #started(worker: Worker): void {
    this.#state = { kind: 'running', worker }
    this.#becameReady.resolve(undefined)
    if (this.#failures === 0) return
    const startMs = performance.now() - this.#startedAtMs
    this.#options.logger.info({ thread: this.name, startMs }, 'media worker replaced')
  }

  #lose(was: 'starting' | 'running', reason: WorkerLoss): void {
    const { logger, onLost } = this.#options
    const livedMs = performance.now() - this.#startedAtMs
    this.#failures = livedMs >= STEADY_MS ? 1 : this.#failures + 1
    const pauseMs = backOffAfter(this.#failures, START_AGAIN, Math.random)
    this.#state = { kind: 'pausing', timer: setTimeout(() => this.#startAgain(), pauseMs) }
    const fields = { thread: this.name, reason, livedMs, failures: this.#failures, pauseMs }
    if (was === 'starting') {
      logger.error(fields, 'media worker did not start')
      // Only the first start is waited for; later ones find the promise settled.
      this.#becameReady.reject(new AppError('INTERNAL', `${this.name} ended before it was ready`))
    } else {
      logger.error(fields, 'media worker lost')
    }
    onLost(reason)
  }

  #startAgain(): void {
    try {
      this.#state = this.#start()
    } catch (error) {
      // The system has no thread for us now: the next try comes after a longer pause.
      this.#options.logger.error({ err: error, thread: this.name }, 'media worker failed')
      this.#lose('starting', 'died')
    }
  }

  /** Its sockets close with it. */
  #end(worker: Worker): void {
    const ended = waitFor(worker.terminate(), {
      name: `${this.name} to end`,
      timeout: ms(END_WITHIN_MS),
    })
    this.#ending = ended.catch(() => undefined) // Logged below.
    inBackground(ended, this.#options.logger, 'ending a media worker')
  }
}
