// What of a trunk's definition anybody may see, defaults written out (core/contracts/trunk-view.ts). Pure.
import {
  DEFAULT_ROUTE,
  TELEPHONE_CODECS,
  type SipProtocol,
  type Trunk,
  type TrunkFacts,
} from '#core/contracts'

/** RFC 3261 §19.1.1: no user, no password, of the parameters the transport alone. */
const PROXY_URI =
  /^(?:sips?:)?(?:[^@]*@)?(\[[^\]]+\](?::\d+)?|[^;?[\]]+)(?:.*?;transport=(udp|tcp|tls)\b)?/i

export function trunkFacts(trunk: Trunk): TrunkFacts {
  const { name, domain, numbers, account, limits = {} } = trunk
  const proxy = trunk.proxy === undefined ? undefined : readProxy(trunk.proxy)
  return {
    name,
    domain,
    proxy: proxy?.host ?? null,
    // Where there is a proxy, its own URI says how it is reached.
    transport: (proxy ? proxy.transport : trunk.transport) ?? null,
    registers: account?.registers === true,
    codecs: trunk.codecs ?? TELEPHONE_CODECS,
    media: trunk.media ?? 'direct',
    srtp: trunk.srtp ?? 'off',
    transfer: trunk.transfer ?? 'auto',
    numbers: numbers.length,
    routes: trunk.routes ?? [{ prefixes: ['+'], ...DEFAULT_ROUTE }],
    maxConcurrentCalls: limits.maxConcurrentCalls ?? null,
    maxCallsPerSecond: limits.maxCallsPerSecond ?? null,
  }
}

function readProxy(uri: string): { readonly host: string; readonly transport?: SipProtocol } {
  const [, host = '', transport] = PROXY_URI.exec(uri) ?? []
  const protocol = (['udp', 'tcp', 'tls'] as const).find(
    (each) => each === transport?.toLowerCase(),
  )
  return { host, ...(protocol === undefined ? {} : { transport: protocol }) }
}
