// What a trunk needs beside itself: all of its settings, an agent to talk, and addresses its carrier can reach.
import type { ConfigProblem } from './compile-config.ts'
import { isLoopback } from './loopback.ts'
import type { Values, VariableName } from './schema.ts'

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
  return [...missing, ...withoutAgent(values, isGiven), ...unreachable(values)]
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
  isGiven: (name: VariableName) => boolean,
): readonly ConfigProblem[] {
  // A key without an agent is told of already.
  if (agentConfigured(values) || isGiven('ELEVENLABS_API_KEY')) return []
  const problem =
    'is missing: a trunk is configured (EXOLVE_SIP_DOMAIN), and nobody is there to talk on it'
  return [{ name: 'ELEVENLABS_AGENT_ID', problem }]
}

/** A carrier out there cannot be reached from, and cannot reach, an address that never leaves this machine. */
function unreachable(values: Values): ConfigProblem[] {
  const proxy = values.EXOLVE_SIP_PROXY
  const listen = values.SIP_LISTEN ?? []
  const usable = listen.filter(({ protocol }) => protocol === (proxy?.protocol ?? protocol))
  if (usable.length === 0 && listen.length > 0 && proxy?.protocol !== undefined) {
    const problem = `has no ${proxy.protocol} address, which EXOLVE_SIP_PROXY asks for`
    return [{ name: 'SIP_LISTEN', problem }]
  }
  const beyond = beyondLoopback(values)
  if (beyond === undefined) return []
  const problem = `is loopback while ${beyond} is not: the carrier could not be reached from there`
  return [
    ...(usable.every(({ host }) => isLoopback(host)) ? [{ name: 'SIP_LISTEN', problem }] : []),
    ...(isLoopback(values.RTP_HOST ?? '') ? [{ name: 'RTP_HOST', problem }] : []),
  ]
}

/** Whom we really talk to, the proxy or the domain, when that lies beyond this machine. */
function beyondLoopback(values: Values): VariableName | undefined {
  const { EXOLVE_SIP_DOMAIN: domain, EXOLVE_SIP_PROXY: proxy } = values
  if (proxy !== undefined) return isLoopback(proxy.host) ? undefined : 'EXOLVE_SIP_PROXY'
  return domain === undefined || isLoopback(hostOf(domain)) ? undefined : 'EXOLVE_SIP_DOMAIN'
}

/** Of `host`, `host:port`, `[::1]:port` and a bare IPv6 address. */
const hostOf = (text: string): string =>
  text.split(':').length > 2 && !text.startsWith('[') ? text : text.replace(/:\d+$/, '')
