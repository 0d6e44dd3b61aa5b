// Whose call this is: by the address it comes from, the certificate of its connection, or its credentials. Pure but for
// the nonces.
import type { Trunk } from '#core/contracts'
import type { InboundInvite } from '../sip/sip-port.ts'
import { isAccounted, type DigestGate } from './digest-gate.ts'
import type { TrunkAddresses } from './trunk-addresses.ts'
import { numberFromWire } from './trunk.ts'

/** What a caller must be known by: no more of its INVITE is looked at. */
export type CallerFacts = Pick<
  InboundInvite,
  'sourceAddress' | 'tlsNames' | 'toUser' | 'request' | 'authorization'
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

export interface Knowledge {
  readonly trunks: readonly Trunk[]
  readonly addresses: Pick<TrunkAddresses, 'isOf'>
  readonly digests: Pick<DigestGate, 'judge'>
}

/** A trunk with an account is known by that alone; written addresses then say where its calls may come from. */
export function recognize(
  { trunks, addresses, digests }: Knowledge,
  caller: CallerFacts,
): Recognition {
  const { toUser, sourceAddress, tlsNames, request, authorization } = caller
  const near = new Set(
    trunks.filter((trunk) => addresses.isOf(trunk, sourceAddress) || bearsNameOf(trunk, tlsNames)),
  )
  const open = trunks.filter((trunk) => near.has(trunk) && !isAccounted(trunk))
  const known = preferred(open, toUser)
  if (known) return { kind: 'trunk', trunk: known }
  const asked = trunks
    .filter(isAccounted)
    .filter((trunk) => near.has(trunk) || trunk.inbound.addresses === undefined)
    .toSorted((a, b) => Number(near.has(b)) - Number(near.has(a)))
  if (asked.length === 0) return { kind: 'stranger' }
  const judgement = digests.judge(asked, request, authorization)
  if (judgement.kind === 'challenge') return judgement
  const trunk = preferred(judgement.trunks, toUser)
  return trunk ? { kind: 'trunk', trunk } : { kind: 'stranger' }
}

/** Anybody may have to be asked: by the address alone nobody can be turned away. */
export const asksEverybody = (trunks: readonly Trunk[]): boolean =>
  trunks.some(
    ({ inbound }) =>
      (inbound?.tlsNames?.length ?? 0) > 0 ||
      (inbound?.account !== undefined && inbound.addresses === undefined),
  )

/** Trunks that share an address are told apart by the number that is called. */
function preferred(trunks: readonly Trunk[], toUser: string): Trunk | undefined {
  const [first] = trunks
  // Reading a number takes longer than all else of this.
  if (trunks.length <= 1) return first
  return trunks.find((trunk) => isNumberOf(trunk, toUser)) ?? first
}

function isNumberOf(trunk: Trunk, toUser: string): boolean {
  const called = numberFromWire(trunk, toUser)
  return trunk.numbers.some((number) => number === called)
}

const bearsNameOf = ({ inbound }: Trunk, names: readonly string[]): boolean =>
  inbound?.tlsNames?.some((wanted) => names.some((name) => isNamed(wanted, name))) === true

/** `*.` stands for one label, and only where we wrote it: a certificate may not say so (RFC 5922 §7.2). */
function isNamed(wanted: string, name: string): boolean {
  const [pattern, given] = [wanted.toLowerCase(), name.toLowerCase()]
  if (pattern === given) return true
  return pattern.startsWith('*.') && /^[^.*]+(\..+)$/.exec(given)?.[1] === pattern.slice(1)
}
