// Asks one trunk again and again whether it is there (OPTIONS, RFC 3261 §11), and tells when that changes. It ends no
// call: a trunk that is down is only tried last.
import { ms, type Trunk, type TrunkHealth, type TrunkHealthPolicy } from '#core/contracts'
import { codeOf } from '#core/errors'
import { inBackground, type Logger, type Metrics } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { OptionsOutcome, SipPort } from '../sip/sip-port.ts'
import {
  afterAnswer,
  firstDelay,
  isAlive,
  nextDelay,
  UNASKED,
  type Belief,
} from './health-policy.ts'
import { contactUser, trunkUri } from './trunk.ts'

export interface HealthDeps {
  readonly logger: Logger
  readonly clock: Clock
  readonly metrics: Metrics
  readonly sip: Pick<SipPort, 'isConnected' | 'options'>
  /** From 0 to below 1. */
  readonly random?: () => number
  /** It answers, for the first time or again. */
  readonly onUp?: () => void
}

export interface HealthWatch {
  view(): TrunkHealth
  /** The SIP server went away: nobody can be asked, which says nothing of the trunk. */
  lost(): void
  /** It is back: asked at once. */
  restored(): void
  /** Idempotent. */
  close(): void
}

/** Somebody who needs longer for this would not be waited for by a caller either. */
const ANSWER_DEADLINE = ms(5000)
/** Ours, not the trunk's: too much is under way in our own SIP server. */
const OWN_TROUBLE = 'Too Many Requests'

export const NEVER_ASKED: TrunkHealth = {
  reach: 'unasked',
  since: null,
  sipStatus: null,
  detail: null,
}

/** Asks for the first time within the first second. */
export function startHealthWatch(
  deps: HealthDeps,
  trunk: Trunk,
  policy: TrunkHealthPolicy,
): HealthWatch {
  const watch = new OptionsWatch(deps, trunk, policy)
  watch.begin()
  return watch
}

class OptionsWatch implements HealthWatch {
  readonly #deps: HealthDeps
  readonly #trunk: Trunk
  readonly #policy: TrunkHealthPolicy
  readonly #logger: Logger
  readonly #random: () => number
  #belief: Belief = UNASKED
  #view = NEVER_ASKED
  #timer: NodeJS.Timeout | undefined
  /** Of the question under way; an answer to an earlier one is not heard. */
  #asking = 0
  #isClosed = false

  constructor(deps: HealthDeps, trunk: Trunk, policy: TrunkHealthPolicy) {
    this.#deps = deps
    this.#trunk = trunk
    this.#policy = policy
    this.#logger = deps.logger.child({ trunk: trunk.name })
    this.#random = deps.random ?? Math.random
  }

  begin(): void {
    this.#askIn(firstDelay(this.#random))
  }

  view(): TrunkHealth {
    return this.#view
  }

  lost(): void {
    this.#asking += 1
    clearTimeout(this.#timer)
  }

  restored(): void {
    this.lost()
    if (!this.#isClosed) inBackground(this.#ask(), this.#logger, 'asking a trunk')
  }

  close(): void {
    this.lost()
    this.#isClosed = true
  }

  #askIn(delay: number): void {
    clearTimeout(this.#timer)
    // Nobody's end waits for a question to a carrier.
    this.#timer = setTimeout(() => this.restored(), delay).unref()
  }

  async #ask(): Promise<void> {
    const asking = this.#asking
    const outcome = await this.#answer()
    if (asking !== this.#asking) return
    if (outcome) this.#heard(outcome)
    this.#askIn(nextDelay(this.#policy, this.#random))
  }

  /** Undefined: it says nothing of the trunk. */
  async #answer(): Promise<OptionsOutcome | undefined> {
    const { domain, proxy } = this.#trunk
    try {
      const outcome = await this.#deps.sip.options({
        requestUri: trunkUri(this.#trunk),
        addressOfRecord: `sip:${contactUser(this.#trunk)}@${domain}`,
        ...(proxy === undefined ? {} : { proxy }),
        timeout: ANSWER_DEADLINE,
      })
      return outcome.detail === OWN_TROUBLE ? undefined : outcome
    } catch (error) {
      if (codeOf(error) === 'TIMED_OUT') return { status: 408, detail: 'No Answer' }
      this.#logger.debug({ err: error }, 'OPTIONS could not be sent')
      return undefined
    }
  }

  #heard(outcome: OptionsOutcome): void {
    const { metrics, clock } = this.#deps
    const { reach: before } = this.#belief
    this.#belief = afterAnswer(this.#belief, isAlive(outcome), this.#policy)
    const { reach } = this.#belief
    const { status, detail = null } = outcome
    const answer = { sipStatus: detail === null ? status : null, detail }
    const since = reach === before ? this.#view.since : clock.now()
    this.#view = { reach, since, ...answer }
    if (reach === before) return
    metrics.set('trunk_up', reach === 'up' ? 1 : 0, { trunk: this.#trunk.name })
    if (reach === 'up') {
      this.#logger.info(answer, 'the trunk answers')
      this.#deps.onUp?.()
    } else this.#logger.warn(answer, `${whatItSays(detail)}: it is tried after all others`)
  }
}

const whatItSays = (detail: string | null): string =>
  detail === null ? 'the trunk says that it takes no calls' : 'the trunk does not answer'
