// Trunks that are known by their credentials with us: one realm for each domain, several accounts within (RFC 3261
// §22.1). The user name says which trunk it is.
import { isDeepStrictEqual } from 'node:util'
import type { InboundAccount, Trunk } from '#core/contracts'
import type { Clock } from '#core/time'
import {
  createDigestAuthenticator,
  type DigestAuthenticator,
  type Verdict,
} from '../sip/digest/digest-authenticator.ts'
import type { DigestRequest } from '../sip/digest/digest-credentials.ts'

/** A trunk with an account of its carrier's. */
export interface AccountedTrunk extends Trunk {
  readonly inbound: { readonly account: InboundAccount } & Trunk['inbound']
}

export const isAccounted = (trunk: Trunk): trunk is AccountedTrunk =>
  trunk.inbound?.account !== undefined

export type DigestJudgement =
  /** By these credentials it may be any of them: accounts may be shared. */
  | { readonly kind: 'known'; readonly trunks: readonly Trunk[] }
  /** Values of WWW-Authenticate. `refused`: credentials came and were wrong. */
  | {
      readonly kind: 'challenge'
      readonly challenges: readonly string[]
      readonly refused: boolean
    }

/** Many SIP programs read the first of several challenges only, or give up at one they do not know. */
const EVERYBODYS_ALGORITHM = ['MD5'] as const
/** What a response of one datagram has room for. */
const MAX_REALMS = 8

interface Realm {
  readonly name: string
  readonly accounts: readonly InboundAccount[]
  readonly authenticator: DigestAuthenticator
}

export class DigestGate {
  readonly #clock: Clock
  #realms: readonly Realm[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A realm that stays the same keeps its nonces: whoever was just challenged may go on. */
  replace(trunks: readonly Trunk[]): void {
    const byRealm = Map.groupBy(trunks.filter(isAccounted), ({ domain }) => domain)
    this.#realms = [...byRealm].map(([name, its]) => {
      const accounts = its.map(({ inbound }) => inbound.account)
      const before = this.#realms.find((realm) => realm.name === name)
      return before && isDeepStrictEqual(before.accounts, accounts)
        ? before
        : { name, accounts, authenticator: this.#authenticatorOf(name, accounts) }
    })
  }

  /** @param trunks whose the caller may be, the likeliest first: many read the first challenge only */
  judge(
    trunks: readonly AccountedTrunk[],
    request: DigestRequest,
    authorization: string,
  ): DigestJudgement {
    const asked = [...new Set(trunks.map(({ domain }) => domain))]
      .flatMap((domain) => this.#realms.find(({ name }) => name === domain) ?? [])
      .slice(0, MAX_REALMS)
    const challenges: string[] = []
    let refused = false
    for (const { name, authenticator } of asked) {
      const verdict = authenticator.verify(request, authorization)
      const known = ownersOf(trunks, name, verdict)
      if (known.length > 0) return { kind: 'known', trunks: known }
      refused ||= verdict.kind === 'refused' || verdict.kind === 'ok'
      challenges.push(...authenticator.challenge({ stale: verdict.kind === 'stale' }))
    }
    return { kind: 'challenge', challenges, refused }
  }

  #authenticatorOf(realm: string, accounts: readonly InboundAccount[]): DigestAuthenticator {
    const passwords = new Map(
      accounts.toReversed().map(({ username, password }) => [username, password]),
    )
    const algorithms = accounts.flatMap((account) => account.algorithms ?? EVERYBODYS_ALGORITHM)
    return createDigestAuthenticator({
      realm,
      credentials: (username) => passwords.get(username),
      clock: this.#clock,
      algorithms: [...new Set(algorithms)],
    })
  }
}

const ownersOf = (
  trunks: readonly AccountedTrunk[],
  realm: string,
  verdict: Verdict,
): readonly Trunk[] =>
  verdict.kind === 'ok'
    ? trunks.filter(
        ({ domain, inbound }) => domain === realm && inbound.account.username === verdict.username,
      )
    : []
