// The main thread's handle on one media worker: starts it, starts it anew when it dies, and hands its messages on.
import { Worker } from 'node:worker_threads'
import { AppError } from '#core/errors'
import type { Logger } from '#core/telemetry'
import type { FromWorker, ToWorker, WorkerBirth } from './messages.ts'

/** A worker that dies younger than this is started anew only after as long: no storm of starts. */
const RESTART_PAUSE_MS = 1000

/** Room for short-lived frames: collected seldom, and never in the middle of a frame for long (measured in bench). */
const YOUNG_GENERATION_MB = 64

export interface MediaThreadOptions {
  /** `media-0`: metric label and log field. */
  readonly name: string
  readonly birth: WorkerBirth
  readonly logger: Logger
  readonly onMessage: (message: FromWorker) => void
  /** The worker died unasked; a fresh one is on its way. */
  readonly onLost: () => void
}

type ThreadState =
  | { readonly kind: 'starting'; readonly worker: Worker }
  | { readonly kind: 'running'; readonly worker: Worker }
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
  #state: ThreadState

  constructor(options: MediaThreadOptions) {
    this.name = options.name
    this.#options = options
    this.ready = this.#becameReady.promise
    this.#state = this.#start()
  }

  get isUsable(): boolean {
    return this.#state.kind === 'starting' || this.#state.kind === 'running'
  }

  post(message: ToWorker): void {
    const state = this.#state
    if (state.kind === 'starting' || state.kind === 'running') state.worker.postMessage(message)
  }

  async close(): Promise<void> {
    const state = this.#state
    this.#state = { kind: 'closed' }
    if (state.kind === 'pausing') clearTimeout(state.timer)
    if (state.kind === 'starting' || state.kind === 'running') await state.worker.terminate()
  }

  #start(): ThreadState {
    const { birth, logger, name } = this.#options
    this.#startedAtMs = performance.now()
    const worker = new Worker(new URL('./thread.ts', import.meta.url), {
      name,
      workerData: birth,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
    })
    worker.on('message', (message: FromWorker) => this.#received(worker, message))
    worker.on('error', (error) => logger.error({ err: error, thread: name }, 'media worker failed'))
    worker.on('exit', () => this.#exited())
    return { kind: 'starting', worker }
  }

  #received(worker: Worker, message: FromWorker): void {
    if (this.#state.kind === 'closed') return
    if (message.type === 'ready') {
      this.#state = { kind: 'running', worker }
      this.#becameReady.resolve(undefined)
    } else {
      this.#options.onMessage(message)
    }
  }

  #exited(): void {
    const state = this.#state
    if (state.kind === 'closed') return
    if (state.kind === 'starting') {
      // Only the first start is waited for; later ones find the promise settled.
      this.#becameReady.reject(new AppError('INTERNAL', `${this.name} ended before it was ready`))
    }
    const lived = performance.now() - this.#startedAtMs
    const pauseMs = lived < RESTART_PAUSE_MS ? RESTART_PAUSE_MS : 0
    const timer = setTimeout(() => (this.#state = this.#start()), pauseMs)
    this.#state = { kind: 'pausing', timer }
    this.#options.logger.error({ thread: this.name, livedMs: lived }, 'media worker lost')
    this.#options.onLost()
  }
}
