// The media workers of a bridge: each session goes to the least busy one and stays there; a worker that dies or stalls
// takes its sessions with it, tells so, and is replaced.
import { ms, type LocalRtp } from '#core/contracts'
import { AppError, codeOf } from '#core/errors'
import { waitFor } from '#core/lifecycle'
import type { Logger } from '#core/telemetry'
import { AwakeTime } from './awake-time.ts'
import type { MediaMetrics, WorkerLoss } from './media-metrics.ts'
import { MediaThread } from './media-thread.ts'
import type { FromWorker, SessionBirth, SessionId, WorkerBirth } from './messages.ts'
import type { RemoteSession, WorkerLine } from './remote-session.ts'
import { RemoteStream } from './remote-stream.ts'
import { relayLog } from './worker-log.ts'

/** Binding a port takes a fraction of a millisecond; a worker that does not answer is stuck. */
const OPEN_WITHIN_MS = 2000
/** At the end, sessions get this long to say goodbye to their agents. */
const CLOSE_WITHIN_MS = 2000
/** And then their recordings, to be mended and put into the store: half a second more than a session waits for its own. */
const KEEP_WITHIN_MS = 5500
/** How often the workers' silence is looked at. */
const WATCH_EVERY_MS = 500
const THREAD_PROGRAM = new URL('./thread.ts', import.meta.url)

const SEE_LOG =
  'The log says why: RTP_HOST is no address of this machine any more, or no file descriptor is left.'

const HOW_LOST: Readonly<Record<WorkerLoss, string>> = {
  died: 'the media worker died',
  stalled: 'the media worker stood still',
}

export type MakeSession<S extends RemoteSession = RemoteSession> = (
  local: LocalRtp,
  line: WorkerLine,
) => S

export interface WorkerPool {
  readonly ready: Promise<unknown>
  /**
   * The new session lives where the one it is born beside does.
   * @throws AppError `MEDIA_EXHAUSTED` when no worker has a free port, `INVALID_STATE` when `beside` is gone.
   */
  openSession<S extends RemoteSession>(birth: SessionBirth, make: MakeSession<S>): Promise<S>
  sessionCount(): number
  close(): Promise<void>
}

/** A session being opened, or open. */
interface Assigned {
  readonly thread: MediaThread
  /** It was opened: whoever waits for it gets it. */
  readonly open: MakeSession
  readonly refuse: (error: AppError) => void
  session: RemoteSession | null
}

/** @param entry the program of the threads; tests bring one that fails */
export function openWorkerPool(
  logger: Logger,
  metrics: MediaMetrics,
  births: readonly WorkerBirth[],
  entry: URL = THREAD_PROGRAM,
): WorkerPool {
  return new ThreadPool(logger, metrics, births, entry)
}

class ThreadPool implements WorkerPool {
  readonly ready: Promise<unknown>
  readonly #logger: Logger
  readonly #metrics: MediaMetrics
  readonly #threads: readonly MediaThread[]
  readonly #assigned = new Map<SessionId, Assigned>()
  /** Of sessions that no worker holds any more: what they recorded may still be on its way into the store. */
  readonly #closing = new Set<Promise<unknown>>()
  readonly #watching: NodeJS.Timeout
  #lastId = 0

  constructor(logger: Logger, metrics: MediaMetrics, births: readonly WorkerBirth[], entry: URL) {
    this.#logger = logger
    this.#metrics = metrics
    this.#threads = births.map((birth, index) => {
      const name = `media-${index}`
      const thread: MediaThread = new MediaThread({
        name,
        entry,
        birth,
        logger,
        onMessage: (message) => this.#received(name, message),
        onLost: (reason) => this.#lost(thread, reason),
      })
      return thread
    })
    this.ready = Promise.all(this.#threads.map((thread) => thread.ready))
    const awake = new AwakeTime(() => performance.now())
    this.#watching = setInterval(() => {
      const awakeMs = awake.tick()
      for (const thread of this.#threads) thread.passed(awakeMs)
    }, WATCH_EVERY_MS)
  }

  async openSession<S extends RemoteSession>(
    birth: SessionBirth,
    make: MakeSession<S>,
  ): Promise<S> {
    const { beside } = birth
    let cause: unknown = null
    for (const thread of beside === null ? this.#byBurden() : [this.#threadOf(beside)]) {
      try {
        return await this.#openOn(thread, birth, make)
      } catch (error) {
        // Its part of the ports is taken, or it is slow: the next may do. What a worker died of is not tried on others.
        cause = error
        if (thread.burden === null) break
      }
    }
    // Other ports would not help where RTP_HOST is gone or no descriptor is left.
    const details = codeOf(cause) === 'MEDIA_EXHAUSTED' ? {} : { what_to_do: SEE_LOG }
    throw new AppError('MEDIA_EXHAUSTED', 'no media worker could open an RTP port', {
      cause,
      details,
    })
  }

  sessionCount(): number {
    return this.#assigned.size
  }

  async close(): Promise<void> {
    const sessions = [...this.#assigned.values()].map(async ({ session }) => session?.close())
    await this.#awaitAll(sessions, CLOSE_WITHIN_MS)
    clearInterval(this.#watching)
    await Promise.all(this.#threads.map((thread) => thread.close()))
    for (const id of [...this.#assigned.keys()]) this.#lose(id, 'the bridge was closed')
    // What was recorded is put into the store now, that of a lost worker mended: the call's record waits for it.
    await this.#awaitAll([...sessions, ...this.#closing], KEEP_WITHIN_MS)
  }

  async #awaitAll(sessions: readonly Promise<unknown>[], withinMs: number): Promise<void> {
    const name = 'media sessions to close'
    await waitFor(Promise.all(sessions), { name, timeout: ms(withinMs) }).catch((error: unknown) =>
      this.#logger.warn({ err: error }, 'media cut off'),
    )
  }

  #byBurden(): readonly MediaThread[] {
    return this.#threads
      .flatMap((thread) => (thread.burden === null ? [] : [{ thread, burden: thread.burden }]))
      .sort((one, other) => one.burden - other.burden)
      .map(({ thread }) => thread)
  }

  #threadOf(id: SessionId): MediaThread {
    const thread = this.#assigned.get(id)?.thread
    if (thread !== undefined) return thread
    throw new AppError('INVALID_STATE', 'the session to be opened beside is closed')
  }

  async #openOn<S extends RemoteSession>(
    thread: MediaThread,
    birth: SessionBirth,
    make: MakeSession<S>,
  ): Promise<S> {
    this.#lastId += 1
    const session = this.#lastId
    const opening = Promise.withResolvers<S>()
    const open = (local: LocalRtp, line: WorkerLine): RemoteSession => {
      const opened = make(local, line)
      opening.resolve(opened)
      return opened
    }
    this.#assigned.set(session, { thread, open, refuse: opening.reject, session: null })
    thread.load += 1
    thread.post({ type: 'open', session, birth })
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
        relayLog(this.#logger, threadName, message.line)
        return
      case 'opened':
        this.#opened(message.session, message.local)
        return
      case 'open-failed':
        this.#assigned.get(message.session)?.refuse(new AppError(message.code, message.message))
        return
      case 'event':
        this.#assigned.get(message.session)?.session?.received(message.event)
        return
      case 'stream-audio':
      case 'stream-clear':
      case 'stream-mark': {
        const { session } = this.#assigned.get(message.session) ?? {}
        if (session instanceof RemoteStream) session.streamed(message)
        return
      }
      case 'closed': {
        const { session } = this.#assigned.get(message.session) ?? {}
        this.#forget(message.session)
        session?.closed(message.result)
        this.#awaitEnd(session)
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
    assigned.session = assigned.open(local, {
      session: id,
      thread: thread.name,
      post: (command, transferred) => thread.post({ ...command, session: id }, transferred),
      abandon: () => {
        this.#forget(id)
        this.#logger.error({ thread: thread.name }, 'media worker does not answer')
      },
    })
  }

  #lost(thread: MediaThread, reason: WorkerLoss): void {
    this.#metrics.threadLost(thread.name, reason)
    for (const [id, assigned] of [...this.#assigned]) {
      if (assigned.thread === thread) this.#lose(id, HOW_LOST[reason])
    }
  }

  #lose(id: SessionId, how: string): void {
    const assigned = this.#assigned.get(id)
    this.#forget(id)
    if (assigned === undefined) return
    if (assigned.session === null) assigned.refuse(new AppError('MEDIA_EXHAUSTED', how))
    else assigned.session.lost(how)
    this.#awaitEnd(assigned.session)
  }

  /** Its owner may have given up waiting for it: whoever closes the pool has not. */
  #awaitEnd(session: RemoteSession | null | undefined): void {
    const closed = session?.close()
    if (closed === undefined) return
    this.#closing.add(closed)
    // Should it fail, its owner is told.
    const forget = (): unknown => this.#closing.delete(closed)
    closed.then(forget, forget)
  }

  #forget(id: SessionId): void {
    const assigned = this.#assigned.get(id)
    if (assigned !== undefined && this.#assigned.delete(id)) assigned.thread.load -= 1
  }
}
