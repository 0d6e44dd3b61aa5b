// What trunks need beside themselves: somebody to talk, a media server where they are anchored, and addresses that their
// carriers can reach. Asked at the start, and again when the trunks file is read anew.
import type { SipProtocol, Trunk } from '../contracts/index.ts'
import type { ConfigProblem } from './config-problem.ts'
import { hostOf, isLoopback } from './loopback.ts'
import { sipProxyUri, type SipListenAddress } from './sip-setting.ts'

/** What of a trunk counts here, and what its keys are called where it was written. */
export interface WrittenTrunk extends Partial<
  Pick<Trunk, 'domain' | 'proxy' | 'transport' | 'media'>
> {
  /** A setting, or `file:line: trunks[name].key`. */
  readonly at: (key: TrunkKey) => string
}

export type TrunkKey = 'domain' | 'proxy' | 'transport' | 'media'

/** What stands around the trunks. */
export interface TrunkSurroundings {
  /** What could not be read is left out. */
  readonly sipListen: readonly SipListenAddress[]
  readonly rtpHost: string | undefined
  readonly hasDrachtio: boolean
  readonly hasFreeswitch: boolean
  readonly hasAgent: boolean
  readonly mayDial: boolean
}

/** @param given what says that there is a trunk; empty: there is none */
export function trunkProblems(
  trunks: readonly WrittenTrunk[],
  given: readonly string[],
  around: TrunkSurroundings,
): ConfigProblem[] {
  if (given.length === 0) return withoutTrunk(around)
  return [
    ...withoutAgent(given, around),
    ...trunks.flatMap((trunk) => [...unanchored(trunk, around), ...unreachable(trunk, around)]),
  ]
}

function withoutTrunk({ hasAgent, mayDial }: TrunkSurroundings): ConfigProblem[] {
  if (!hasAgent || !mayDial) return []
  const problem =
    'is missing: DIAL_ALLOW_PREFIXES allows numbers to be dialled, and there is no trunk to dial them through, neither ' +
    'by EXOLVE_SIP_DOMAIN nor in a TRUNKS_FILE; leave DIAL_ALLOW_PREFIXES empty to take calls only'
  return [{ name: 'EXOLVE_SIP_DOMAIN', problem }]
}

function withoutAgent(given: readonly string[], { hasAgent }: TrunkSurroundings): ConfigProblem[] {
  if (hasAgent) return []
  const problem = `is missing: a trunk is configured (${given.join(', ')}), and nobody is there to talk on it`
  return [{ name: 'ELEVENLABS_AGENT_ID', problem }]
}

export function unanchored(
  { media, at }: WrittenTrunk,
  around: Pick<TrunkSurroundings, 'hasFreeswitch'>,
): ConfigProblem[] {
  if (media !== 'anchored' || around.hasFreeswitch) return []
  const problem = 'is anchored, and there is no FreeSWITCH: set FREESWITCH_HOST'
  return [{ name: `${at('media')}:`, problem }]
}

/** A carrier out there cannot be reached from, and cannot reach, an address that never leaves this machine. */
function unreachable(trunk: WrittenTrunk, around: TrunkSurroundings): ConfigProblem[] {
  const beyond = beyondLoopback(trunk)
  const problem = `is loopback while ${beyond ?? ''} is not: the carrier could not be reached from there`
  const isMute = beyond !== undefined && isLoopback(around.rtpHost ?? '')
  return [
    // Where a drachtio-server listens is its own affair.
    ...(around.hasDrachtio ? [] : unheard(trunk, beyond, around.sipListen)),
    ...(isMute ? [{ name: 'RTP_HOST', problem }] : []),
  ]
}

function unheard(
  trunk: WrittenTrunk,
  beyond: string | undefined,
  listen: readonly SipListenAddress[],
): ConfigProblem[] {
  const { protocol: wanted, by } = wantedProtocol(trunk)
  // Without a transport UDP comes first, then TCP, and TLS never (RFC 3263 §4.1).
  const protocols = wanted === undefined ? (['udp', 'tcp'] as const) : [wanted]
  const protocol = protocols.find((each) => listen.some((address) => address.protocol === each))
  if (protocol === undefined)
    return listen.length === 0 ? [] : [withoutTransport(wanted, trunk.at(by))]
  if (beyond === undefined) return []
  const isLocal = ({ host }: SipListenAddress): boolean => isLoopback(host)
  if (listen.every(isLocal)) {
    const problem = `is loopback while ${beyond} is not: the carrier could not be reached from there`
    return [{ name: 'SIP_LISTEN', problem }]
  }
  if (!listen.filter((address) => address.protocol === protocol).every(isLocal)) return []
  const problem = `has ${protocol} on loopback only while ${beyond} is not, and the carrier is called by ${protocol}`
  return [{ name: 'SIP_LISTEN', problem }]
}

function wantedProtocol({ proxy, transport }: WrittenTrunk): {
  readonly protocol: SipProtocol | undefined
  readonly by: TrunkKey
} {
  if (proxy !== undefined) return { protocol: protocolOf(proxy), by: 'proxy' }
  return { protocol: transport, by: transport === undefined ? 'domain' : 'transport' }
}

const withoutTransport = (wanted: SipProtocol | undefined, by: string): ConfigProblem => ({
  name: 'SIP_LISTEN',
  problem:
    wanted === undefined
      ? `has no udp or tcp address for the trunk (${by}); one that is called by tls has transport: tls, or ;transport=tls behind its proxy`
      : `has no ${wanted} address, which ${by} asks for`,
})

/** Whom we really talk to, the proxy or the domain, when that lies beyond this machine. */
function beyondLoopback({ domain, proxy, at }: WrittenTrunk): string | undefined {
  const place = proxy ?? domain
  if (place === undefined || isLoopback(hostOf(place))) return undefined
  return at(proxy === undefined ? 'domain' : 'proxy')
}

function protocolOf(proxy: string): SipProtocol | undefined {
  const parsed = sipProxyUri().parse(proxy)
  return 'value' in parsed ? parsed.value.protocol : undefined
}
