// The runs of the rehearsal that somebody asked for: one at a time, the last ones kept in memory, each told live.
import { AppError } from '#core/errors'
import type { Logger } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { Announcements } from '../events/announcements.ts'
import { decodeRehearsalEvent, type RehearsalEvent } from './rehearsal-event.ts'
import { RehearsalRun } from './rehearsal-run.ts'
import type { Rehearsals, RunningRehearsal, ScenarioFacts } from './rehearsals.ts'

const KEPT_RUNS = 20

export interface RehearsalRunsDeps {
  readonly announcements: Pick<Announcements, 'announce'>
  readonly clock: Clock
  readonly logger: Logger
}

export interface RehearsalRunsOptions {
  /** Absent where the program is not installed. */
  readonly rehearsals: Rehearsals | undefined
  /** The node itself has simulators for neighbours, and no call that costs anything. */
  readonly isRehearsal: boolean
}

interface Current {
  readonly run: RehearsalRun
  readonly process: RunningRehearsal
  /** When all is told. */
  readonly over: Promise<void>
  wasCanceled: boolean
}

const NOT_INSTALLED =
  'The rehearsal program is not installed with this node: run `npm run rehearse` where the whole project is.'
const REAL_CALLS =
  'This node has a real trunk or agent: a rehearsal would take processor time from its calls. ' +
  'Run `npm run rehearse` in a terminal instead.'

const ending = (): AppError => new AppError('STATE_CONFLICT', 'This node is about to end.')

export class RehearsalRuns {
  readonly #deps: RehearsalRunsDeps
  readonly #options: RehearsalRunsOptions
  /** Newest first. */
  readonly #runs: RehearsalRun[] = []
  #current: Current | undefined
  #starting: Promise<unknown> | undefined
  #isClosing = false

  constructor(deps: RehearsalRunsDeps, options: RehearsalRunsOptions) {
    this.#deps = deps
    this.#options = options
  }

  /** In words, to be shown; null: it can be asked for. */
  get whyNot(): string | null {
    const { rehearsals, isRehearsal } = this.#options
    if (!isRehearsal) return REAL_CALLS
    return rehearsals === undefined ? NOT_INSTALLED : null
  }

  scenarios(): Promise<readonly ScenarioFacts[]> {
    return this.#options.rehearsals?.scenarios() ?? Promise.resolve([])
  }

  /** Newest first. */
  list(): readonly RehearsalRun[] {
    return this.#runs
  }

  /** @throws AppError `NOT_FOUND`. */
  find(runId: string): RehearsalRun {
    const run = this.#runs.find((each) => each.runId === runId)
    if (run) return run
    throw new AppError('NOT_FOUND', `There is no run with this id; the last ${KEPT_RUNS} are kept.`)
  }

  /** @throws AppError `STATE_CONFLICT`; `REQUEST_INVALID` when there is no such scenario. */
  async start(scenario: string): Promise<RehearsalRun> {
    const starting = this.#begin(this.#requireFree(), scenario)
    this.#starting = starting
    try {
      return await starting
    } finally {
      this.#starting = undefined
    }
  }

  async #begin(rehearsals: Rehearsals, scenario: string): Promise<RehearsalRun> {
    const { clock, announcements, logger } = this.#deps
    const run = new RehearsalRun(scenario, clock.now())
    const heard: unknown[] = []
    let hear = (event: unknown): void => void heard.push(event)
    const process = await rehearsals.start(scenario, (event) => hear(event))
    if (this.#isClosing) {
      await process.cancel()
      throw ending()
    }
    this.#runs.unshift(run)
    this.#runs.splice(KEPT_RUNS)
    logger.info({ runId: run.runId, scenario }, 'a rehearsal began')
    announcements.announce('rehearsal.started', { run_id: run.runId, scenario })
    hear = (event) => this.#hear(run, event)
    heard.forEach(hear)
    const current: Current = {
      run,
      process,
      over: process.ended.then(({ problem }) => this.#end(current, problem)),
      wasCanceled: false,
    }
    this.#current = current
    return run
  }

  /** Resolves when nothing of it runs any more; at once when it is over already. @throws AppError `NOT_FOUND`. */
  async cancel(runId: string): Promise<void> {
    const run = this.find(runId)
    if (this.#current?.run === run) await this.#cancel(this.#current)
  }

  /** Starts nothing any more, and ends what runs. */
  async close(): Promise<void> {
    this.#isClosing = true
    // What it comes to is told to who asked for it.
    await this.#starting?.catch(() => undefined)
    if (this.#current) await this.#cancel(this.#current)
  }

  async #cancel(current: Current): Promise<void> {
    current.wasCanceled = true
    await current.process.cancel()
    await current.over
  }

  #requireFree(): Rehearsals {
    const { rehearsals } = this.#options
    const why = this.whyNot
    if (why !== null || rehearsals === undefined)
      throw new AppError('STATE_CONFLICT', why ?? NOT_INSTALLED)
    if (this.#isClosing) throw ending()
    if (this.#current || this.#starting)
      throw new AppError('STATE_CONFLICT', 'A rehearsal runs already: cancel it, or wait for it.')
    return rehearsals
  }

  #hear(run: RehearsalRun, value: unknown): void {
    const event = decodeRehearsalEvent(value)
    if (event === undefined) {
      this.#deps.logger.warn({ runId: run.runId }, 'the rehearsal told what nobody understands')
      return
    }
    if (run.note(event)) this.#announce(run.runId, event)
  }

  #announce(runId: string, event: RehearsalEvent): void {
    const { announcements } = this.#deps
    switch (event.event) {
      case 'started':
        announcements.announce('rehearsal.scenario', { run_id: runId, scenario: event.scenario })
        return
      case 'step': {
        const { scenario, entry } = event
        announcements.announce('rehearsal.step', { run_id: runId, scenario, entry })
        return
      }
      case 'result':
        announcements.announce('rehearsal.result', { run_id: runId, result: event.result })
        return
      case 'finished':
        return // Told when the program is gone, and another run may begin.
      default:
        return event satisfies never
    }
  }

  #end(current: Current, problem: string | null): void {
    const { run, wasCanceled } = current
    const { clock, announcements, logger } = this.#deps
    run.end(clock.now(), wasCanceled, problem)
    this.#current = undefined
    const { runId, state, error } = run
    logger.info({ runId, state, error }, 'the rehearsal is over')
    announcements.announce('rehearsal.finished', { run_id: runId, state })
  }
}
