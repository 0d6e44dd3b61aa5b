// What others see of a registration: its view, its metric, and a log line for each change. No user, no number.
import {
  ms,
  type EpochMs,
  type RegistrationFailure,
  type TrunkRegistration,
  type TrunkView,
} from '#core/contracts'
import { TimerSet } from '#core/lifecycle'
import type { Logger, Metrics } from '#core/telemetry'
import type { Clock } from '#core/time'

export type RegistrationWord = Exclude<TrunkRegistration, 'none'>

export interface RegistrationView extends Pick<TrunkView, 'expiresAt' | 'lastFailure'> {
  readonly registration: RegistrationWord
  readonly since: EpochMs
}

/** A failure that goes on is told again: whoever looks at the last lines must find it. */
const REMIND_AFTER = ms(300_000)

export interface ReportDeps {
  readonly logger: Logger
  readonly clock: Clock
  readonly metrics: Metrics
}

export class RegistrationReport {
  readonly #deps: ReportDeps
  readonly #trunk: string
  readonly #settings: string
  readonly #reminder = new TimerSet()
  #isRefused = false
  #view: Omit<RegistrationView, 'expiresAt'>

  /** @param settings where user and password are written down */
  constructor(deps: ReportDeps, trunk: string, settings: string) {
    this.#deps = { ...deps, logger: deps.logger.child({ trunk }) }
    this.#trunk = trunk
    this.#settings = settings
    this.#view = { registration: 'registering', since: deps.clock.now(), lastFailure: null }
    deps.metrics.set('trunk_registered', 0, { trunk })
  }

  get view(): Omit<RegistrationView, 'expiresAt'> {
    return this.#view
  }

  /** Tells what is new, and nothing when it is not. */
  publish(registration: RegistrationWord): void {
    const { registration: before, lastFailure } = this.#view
    if (registration === before) return
    const { metrics, clock, logger } = this.#deps
    this.#view = { registration, since: clock.now(), lastFailure }
    this.#reminder.clear()
    if (registration === 'failing') this.#remindLater()
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
    this.#isRefused = facts.isRefusal
    const { sipStatus, detail } = failure
    const isKnown = before?.sipStatus === sipStatus && before.detail === detail
    if (isKnown && !facts.isFirst) return
    const fields = { sipStatus, detail, retryInSeconds: Math.round(facts.delayMs / 1000) }
    if (facts.isRefusal)
      this.#deps.logger.error(fields, `the registrar refuses us: check ${this.#settings}`)
    else this.#deps.logger.warn(fields, 'REGISTER failed: it is tried again')
  }

  #remindLater(): void {
    this.#reminder.after(REMIND_AFTER, () => {
      const { logger, clock } = this.#deps
      const { since, lastFailure } = this.#view
      const fields = {
        sipStatus: lastFailure?.sipStatus ?? null,
        detail: lastFailure?.detail ?? null,
        failingSeconds: Math.round((clock.now() - since) / 1000),
      }
      if (this.#isRefused)
        logger.error(fields, `the registrar still refuses us: check ${this.#settings}`)
      else logger.warn(fields, 'the trunk is still not registered: it is tried again')
      this.#remindLater()
    })
  }
}
