// What the addresses of SIP_LISTEN must be among themselves, and what TLS needs of them.
import { isIP } from 'node:net'
import type { ConfigProblem } from './config-problem.ts'
import { isWildcard } from './loopback.ts'
import type { Values } from './schema.ts'
import type { SipListenAddress } from './sip-setting.ts'

const OF_TLS = ['SIP_TLS_CERT', 'SIP_TLS_KEY', 'SIP_TLS_CA'] as const

export function listenProblems(values: Values): ConfigProblem[] {
  const listen = values.SIP_LISTEN
  // What could not be read is told already.
  if (listen === undefined) return []
  return [...collisions(listen), ...uselessTls(values, listen)]
}

function collisions(listen: readonly SipListenAddress[]): ConfigProblem[] {
  return listen.flatMap((address, at) => {
    const earlier = listen.slice(0, at).find((other) => collide(address, other))
    if (earlier === undefined) return []
    const [one, other] = [written(earlier), written(address)]
    const problem =
      one === other
        ? `names ${one} twice`
        : `cannot have ${one} and ${other}: they need the same port`
    return [{ name: 'SIP_LISTEN', problem }]
  })
}

/** TCP and TLS take the same kind of port; a wildcard takes that of every address of its family. */
function collide(one: SipListenAddress, other: SipListenAddress): boolean {
  if (one.port === 0 || one.port !== other.port) return false
  if ((one.protocol === 'udp') !== (other.protocol === 'udp')) return false
  if (isIP(one.host) !== isIP(other.host)) return false
  return one.host === other.host || isWildcard(one.host) || isWildcard(other.host)
}

/** As it stands in the setting. */
const written = ({ protocol, host, port }: SipListenAddress): string =>
  `${protocol}:${isIP(host) === 6 ? `[${host}]` : host}:${port}`

function uselessTls(values: Values, listen: readonly SipListenAddress[]): ConfigProblem[] {
  if (listen.some(({ protocol }) => protocol === 'tls')) return []
  return OF_TLS.filter((name) => values[name] !== undefined).map((name) => ({
    name,
    problem: 'is of no use: SIP_LISTEN has no tls address',
  }))
}
