// A guess about NAT: where an answer says that our request came from, against where we said it did (RFC 3581).
import { isIP } from 'node:net'
import type { Config } from '#core/config'
import { ok, warn, type Finding } from '../finding.ts'

export interface SeenVia {
  readonly protocol: string
  /** As we wrote it. */
  readonly host: string
  readonly port: number
  /** As the far end saw it; absent where it did not say. */
  readonly received?: string
  readonly rport?: number
}

/** `SIP/2.0/UDP host:port;branch=…;rport=…;received=…`. */
export function readVia(via: string): SeenVia | undefined {
  const [, protocol = '', host, port] =
    /^\s*SIP\s*\/\s*2\.0\s*\/\s*(\w+)\s+(\[[^\]]+\]|[^\s;:,]+)(?::(\d+))?/i.exec(via) ?? []
  if (host === undefined) return undefined
  // Of several the first is ours.
  const [own = ''] = via.split(',')
  const received = /;\s*received\s*=\s*([^;\s]+)/i.exec(own)?.[1]?.replace(/^\[|\]$/g, '')
  const rport = Number(/;\s*rport\s*=\s*(\d+)/i.exec(own)?.[1] ?? Number.NaN)
  return {
    protocol: protocol.toUpperCase(),
    host: host.replace(/^\[|\]$/g, ''),
    port: Number(port ?? (protocol.toUpperCase() === 'TLS' ? 5061 : 5060)),
    ...(received !== undefined && isIP(received) > 0 ? { received } : {}),
    ...(Number.isNaN(rport) ? {} : { rport }),
  }
}

type Settings = Pick<Config, 'sipAdvertise' | 'drachtio'>

/** Empty where it did not say. */
export function judgeVia(check: string, via: string, config: Settings): readonly Finding[] {
  const seen = readVia(via)
  if (seen?.received === undefined) return []
  const { host, received, port, rport, protocol } = seen
  if (received !== host) return [elsewhere(check, received, host, config)]
  // A connection has a port of its own; over UDP ours is to be called back.
  if (protocol !== 'UDP' || rport === undefined || rport === port)
    return [ok(check, 'it sees us where we say we are')]
  const todo = `Have port ${port} forwarded to this machine under the same number, in both directions.`
  return [warn(check, `it sees us at port ${rport}, and we say ${port}: a NAT changes it`, todo)]
}

function elsewhere(
  check: string,
  received: string,
  host: string,
  { sipAdvertise, drachtio }: Settings,
): Finding {
  const seen = `it sees us as ${received}, and we say ${host}: there is a NAT between us, as it seems`
  const also = drachtio ? ' Start drachtio-server with --external-ip and the same.' : ''
  const forward = ' Forward the SIP ports and the RTP range to this machine under the same numbers.'
  return sipAdvertise === undefined
    ? warn(check, seen, `Set SIP_ADVERTISE=${received}.${also}${forward}`)
    : warn(
        check,
        seen,
        `If calls are silent or end early: SIP_ADVERTISE should be ${received}.${also} On a private way to the carrier nothing has to be done.`,
      )
}
