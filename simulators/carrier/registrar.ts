// The registrar: who may be reached where, for how long, and what goes wrong with it on purpose (RFC 3261 §10.3).
import { epochMs, type EpochMs } from '#core/contracts'
import { DigestGate, type Account, type DigestAlgorithm } from './digest-gate.ts'
import { paramOf, uriOf, userOf } from './sip-address.ts'
import { cseqOf, headerList, headerOf, type HeaderLine, type SipRequest } from './sip-message.ts'

export interface RegistrarOptions {
  /** None: everybody is registered, and nobody is asked for a password. */
  readonly accounts?: readonly Account[]
  /** Default `carrier.invalid`. */
  readonly realm?: string
  /** What is offered, the preferred first. Default SHA-256, then MD5. */
  readonly algorithms?: readonly DigestAlgorithm[]
  /** Default 300. */
  readonly nonceSeconds?: number
  /** A wish below it is answered 423. Default 1. */
  readonly minExpiresSeconds?: number
  /** No more is granted. Default 3600. */
  readonly maxExpiresSeconds?: number
}

/** `refuse`: 403 whatever the password; `silent`: nothing is answered; `unavailable`: 503 with Retry-After. */
export type RegistrarFault = 'refuse' | 'silent' | 'unavailable'

export interface Binding {
  readonly user: string
  readonly contactUri: string
  readonly expiresAt: EpochMs
  readonly sipCallId: string
  readonly cseq: number
}

/** What came of one REGISTER; `status` null: it was not answered. */
export interface RegisterAttempt {
  readonly at: EpochMs
  readonly user: string
  readonly status: number | null
}

export interface Answer {
  readonly status: number
  readonly reason: string
  readonly headers?: readonly HeaderLine[]
}

const DEFAULTS = {
  accounts: [],
  realm: 'carrier.invalid',
  algorithms: ['SHA-256', 'MD5'],
  nonceSeconds: 300,
  minExpiresSeconds: 1,
  maxExpiresSeconds: 3600,
} as const satisfies Required<RegistrarOptions>
const RETRY_AFTER_SECONDS = 1
const MAX_ATTEMPTS_KEPT = 1000

export class Registrar {
  /** REGISTER requests, oldest first; repetitions of one count once. The last 1,000. */
  readonly attempts: RegisterAttempt[] = []
  readonly #settings: Required<RegistrarOptions>
  readonly #gate: DigestGate
  readonly #now: () => EpochMs
  readonly #complain: (complaint: string) => void
  #bindings: readonly Binding[] = []
  #fault: RegistrarFault | undefined

  constructor(
    options: RegistrarOptions,
    now: () => EpochMs,
    complain: (complaint: string) => void,
  ) {
    this.#settings = { ...DEFAULTS, ...options }
    this.#now = now
    this.#complain = complain
    this.#gate = new DigestGate(this.#settings, now)
  }

  /** Those that have not expired. */
  get bindings(): readonly Binding[] {
    const now = this.#now()
    return this.#bindings.filter(({ expiresAt }) => expiresAt > now)
  }

  /** The newest of an account. */
  bindingOf(account: string): Binding | undefined {
    return this.bindings.findLast(({ user }) => user === account)
  }

  /** From the next REGISTER on; undefined: it works again. */
  fail(fault: RegistrarFault | undefined): void {
    this.#fault = fault
  }

  /** As after a restart without a memory: nobody is registered, and nobody is told. */
  dropBindings(): void {
    this.#bindings = []
  }

  /** Credentials for the old one are worth nothing. */
  changeRealm(realm: string): void {
    this.#gate.realm = realm
  }

  /** Undefined: the request is left without an answer. */
  receive(request: SipRequest): Answer | undefined {
    const answer = this.#answerTo(request)
    const user = userOf(uriOf(headerOf(request, 'to')))
    this.attempts.push({ at: this.#now(), user, status: answer?.status ?? null })
    if (this.attempts.length > MAX_ATTEMPTS_KEPT) this.attempts.shift()
    return answer
  }

  /** The challenge of an INVITE, as a proxy makes it; undefined: the caller has proven who it is. */
  challengeCall(invite: SipRequest): Answer | undefined {
    return this.#challenge(invite, {
      status: 407,
      reason: 'Proxy Authentication Required',
      header: 'Proxy-Authenticate',
      proof: 'proxy-authorization',
      isForOneself: false,
    })
  }

  #answerTo(request: SipRequest): Answer | undefined {
    switch (this.#fault) {
      case 'silent':
        return undefined
      case 'refuse':
        return FORBIDDEN
      case 'unavailable':
        return {
          status: 503,
          reason: 'Service Unavailable',
          headers: [['Retry-After', `${RETRY_AFTER_SECONDS}`]],
        }
      case undefined:
        return this.#challenge(request, REGISTER_CHALLENGE) ?? this.#bind(request)
      default:
        return this.#fault satisfies never
    }
  }

  #challenge(request: SipRequest, kind: ChallengeKind): Answer | undefined {
    if (this.#settings.accounts.length === 0) return undefined
    const verdict = this.#gate.judge(request, kind.proof)
    switch (verdict.kind) {
      case 'proven': {
        const isOwn = verdict.user === userOf(uriOf(headerOf(request, 'to')))
        return isOwn || !kind.isForOneself ? undefined : FORBIDDEN
      }
      case 'wrong':
        if (verdict.complaint !== undefined) this.#complain(verdict.complaint)
        return FORBIDDEN
      case 'stale':
      case 'unproven': {
        const values = this.#gate.challenges(verdict.kind === 'stale')
        const headers = values.map((value) => [kind.header, value] as const)
        return { status: kind.status, reason: kind.reason, headers }
      }
      default:
        return verdict satisfies never
    }
  }

  #bind(request: SipRequest): Answer {
    const user = userOf(uriOf(headerOf(request, 'to')))
    const sipCallId = headerOf(request, 'call-id')
    const cseq = cseqOf(request).number
    const contacts = headerList(request, 'contact')
    if (contacts.includes('*')) {
      if (headerOf(request, 'expires') !== '0') return { status: 400, reason: 'Bad Request' }
      this.#bindings = this.bindings.filter((binding) => binding.user !== user)
      return this.#bound(user)
    }
    const { minExpiresSeconds, maxExpiresSeconds } = this.#settings
    const wishes = contacts.map((contact) => {
      const wish = paramOf(contact, 'expires') ?? headerOf(request, 'expires')
      const asked = /^\d+$/.test(wish) ? Number(wish) : maxExpiresSeconds
      return { contactUri: uriOf(contact), asked }
    })
    if (wishes.some(({ asked }) => asked > 0 && asked < minExpiresSeconds)) {
      const headers = [['Min-Expires', `${minExpiresSeconds}`]] as const
      return { status: 423, reason: 'Interval Too Brief', headers }
    }
    const known = this.bindings.filter((each) => each.user === user && each.sipCallId === sipCallId)
    // A late datagram must not undo what came after it (§10.3, step 7).
    if (known.some((each) => each.cseq >= cseq)) {
      this.#complain('REGISTER without a higher CSeq number')
      return { status: 500, reason: 'Server Internal Error' }
    }
    const now = this.#now()
    for (const { contactUri, asked } of wishes) {
      const others = this.bindings.filter(
        (each) => each.user !== user || each.contactUri !== contactUri,
      )
      const expiresAt = epochMs(now + Math.min(asked, maxExpiresSeconds) * 1000)
      const binding: Binding = { user, contactUri, expiresAt, sipCallId, cseq }
      this.#bindings = asked > 0 ? [...others, binding] : others
    }
    return this.#bound(user)
  }

  /** All that stand, with what is left of their time. */
  #bound(user: string): Answer {
    const now = this.#now()
    const headers = this.bindings
      .filter((binding) => binding.user === user)
      .map(({ contactUri, expiresAt }) => {
        const seconds = Math.round((expiresAt - now) / 1000)
        return ['Contact', `<${contactUri}>;expires=${seconds}`] as const
      })
    return { status: 200, reason: 'OK', headers }
  }
}

interface ChallengeKind {
  readonly status: number
  readonly reason: string
  readonly header: string
  readonly proof: string
  /** Nobody registers somebody else. */
  readonly isForOneself: boolean
}

const REGISTER_CHALLENGE: ChallengeKind = {
  status: 401,
  reason: 'Unauthorized',
  header: 'WWW-Authenticate',
  proof: 'authorization',
  isForOneself: true,
}
const FORBIDDEN: Answer = { status: 403, reason: 'Forbidden' }
