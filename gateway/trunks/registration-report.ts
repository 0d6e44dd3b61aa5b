// What others see of a registration: its view, its metric, and a log line for each change. No user, no number.
import type { EpochMs } from '#core/contracts'
import type { Logger, Metrics } from '#core/telemetry'
import type { Clock } from '#core/time'

export interface RegistrationFailure {
  readonly at: EpochMs
  /** What was answered; null when nothing was. */
  readonly sipStatus: number | null
  /** Why nothing was answered, in words of ours. */
  readonly detail: string | null
}

/** Registered for as long as a binding stands, whatever goes on about the next one. */
export type RegistrationWord = 'registering' | 'registered' | 'failing' | 'closed'

export interface RegistrationView {
  readonly registration: RegistrationWord
  readonly since: EpochMs
  readonly lastFailure: RegistrationFailure | null
}

export interface ReportDeps {
  readonly logger: Logger
  readonly clock: Clock
  readonly metrics: Metrics
}

export class RegistrationReport {
  readonly #deps: ReportDeps
  readonly #trunk: string
  readonly #settings: string
  #view: RegistrationView

  /** @param settings where user and password are written down */
  constructor(deps: ReportDeps, trunk: string, settings: string) {
    this.#deps = { ...deps, logger: deps.logger.child({ trunk }) }
    this.#trunk = trunk
    this.#settings = settings
    this.#view = { registration: 'registering', since: deps.clock.now(), lastFailure: null }
    deps.metrics.set('trunk_registered', 0, { trunk })
  }

  get view(): RegistrationView {
    return this.#view
  }

  /** Tells what is new, and nothing when it is not. */
  publish(registration: RegistrationWord): void {
    const { registration: before, lastFailure } = this.#view
    if (registration === before) return
    const { metrics, clock, logger } = this.#deps
    this.#view = { registration, since: clock.now(), lastFailure }
    const isRegistered = registration === 'registered'
    metrics.set('trunk_registered', isRegistered ? 1 : 0, { trunk: this.#trunk })
    if (isRegistered) logger.info('the trunk is registered')
    else if (before === 'registered' && registration !== 'closed')
      logger.warn('the trunk is no longer registered')
  }

  /** @param isFirst of a row; the others are told only when they fail in another way */
  failed(
    failure: RegistrationFailure,
    facts: { readonly isFirst: boolean; readonly isRefusal: boolean; readonly delayMs: number },
  ): void {
    const before = this.#view.lastFailure
    this.#view = { ...this.#view, lastFailure: failure }
    const { sipStatus, detail } = failure
    const isKnown = before?.sipStatus === sipStatus && before.detail === detail
    if (isKnown && !facts.isFirst) return
    const fields = { sipStatus, detail, retryInSeconds: Math.round(facts.delayMs / 1000) }
    if (facts.isRefusal)
      this.#deps.logger.error(fields, `the registrar refuses us: check ${this.#settings}`)
    else this.#deps.logger.warn(fields, 'REGISTER failed: it is tried again')
  }
}
