// The trunks of this node and what is known of each: which may be dialled for a number, whose caller this is, who is
// registered and reachable, how much of each is in use.
import type { Trunk, TrunkView } from '#core/contracts'
import type { Logger, Metrics } from '#core/telemetry'
import type { Clock } from '#core/time'
import { selectTrunks, type Wanted } from '../routing/select-trunks.ts'
import type { SipPort } from '../sip/sip-port.ts'
import { DigestGate } from './digest-gate.ts'
import { NEVER_ASKED, type HealthWatch } from './health-watch.ts'
import { createNameService, type NameService } from './name-service.ts'
import { PerTrunk } from './per-trunk.ts'
import { asksEverybody, recognize, type CallerFacts, type Recognition } from './recognize.ts'
import type { Registration } from './registration.ts'
import { healthPlan, registrationPlan } from './running-plans.ts'
import { TrunkAddresses } from './trunk-addresses.ts'
import { TrunkCapacity, type TrunkSlot } from './trunk-capacity.ts'
import { trunkFacts } from './trunk-facts.ts'
import { exposeTrunkLoad } from './trunk-load.ts'
import { TrunkPauses } from './trunk-pauses.ts'

export type { CallerFacts, Recognition, TrunkSlot, Wanted }

export interface TrunkBook {
  readonly trunks: readonly Trunk[]
  find(name: string): Trunk | undefined
  /**
   * The trunks for this number in the order in which they are to be tried; never empty.
   * @throws AppError as `selectTrunks` does
   */
  candidates(wanted: Wanted): readonly Trunk[]
  /** Undefined when the trunk has as many calls, or is dialled as often, as its limits allow. */
  take(trunk: Trunk, direction: 'inbound' | 'outbound'): TrunkSlot | undefined
  /** It asked for a pause: until that is over it is tried after all others. */
  pause(name: string, seconds: number): void
  recognize(caller: CallerFacts): Recognition
  /** IP addresses and networks that calls of our trunks come from, as far as they are known by them. */
  knownAddresses(): readonly string[]
  /** Some trunk is known by its credentials or certificate: an address that is not known must be heard too. */
  readonly asksEverybody: boolean
  /** Told when `knownAddresses` or `asksEverybody` may say something else. */
  onKnownAddresses(listener: () => void): void
  views(): readonly TrunkView[]
  /** Another set: what stays the same goes on undisturbed, calls are not touched. */
  replace(trunks: readonly Trunk[]): void
  /** The SIP server went away, and is back. */
  lost(): void
  restored(): void
  /** Unregisters, as far as registrars answer soon. Idempotent; never rejects. */
  close(): Promise<void>
}

export interface TrunkBookDeps {
  readonly logger: Logger
  readonly clock: Clock
  readonly metrics: Metrics
  readonly sip: Pick<SipPort, 'isConnected' | 'register' | 'options'>
  /** The system's resolver when absent. */
  readonly names?: NameService
  /** From 0 to below 1. */
  readonly random?: () => number
}

/** Registers and asks at once, in the background: a carrier that is away stops no start. */
export function openTrunkBook(deps: TrunkBookDeps, trunks: readonly Trunk[]): TrunkBook {
  const book = new OpenTrunkBook(deps)
  book.replace(trunks)
  return book
}

class OpenTrunkBook implements TrunkBook {
  trunks: readonly Trunk[] = []
  readonly #deps: TrunkBookDeps
  readonly #registrations: PerTrunk<Registration>
  readonly #health: PerTrunk<HealthWatch>
  readonly #capacity: TrunkCapacity
  readonly #pauses: TrunkPauses
  readonly #addresses: TrunkAddresses
  readonly #digests: DigestGate
  #onKnownAddresses: () => void = () => undefined
  #closed: Promise<void> | undefined

  constructor(deps: TrunkBookDeps) {
    this.#deps = deps
    const { logger, clock, names = createNameService() } = deps
    const onChange = (): void => this.#onKnownAddresses()
    this.#addresses = new TrunkAddresses({ logger, names, onChange })
    this.#registrations = new PerTrunk(registrationPlan(deps, this.#addresses))
    const onUp = (name: string): void => this.#registrations.find(name)?.trunkAnswers()
    this.#health = new PerTrunk(healthPlan(deps, onUp))
    this.#capacity = new TrunkCapacity(clock)
    exposeTrunkLoad(deps.metrics, this.#capacity, () => this.trunks)
    this.#pauses = new TrunkPauses(clock)
    this.#digests = new DigestGate(clock)
  }

  find(name: string): Trunk | undefined {
    return this.trunks.find((trunk) => trunk.name === name)
  }

  candidates(wanted: Wanted): readonly Trunk[] {
    const standings = this.trunks.map((trunk) => ({ trunk, isUsable: this.#isUsable(trunk) }))
    return selectTrunks(standings, wanted, this.#deps.random ?? Math.random)
  }

  take(trunk: Trunk, direction: 'inbound' | 'outbound'): TrunkSlot | undefined {
    // A call keeps the definition it began with; what counts is how it is defined now.
    return this.#capacity.take(this.find(trunk.name) ?? trunk, direction)
  }

  pause(name: string, seconds: number): void {
    if (!this.#pauses.begin(name, seconds)) return
    this.#deps.logger.warn({ trunk: name, seconds }, 'the trunk asks for a pause: it is tried last')
  }

  recognize(caller: CallerFacts): Recognition {
    const { trunks } = this
    return recognize({ trunks, addresses: this.#addresses, digests: this.#digests }, caller)
  }

  knownAddresses(): readonly string[] {
    return this.#addresses.all
  }

  get asksEverybody(): boolean {
    return asksEverybody(this.trunks)
  }

  onKnownAddresses(listener: () => void): void {
    this.#onKnownAddresses = listener
  }

  views(): readonly TrunkView[] {
    return this.trunks.map((trunk) => ({
      ...trunkFacts(trunk),
      ...this.#registrationOf(trunk.name),
      health: this.#health.find(trunk.name)?.view() ?? NEVER_ASKED,
      calls: this.#capacity.calls(trunk.name),
    }))
  }

  replace(trunks: readonly Trunk[]): void {
    if (this.#closed) return
    const askedEverybody = this.asksEverybody
    this.trunks = trunks
    this.#pauses.clear()
    this.#digests.replace(trunks)
    this.#addresses.replace(trunks)
    this.#registrations.replace(trunks)
    this.#health.replace(trunks)
    this.#capacity.keepOnly(new Set(trunks.map(({ name }) => name)))
    if (askedEverybody !== this.asksEverybody) this.#onKnownAddresses()
  }

  lost(): void {
    this.#registrations.lost()
    this.#health.lost()
  }

  restored(): void {
    this.#registrations.restored()
    this.#health.restored()
  }

  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    this.#addresses.close()
    await Promise.all([this.#health.close(), this.#registrations.close()])
  }

  #isUsable({ name, account }: Trunk): boolean {
    if (this.#pauses.has(name)) return false
    if (this.#health.find(name)?.view().reach === 'down') return false
    return account?.registers !== true || this.#registrationOf(name).registration === 'registered'
  }

  #registrationOf(
    name: string,
  ): Pick<TrunkView, 'registration' | 'since' | 'expiresAt' | 'lastFailure'> {
    const running = this.#registrations.find(name)
    if (running) return running.view()
    const since = this.#registrations.waitsSince(name) ?? null
    const registration = since === null ? 'none' : 'registering'
    return { registration, since, expiresAt: null, lastFailure: null }
  }
}
