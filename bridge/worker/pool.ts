// The media workers of a bridge: each session goes to the least busy one and stays there; a worker that dies takes
// its sessions with it, tells so, and is replaced.
import { ms, type CallId, type LocalRtp } from '#core/contracts'
import { AppError } from '#core/errors'
import { waitFor } from '#core/lifecycle'
import type { Logger } from '#core/telemetry'
import type { MediaMetrics } from './media-metrics.ts'
import { MediaThread } from './media-thread.ts'
import type { FromWorker, SessionId, WorkerBirth } from './messages.ts'
import type { RemoteSession, WorkerLine } from './remote-session.ts'

/** Binding a port takes a fraction of a millisecond; a worker that does not answer is stuck. */
const OPEN_WITHIN_MS = 2000
/** At the end, sessions get this long to say goodbye to their agents. */
const CLOSE_WITHIN_MS = 2000

export type MakeSession = (local: LocalRtp, line: WorkerLine) => RemoteSession

export interface WorkerPool {
  readonly ready: Promise<unknown>
  /** @throws AppError `MEDIA_EXHAUSTED` when no worker has a free port. */
  openSession(callId: CallId, make: MakeSession): Promise<RemoteSession>
  sessionCount(): number
  close(): Promise<void>
}

/** A session being opened, or open. */
interface Assigned {
  readonly thread: MediaThread
  readonly make: MakeSession
  readonly opening: PromiseWithResolvers<RemoteSession>
  session: RemoteSession | null
}

export function openWorkerPool(
  logger: Logger,
  metrics: MediaMetrics,
  births: readonly WorkerBirth[],
): WorkerPool {
  return new ThreadPool(logger, metrics, births)
}

class ThreadPool implements WorkerPool {
  readonly ready: Promise<unknown>
  readonly #logger: Logger
  readonly #metrics: MediaMetrics
  readonly #threads: readonly MediaThread[]
  readonly #assigned = new Map<SessionId, Assigned>()
  #lastId = 0

  constructor(logger: Logger, metrics: MediaMetrics, births: readonly WorkerBirth[]) {
    this.#logger = logger
    this.#metrics = metrics
    this.#threads = births.map((birth, index) => {
      const name = `media-${index}`
      const thread: MediaThread = new MediaThread({
        name,
        birth,
        logger,
        onMessage: (message) => this.#received(name, message),
        onLost: () => this.#lost(thread),
      })
      return thread
    })
    this.ready = Promise.all(this.#threads.map((thread) => thread.ready))
  }

  async openSession(callId: CallId, make: MakeSession): Promise<RemoteSession> {
    const byLoad = this.#threads.filter((thread) => thread.isUsable)
    byLoad.sort((one, other) => one.load - other.load)
    let cause: unknown = null
    for (const thread of byLoad) {
      try {
        return await this.#openOn(thread, callId, make)
      } catch (error) {
        // Its part of the ports is taken, or it died: the next may do.
        cause = error
      }
    }
    throw new AppError('MEDIA_EXHAUSTED', 'no media worker could open an RTP port', { cause })
  }

  sessionCount(): number {
    return this.#assigned.size
  }

  async close(): Promise<void> {
    const sessions = [...this.#assigned.values()].map(async ({ session }) => session?.close())
    const goodbyes = waitFor(Promise.all(sessions), {
      name: 'media sessions to close',
      timeout: ms(CLOSE_WITHIN_MS),
    })
    await goodbyes.catch((error: unknown) => this.#logger.warn({ err: error }, 'media cut off'))
    await Promise.all(this.#threads.map((thread) => thread.close()))
    for (const id of [...this.#assigned.keys()]) this.#lose(id)
  }

  async #openOn(thread: MediaThread, callId: CallId, make: MakeSession): Promise<RemoteSession> {
    this.#lastId += 1
    const session = this.#lastId
    const opening = Promise.withResolvers<RemoteSession>()
    this.#assigned.set(session, { thread, make, opening, session: null })
    thread.load += 1
    thread.post({ type: 'open', session, callId })
    try {
      return await waitFor(opening.promise, {
        name: `${thread.name} to open an RTP port`,
        timeout: ms(OPEN_WITHIN_MS),
      })
    } catch (error) {
      // Should it open after all, nobody wants it.
      thread.post({ type: 'close', session })
      this.#forget(session)
      throw error
    }
  }

  #received(threadName: string, message: FromWorker): void {
    switch (message.type) {
      case 'ready':
        return
      case 'tally':
        this.#metrics.apply(threadName, message.report)
        return
      case 'log':
        this.#log(threadName, message.line)
        return
      case 'opened':
        this.#opened(message.session, message.local)
        return
      case 'open-failed':
        this.#assigned
          .get(message.session)
          ?.opening.reject(new AppError(message.code, message.message))
        return
      case 'event':
        this.#assigned.get(message.session)?.session?.received(message.event)
        return
      case 'closed': {
        const { session } = this.#assigned.get(message.session) ?? {}
        this.#forget(message.session)
        session?.closed(message.stats)
        return
      }
      default:
        message satisfies never
    }
  }

  #opened(id: SessionId, local: LocalRtp): void {
    const assigned = this.#assigned.get(id)
    if (assigned === undefined) return
    const { thread } = assigned
    assigned.session = assigned.make(local, {
      post: (command) => thread.post({ ...command, session: id }),
      abandon: () => {
        this.#forget(id)
        this.#logger.error({ thread: thread.name }, 'media worker does not answer')
      },
    })
    assigned.opening.resolve(assigned.session)
  }

  #lost(thread: MediaThread): void {
    this.#metrics.threadLost(thread.name)
    for (const [id, assigned] of [...this.#assigned]) {
      if (assigned.thread === thread) this.#lose(id)
    }
  }

  #lose(id: SessionId): void {
    const assigned = this.#assigned.get(id)
    this.#forget(id)
    if (assigned === undefined) return
    if (assigned.session === null)
      assigned.opening.reject(new AppError('MEDIA_EXHAUSTED', 'the media worker died'))
    else assigned.session.lost()
  }

  #forget(id: SessionId): void {
    const assigned = this.#assigned.get(id)
    if (assigned !== undefined && this.#assigned.delete(id)) assigned.thread.load -= 1
  }

  /** A worker's log line, written by our logger with the worker's name. */
  #log(threadName: string, line: string): void {
    const { level, msg, ...fields } = JSON.parse(line) as WorkerLogLine
    // `time` is the worker's; pino would write it a second time.
    this.#logger[level]({ ...fields, time: undefined, thread: threadName }, msg)
  }
}

interface WorkerLogLine {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'fatal'
  readonly msg: string
  readonly time: string
  readonly [field: string]: unknown
}
