// The trunks of this node and what is known of each: which may be dialled for a number, whose caller this is, who is
// registered and reachable, how much of each is in use.
import type { E164, Trunk, TrunkView } from '#core/contracts'
import { AppError } from '#core/errors'
import type { Logger, Metrics } from '#core/telemetry'
import type { Clock } from '#core/time'
import {
  createDigestAuthenticator,
  type DigestAuthenticator,
} from '../sip/digest/digest-authenticator.ts'
import type { InboundInvite, SipPort } from '../sip/sip-port.ts'
import { startRegistration, type Registration } from './registration.ts'

export interface Wanted {
  readonly to: E164
  readonly from?: E164
  /** This one and no other. */
  readonly trunk?: string
}

/** What a caller must be known by: no more of its INVITE is looked at. */
export type CallerFacts = Pick<
  InboundInvite,
  'sourceAddress' | 'tlsNames' | 'request' | 'authorization'
>

export type Recognition =
  | { readonly kind: 'trunk'; readonly trunk: Trunk }
  /** Values of WWW-Authenticate. `refused`: credentials came and were wrong. */
  | {
      readonly kind: 'challenge'
      readonly challenges: readonly string[]
      readonly refused: boolean
    }
  | { readonly kind: 'stranger' }

/** A place on a trunk for one call. */
export interface TrunkSlot {
  /** Idempotent. */
  release(): void
}

export interface TrunkBook {
  readonly trunks: readonly Trunk[]
  find(name: string): Trunk | undefined
  /**
   * The trunks for this number in the order in which they are to be tried; never empty.
   * @throws AppError `NO_TRUNK`; `FROM_NOT_ALLOWED` when none of them may show `from`
   */
  candidates(wanted: Wanted): readonly Trunk[]
  /** Undefined when the trunk has as many calls, or is dialled as often, as its limits allow. */
  take(trunk: Trunk, direction: 'inbound' | 'outbound'): TrunkSlot | undefined
  recognize(caller: CallerFacts): Recognition
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
}

/** Many SIP programs read the first of several challenges only, or give up at one they do not know. */
const EVERYBODYS_ALGORITHM = ['MD5'] as const

/** Registers and asks at once, in the background: a carrier that is away stops no start. */
export function openTrunkBook(deps: TrunkBookDeps, trunks: readonly Trunk[]): TrunkBook {
  return new OpenTrunkBook(deps, trunks)
}

class OpenTrunkBook implements TrunkBook {
  trunks: readonly Trunk[]
  readonly #registrations = new Map<string, Registration>()
  readonly #authenticator: DigestAuthenticator | undefined

  constructor(deps: TrunkBookDeps, trunks: readonly Trunk[]) {
    this.trunks = trunks
    for (const trunk of trunks)
      if (trunk.account?.registers === true)
        this.#registrations.set(trunk.name, startRegistration(deps, trunk, trunk.account))
    const [first] = trunks
    if (first?.inbound?.account === undefined) return
    const { username, password, algorithms = EVERYBODYS_ALGORITHM } = first.inbound.account
    const credentials = (name: string): string | undefined =>
      name === username ? password : undefined
    const { clock } = deps
    this.#authenticator = createDigestAuthenticator({
      realm: first.domain,
      credentials,
      clock,
      algorithms,
    })
  }

  find(name: string): Trunk | undefined {
    return this.trunks.find((trunk) => trunk.name === name)
  }

  candidates({ from }: Wanted): readonly Trunk[] {
    const [trunk] = this.trunks
    if (!trunk) throw new AppError('NO_TRUNK', 'no trunk is configured')
    if (from !== undefined && !trunk.numbers.includes(from))
      throw new AppError('FROM_NOT_ALLOWED', 'the caller number is not one of the trunk’s numbers')
    return [trunk]
  }

  take(): TrunkSlot {
    return { release: () => undefined }
  }

  recognize({ request, authorization }: CallerFacts): Recognition {
    const [trunk] = this.trunks
    if (!trunk) return { kind: 'stranger' }
    const authenticator = this.#authenticator
    if (!authenticator) return { kind: 'trunk', trunk }
    const { kind } = authenticator.verify(request, authorization)
    if (kind === 'ok') return { kind: 'trunk', trunk }
    const challenges = authenticator.challenge({ stale: kind === 'stale' })
    return { kind: 'challenge', challenges, refused: kind === 'refused' }
  }

  views(): readonly TrunkView[] {
    const health = { reach: 'unasked', since: null, sipStatus: null, detail: null } as const
    return this.trunks.map(({ name }) => {
      const view = this.#registrations.get(name)?.view()
      const registration = view ?? { registration: 'none', since: null, lastFailure: null }
      return { name, ...registration, health, calls: 0 }
    })
  }

  replace(trunks: readonly Trunk[]): void {
    this.trunks = trunks
  }

  lost(): void {
    for (const registration of this.#registrations.values()) registration.lost()
  }

  restored(): void {
    for (const registration of this.#registrations.values()) registration.restored()
  }

  async close(): Promise<void> {
    await Promise.all([...this.#registrations.values()].map((each) => each.close()))
  }
}
