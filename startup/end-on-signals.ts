// When and how this process ends (docs/closing.md): on a signal, on a defect, on the loss of a part that only a new
// process can bring back. Heard from the first moment of the start.
import { isatty } from 'node:tty'
import { ms, type Milliseconds } from '#core/contracts'
import { AppError } from '#core/errors'
import type { Logger } from '#core/telemetry'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
/**
 * One Ctrl-C reaches us several times: from the terminal, which tells its whole group, and once more from npm and from
 * our runner, which hand on what they were told. A supervisor that ends a whole group does the same.
 */
const SAME_REQUEST_MS = 1000
/** After the calls' time: more than the sum of what is likely, less than supervisors are told to wait. */
const CLOSE_WITHIN = ms(30_000)
/** Of a shell: ended by Ctrl-C. */
const ENDED_BY_SIGNAL = 130

export interface Stoppable {
  /** Asked again, with less, it waits less. @param isFailure it is a defect that ends it */
  stop(drainMs: number, isFailure: boolean): Promise<void>
  /** What is being closed now. */
  closing(): string | undefined
}

export interface EndOptions {
  readonly logger: Logger
  /** How long calls may finish after the first signal. */
  readonly drain: Milliseconds
  /** How long everything else may take after that; default 30 s. */
  readonly closeWithin?: Milliseconds
  /**
   * SIGHUP reads a file again, as the service manuals have it (systemd's ExecReload), and ends nothing, terminal or not:
   * one signal cannot mean both, and who uses it to reload would end every call when we had a terminal. A closed
   * terminal then leaves us running, as a service; SIGTERM stops us.
   */
  readonly reloads?: boolean
}

export interface ProcessEnd {
  /** Aborted when it is to end before it was ready. */
  readonly signal: AbortSignal
  /** From here on a signal stops this. */
  ready(voicegate: Stoppable): void
  /** From here on SIGHUP calls this, where `reloads` is set; at once when it came before. */
  onReload(reload: () => void): void
  /** Something is lost or broken: everything is closed at once, and a supervisor starts anew. */
  fail(what: string, error: unknown): void
  /** The start was broken off and what had begun is closed. */
  exit(): never
}

export function endOnSignals(options: EndOptions): ProcessEnd {
  const end = new SignalledEnd(options)
  // Asked now: one that was closed is none any more.
  const hasTerminal = [0, 1, 2].some((fd) => isatty(fd))
  for (const signal of SIGNALS)
    process.on(signal, () => {
      // A closed terminal is no reason to leave callers with a line that is dead. Nor to end under nohup, which has none:
      // that SIGHUP is to be ignored there Node undoes when it starts.
      if (signal === 'SIGHUP' && options.reloads === true) end.reload()
      else if (signal !== 'SIGHUP' || hasTerminal) end.signalled(signal)
      else options.logger.info({ signal }, 'ignored: there is no terminal')
    })
  for (const event of ['uncaughtException', 'unhandledRejection'] as const)
    process.on(event, (error: unknown) => end.fail('a defect', error))
  return end
}

class SignalledEnd implements ProcessEnd {
  readonly #options: EndOptions
  readonly #start = new AbortController()
  #reload: (() => void) | undefined
  #isReloadWanted = false
  #requests = 0
  #requestedAtMs = -Infinity
  #voicegate: Stoppable | undefined
  #isStopping = false
  #watchdog: NodeJS.Timeout | undefined
  #endsAtMs = Infinity
  #exitCode = 0

  constructor(options: EndOptions) {
    this.#options = options
  }

  get signal(): AbortSignal {
    return this.#start.signal
  }

  ready(voicegate: Stoppable): void {
    this.#voicegate = voicegate
    if (this.signal.aborted) this.#stop(ms(0))
  }

  onReload(reload: () => void): void {
    this.#reload = reload
    if (this.#isReloadWanted) this.reload()
  }

  reload(): void {
    const { logger } = this.#options
    if (this.signal.aborted) {
      logger.info({ signal: 'SIGHUP' }, 'ignored: it is stopping')
      return
    }
    // It may have been read before it was changed.
    this.#isReloadWanted = this.#reload === undefined
    logger.info({ signal: 'SIGHUP' }, this.#reload ? 'reading again' : 'read again once it started')
    this.#reload?.()
  }

  signalled(signal: NodeJS.Signals): void {
    const now = performance.now()
    if (now - this.#requestedAtMs < SAME_REQUEST_MS) return
    this.#requestedAtMs = now
    this.#requests += 1
    const { logger, drain } = this.#options
    if (this.#requests > 2) {
      logger.warn({ signal }, 'ended where it stands')
      endNow(ENDED_BY_SIGNAL)
    }
    const isFirst = this.#requests === 1
    logger.info({ signal }, isFirst ? 'stopping' : 'stopping now')
    // While it starts there are no calls to wait for.
    this.#stop(isFirst && this.#voicegate ? drain : ms(0))
  }

  fail(what: string, error: unknown): void {
    this.#exitCode = 1
    const { logger } = this.#options
    logger.fatal({ err: error }, `${what}: stopping, so that a supervisor can start anew`)
    this.#stop(ms(0), true)
  }

  exit(): never {
    this.#options.logger.info('stopped before it was ready')
    return endNow(this.#exitCode)
  }

  #stop(drain: Milliseconds, isFailure = false): void {
    this.#watch(drain)
    this.#start.abort(new AppError('DRAINING', 'it was told to stop'))
    const stopped = this.#voicegate?.stop(drain, isFailure)
    if (stopped === undefined || this.#isStopping) return
    this.#isStopping = true
    stopped.then(
      () => process.exit(this.#exitCode),
      (error: unknown) => {
        this.#options.logger.error({ err: error }, 'stopping was not clean')
        endNow(1)
      },
    )
  }

  /** Each part has its own deadline: this is for what nobody thought of. */
  #watch(drain: Milliseconds): void {
    const endsInMs = drain + (this.#options.closeWithin ?? CLOSE_WITHIN)
    const endsAtMs = performance.now() + endsInMs
    if (endsAtMs >= this.#endsAtMs) return
    this.#endsAtMs = endsAtMs
    clearTimeout(this.#watchdog)
    this.#watchdog = setTimeout(() => {
      const closing = this.#voicegate?.closing() ?? null
      this.#options.logger.fatal({ closing }, 'stopping hangs: ended where it stands')
      endNow(1)
    }, endsInMs)
  }
}

/**
 * `process.exit` waits for every thread, also for one that is inside a system call which does not return. Another
 * program in our place waits for none.
 */
export function endNow(code: number): never {
  const { execPath } = process
  try {
    process.execve?.(execPath, [execPath, '-e', `process.exit(${code})`], {})
  } catch {
    // Not on this system: then nothing is left but to wait. Where it is, it never returns: if it fails it aborts.
  }
  return process.exit(code)
}
