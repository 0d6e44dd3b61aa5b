// Keeps one trunk registered: REGISTER, its refresh before it expires, and patience with a registrar that fails
// (RFC 3261 §10.2). It knows nothing of calls: a registration that is lost ends none.
//
//   registering ─▶ registered ─▶ refreshing ─▶ registered …
//        ▲   └────────▶ failing ◀──────┘          (any state ─▶ closed)
//        └─────────────────┘
import { randomUUID } from 'node:crypto'
import { epochMs, ms, type EpochMs, type Trunk, type TrunkAccount } from '#core/contracts'
import { codeOf } from '#core/errors'
import { TimerSet } from '#core/lifecycle'
import { inBackground, type Logger } from '#core/telemetry'
import { createDigestClient, type DigestClient } from '../sip/digest/digest-client.ts'
import { CSEQS_A_REGISTER, type RegisterOutcome, type SipPort } from '../sip/sip-port.ts'
import {
  EXPIRES_SECONDS,
  judge,
  refreshDelay,
  retryDelay,
  type Verdict,
} from './registration-policy.ts'
import {
  RegistrationReport,
  type RegistrationView,
  type RegistrationWord,
  type ReportDeps,
} from './registration-report.ts'
import { trunkUri } from './trunk.ts'

export type RegistrationState =
  | { readonly name: 'registering' }
  | { readonly name: 'registered'; readonly expiresAt: EpochMs }
  /** Asked again while the binding still stands. */
  | { readonly name: 'refreshing'; readonly expiresAt: EpochMs }
  /** `expiresAt`: until when a binding made before may still stand. */
  | {
      readonly name: 'failing'
      readonly attempt: number
      readonly nextTryAt: EpochMs
      readonly expiresAt: EpochMs | undefined
    }
  | { readonly name: 'closed' }

export interface RegistrationDeps extends ReportDeps {
  readonly sip: Pick<SipPort, 'isConnected' | 'register'>
  /** From 0 to below 1. */
  readonly random?: () => number
  /** Told where the registrar's word that we are registered came from. */
  readonly onRegistrar?: (address: string) => void
}

export interface Registration {
  readonly state: RegistrationState
  view(): RegistrationView
  /** The SIP server went away, and with it the address that was registered. */
  lost(): void
  /** It is back. */
  restored(): void
  /** The carrier answers again: a pause that only its silence made is over. */
  trunkAnswers(): void
  /** Removes the binding, if the registrar answers soon. Idempotent; never rejects. */
  close(): Promise<void>
}

/** More than 64·T1, after which the SIP server itself says that nobody answered. */
const ANSWER_DEADLINE = ms(40_000)
const FAREWELL_DEADLINE = ms(2000)

/** Starts to register at once, in the background: a registrar that is away stops no start. */
export function startRegistration(
  deps: RegistrationDeps,
  trunk: Trunk,
  account: TrunkAccount,
): Registration {
  const registration = new TrunkRegistration(deps, trunk, account)
  registration.restored()
  return registration
}

class TrunkRegistration implements Registration {
  readonly #deps: RegistrationDeps
  readonly #trunk: Trunk
  readonly #account: TrunkAccount
  readonly #logger: Logger
  readonly #report: RegistrationReport
  readonly #digest: DigestClient
  readonly #random: () => number
  readonly #sipCallId = randomUUID()
  readonly #next = new TimerSet()
  readonly #expiry = new TimerSet()
  #state: RegistrationState = { name: 'registering' }
  #cseq = 1
  #expiresSeconds = EXPIRES_SECONDS
  #failures = 0
  /** The pause is our own choice: nobody asked for it, and nobody refused us. */
  #isPauseOurs = false
  /** Of the request under way; an answer to an earlier one is not heard. */
  #asking = 0
  #closed: Promise<void> | undefined

  constructor(deps: RegistrationDeps, trunk: Trunk, account: TrunkAccount) {
    this.#deps = deps
    this.#trunk = trunk
    this.#account = account
    this.#logger = deps.logger.child({ trunk: trunk.name })
    this.#random = deps.random ?? Math.random
    const { user, authUser: username = user, password } = account
    this.#digest = createDigestClient({ username, password })
    this.#report = new RegistrationReport(deps, trunk.name, account.settings)
  }

  get state(): RegistrationState {
    return this.#state
  }

  view(): RegistrationView {
    return { ...this.#report.view, expiresAt: this.#standsUntil() ?? null }
  }

  lost(): void {
    if (this.#closed) return
    this.#asking += 1
    this.#failed({ kind: 'failed', retryAfterSeconds: 0 }, null, 'SIP Server Away', undefined)
  }

  restored(): void {
    if (!this.#closed) this.#askNow()
  }

  trunkAnswers(): void {
    if (this.#state.name === 'failing' && this.#isPauseOurs) this.#askNow()
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  #askNow(): void {
    inBackground(this.#ask(), this.#logger, 'registering')
  }

  async #ask(): Promise<void> {
    this.#next.clear()
    const asking = (this.#asking += 1)
    const expiresAt = this.#standsUntil()
    this.#enter(
      expiresAt === undefined ? { name: 'registering' } : { name: 'refreshing', expiresAt },
    )
    const asked = this.#expiresSeconds
    try {
      const outcome = await this.#register(asked, ANSWER_DEADLINE)
      if (asking === this.#asking) this.#answered(outcome, judge(outcome, asked))
    } catch (error) {
      if (asking !== this.#asking) return
      const isAway = codeOf(error) === 'SIP_UNAVAILABLE'
      if (!isAway) this.#logger.debug({ err: error }, 'REGISTER has no answer')
      const detail = isAway ? 'SIP Server Away' : 'No Answer'
      this.#failed({ kind: 'failed', retryAfterSeconds: 0 }, null, detail, this.#standsUntil())
    }
  }

  #register(expiresSeconds: number, timeout: typeof ANSWER_DEADLINE): Promise<RegisterOutcome> {
    const { domain, proxy } = this.#trunk
    const { user } = this.#account
    const cseq = this.#cseq
    this.#cseq += CSEQS_A_REGISTER
    return this.#deps.sip.register({
      requestUri: trunkUri(this.#trunk),
      addressOfRecord: `sip:${user}@${domain}`,
      contactUser: user,
      expiresSeconds,
      sipCallId: this.#sipCallId,
      cseq,
      digest: this.#digest,
      ...(proxy === undefined ? {} : { proxy }),
      timeout,
    })
  }

  #answered({ status, detail, sourceAddress }: RegisterOutcome, verdict: Verdict): void {
    switch (verdict.kind) {
      case 'bound':
        if (sourceAddress !== undefined) this.#deps.onRegistrar?.(sourceAddress)
        this.#bound(verdict.expiresSeconds)
        return
      case 'too-brief':
        this.#expiresSeconds = verdict.expiresSeconds
        this.#askNow()
        return
      case 'refused':
        // Whatever it made of us before, it does not know us now.
        this.#failed(verdict, status, null, undefined)
        return
      case 'failed':
        this.#failed(verdict, detail === undefined ? status : null, detail, this.#standsUntil())
        return
      default:
        verdict satisfies never
    }
  }

  #bound(expiresSeconds: number): void {
    this.#failures = 0
    const lasts = ms(expiresSeconds * 1000)
    const expiresAt = epochMs(this.#deps.clock.now() + lasts)
    this.#enter({ name: 'registered', expiresAt })
    this.#next.after(refreshDelay(expiresSeconds, this.#random), () => this.#askNow())
  }

  #failed(
    verdict: Extract<Verdict, { kind: 'refused' | 'failed' }>,
    sipStatus: number | null,
    detail: string | null | undefined,
    expiresAt: EpochMs | undefined,
  ): void {
    this.#failures += 1
    const at = this.#deps.clock.now()
    const delay = retryDelay(verdict, this.#failures, this.#random)
    this.#isPauseOurs = verdict.kind === 'failed' && verdict.retryAfterSeconds === 0
    this.#enter({
      name: 'failing',
      attempt: this.#failures,
      nextTryAt: epochMs(at + delay),
      expiresAt,
    })
    this.#next.clear()
    this.#next.after(delay, () => this.#askNow())
    this.#report.failed(
      { at, sipStatus, detail: detail ?? null },
      {
        isFirst: this.#failures === 1,
        isRefusal: verdict.kind === 'refused',
        delayMs: delay,
      },
    )
  }

  /** Until when the registrar still knows us; undefined when it does not. */
  #standsUntil(): EpochMs | undefined {
    const expiresAt = 'expiresAt' in this.#state ? this.#state.expiresAt : undefined
    return expiresAt !== undefined && expiresAt > this.#deps.clock.now() ? expiresAt : undefined
  }

  #enter(state: RegistrationState): void {
    this.#state = state
    this.#expiry.clear()
    const expiresAt = this.#standsUntil()
    // setTimeout counts in 31 bits; a registration that long is refreshed many times before.
    if (expiresAt !== undefined)
      this.#expiry.after(ms(Math.min(expiresAt - this.#deps.clock.now() + 1, 2 ** 31 - 1)), () =>
        this.#publish(),
      )
    this.#publish()
  }

  #publish(): void {
    this.#report.publish(this.#word())
  }

  #word(): RegistrationWord {
    if (this.#state.name === 'closed') return 'closed'
    if (this.#standsUntil() !== undefined) return 'registered'
    return this.#failures > 0 ? 'failing' : 'registering'
  }

  async #close(): Promise<void> {
    this.#next.clear()
    // A REGISTER under way may still bind us: the higher CSeq of the farewell outlives it.
    const isAsking = this.#state.name === 'registering' || this.#state.name === 'refreshing'
    const mayStand = isAsking || this.#standsUntil() !== undefined
    this.#asking += 1
    this.#enter({ name: 'closed' })
    if (!mayStand) this.#report.publish('unregistered')
    if (!mayStand || !this.#deps.sip.isConnected) return
    try {
      const { status, detail } = await this.#register(0, FAREWELL_DEADLINE)
      const facts = { sipStatus: detail === undefined ? status : null, detail }
      if (status >= 300) this.#logger.warn(facts, 'the registrar was not told that we leave')
      else this.#report.publish('unregistered')
    } catch (error) {
      this.#logger.warn({ err: error }, 'the registrar was not told that we leave')
    }
  }
}
