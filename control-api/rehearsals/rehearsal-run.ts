// One run of the rehearsal, from the first line that its program writes to the end of that program.
import { randomUUID } from 'node:crypto'
import type { EpochMs } from '#core/contracts'
import type { RehearsalEvent, Rung, ScenarioResult } from './rehearsal-event.ts'

export const RUN_STATES = ['running', 'passed', 'failed', 'canceled'] as const
export type RunState = (typeof RUN_STATES)[number]

export interface Step {
  readonly scenario: string
  readonly entry: Rung
}

/** A scenario has a few dozen; a program that tells of more is not listened to. */
const MAX_STEPS = 5000
const MAX_RESULTS = 200
const MAX_ERROR_CHARACTERS = 2000

export class RehearsalRun {
  readonly runId = `run_${randomUUID().replaceAll('-', '')}`
  /** A name, or `all`. */
  readonly scenario: string
  readonly startedAt: EpochMs
  readonly #results: ScenarioResult[] = []
  #steps: Step[] = []
  #finished: Extract<RehearsalEvent, { event: 'finished' }> | undefined
  #state: RunState = 'running'
  #endedAt: EpochMs | null = null
  #error: string | null = null

  constructor(scenario: string, startedAt: EpochMs) {
    this.scenario = scenario
    this.startedAt = startedAt
  }

  get state(): RunState {
    return this.#state
  }

  get endedAt(): EpochMs | null {
    return this.#endedAt
  }

  get error(): string | null {
    return this.#error
  }

  get results(): readonly ScenarioResult[] {
    return this.#results
  }

  /** Of the scenarios that have no result yet. */
  get steps(): readonly Step[] {
    return this.#steps
  }

  /** False: it is over its bounds, and not kept. */
  note(event: RehearsalEvent): boolean {
    switch (event.event) {
      case 'started':
        this.#forgetSteps(event.scenario)
        return true
      case 'step': {
        const { scenario, entry } = event
        if (this.#steps.length >= MAX_STEPS) return false
        this.#steps.push({ scenario, entry })
        return true
      }
      case 'result':
        if (this.#results.length >= MAX_RESULTS) return false
        this.#results.push(event.result)
        this.#forgetSteps(event.result.name)
        return true
      case 'finished':
        this.#finished = event
        return true
      default:
        return event satisfies never
    }
  }

  end(at: EpochMs, wasCanceled: boolean, problem: string | null): void {
    const finished = this.#finished
    this.#endedAt = at
    this.#steps = []
    if (finished === undefined && wasCanceled) {
      this.#state = 'canceled'
      return
    }
    this.#state = finished?.passed === true ? 'passed' : 'failed'
    const why =
      finished === undefined
        ? (problem ?? 'The rehearsal program ended without a result.')
        : finished.failures.join('\n')
    this.#error = why === '' ? null : why.slice(0, MAX_ERROR_CHARACTERS)
  }

  #forgetSteps(ofScenario: string): void {
    this.#steps = this.#steps.filter(({ scenario }) => scenario !== ofScenario)
  }
}
