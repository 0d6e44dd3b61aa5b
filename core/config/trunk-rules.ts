// What a trunk needs beside itself: all of its settings, an agent to talk, and addresses its carrier can reach.
import type { ConfigProblem } from './config-problem.ts'
import { hostOf, isLoopback } from './loopback.ts'
import type { Values, VariableName } from './schema.ts'
import type { SipListenAddress, SipProtocol } from './sip-setting.ts'

const NEEDED = ['EXOLVE_SIP_USER', 'EXOLVE_SIP_PASS', 'EXOLVE_SIP_DOMAIN'] as const
const SHORTHAND: readonly VariableName[] = [...NEEDED, 'EXOLVE_SIP_PROXY']

export const agentConfigured = (values: Values): boolean =>
  values.ELEVENLABS_API_KEY !== undefined || values.ELEVENLABS_AGENT_ID !== undefined

export const trunkConfigured = (values: Values): boolean => values.EXOLVE_SIP_DOMAIN !== undefined

/** @param isGiven a value was written, right or wrong */
export function trunkProblems(
  values: Values,
  isGiven: (name: VariableName) => boolean,
): ConfigProblem[] {
  const given = SHORTHAND.filter(isGiven)
  if (given.length === 0) return withoutTrunk(values)
  const missing = NEEDED.filter((name) => !isGiven(name)).map((name) => ({
    name,
    problem: `is missing: ${given.join(', ')} ${given.length === 1 ? 'needs' : 'need'} it`,
  }))
  return [...missing, ...withoutAgent(values, given, isGiven), ...unreachable(values)]
}

function withoutTrunk(values: Values): ConfigProblem[] {
  if (!agentConfigured(values) || values.DIAL_ALLOW_PREFIXES === undefined) return []
  const problem =
    'is missing: DIAL_ALLOW_PREFIXES allows numbers to be dialled, and there is no trunk to dial them through; ' +
    'leave DIAL_ALLOW_PREFIXES empty to take calls only'
  return [{ name: 'EXOLVE_SIP_DOMAIN', problem }]
}

function withoutAgent(
  values: Values,
  given: readonly VariableName[],
  isGiven: (name: VariableName) => boolean,
): readonly ConfigProblem[] {
  // A key without an agent is told of already.
  if (agentConfigured(values) || isGiven('ELEVENLABS_API_KEY')) return []
  const problem = `is missing: a trunk is configured (${given.join(', ')}), and nobody is there to talk on it`
  return [{ name: 'ELEVENLABS_AGENT_ID', problem }]
}

/** A carrier out there cannot be reached from, and cannot reach, an address that never leaves this machine. */
function unreachable(values: Values): ConfigProblem[] {
  const listen = values.SIP_LISTEN ?? []
  const wanted = values.EXOLVE_SIP_PROXY?.protocol
  // Without a transport UDP comes first, then TCP, and TLS never (RFC 3263 §4.1).
  const protocols = wanted === undefined ? (['udp', 'tcp'] as const) : [wanted]
  const protocol = protocols.find((each) => listen.some((address) => address.protocol === each))
  if (protocol === undefined) return listen.length === 0 ? [] : [withoutTransport(wanted)]
  const beyond = beyondLoopback(values)
  if (beyond === undefined) return []
  const problem = `is loopback while ${beyond} is not: the carrier could not be reached from there`
  const usable = listen.filter((address) => address.protocol === protocol)
  const part = {
    name: 'SIP_LISTEN',
    problem: `has ${protocol} on loopback only while ${beyond} is not, and the carrier is called by ${protocol}`,
  }
  const isLocal = ({ host }: SipListenAddress): boolean => isLoopback(host)
  return [
    ...(listen.every(isLocal) ? [{ name: 'SIP_LISTEN', problem }] : []),
    ...(usable.every(isLocal) && !listen.every(isLocal) ? [part] : []),
    ...(isLoopback(values.RTP_HOST ?? '') ? [{ name: 'RTP_HOST', problem }] : []),
  ]
}

const withoutTransport = (wanted: SipProtocol | undefined): ConfigProblem => ({
  name: 'SIP_LISTEN',
  problem:
    wanted === undefined
      ? 'has no udp or tcp address for the trunk; one that is called by tls has an EXOLVE_SIP_PROXY with ;transport=tls'
      : `has no ${wanted} address, which EXOLVE_SIP_PROXY asks for`,
})

/** Whom we really talk to, the proxy or the domain, when that lies beyond this machine. */
function beyondLoopback(values: Values): VariableName | undefined {
  const { EXOLVE_SIP_DOMAIN: domain, EXOLVE_SIP_PROXY: proxy } = values
  if (proxy !== undefined) return isLoopback(proxy.host) ? undefined : 'EXOLVE_SIP_PROXY'
  return domain === undefined || isLoopback(hostOf(domain)) ? undefined : 'EXOLVE_SIP_DOMAIN'
}
