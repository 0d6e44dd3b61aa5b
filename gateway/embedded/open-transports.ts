// Opens every address the server was told to listen on, or none.
import { isIPv6 } from 'node:net'
import type { Counters } from './counters.ts'
import type { Gate } from './gate/gate.ts'
import type { ListenAddress, ServerConfig } from './server-options.ts'
import type { MessageTrace } from './trace/message-trace.ts'
import { TracedTransport } from './trace/traced-transport.ts'
import { ConnectionQuota } from './transport/stream/connection-quota.ts'
import { openStreamTransport } from './transport/stream/stream-transport.ts'
import { TransportSet } from './transport/transport-set.ts'
import type { HostPort, MessageListener, Transport } from './transport/transport.ts'
import { openUdpTransport } from './transport/udp-transport.ts'

export interface TransportParts {
  readonly config: ServerConfig
  readonly counters: Counters
  readonly trace: MessageTrace
  readonly gate: Gate
  readonly onMessage: MessageListener
}

/** Rejects with the system's code (EADDRINUSE, EACCES, EADDRNOTAVAIL). */
export async function openTransports(parts: TransportParts): Promise<TransportSet> {
  const { maxConnections, maxConnectionsPerAddress } = parts.config.limits
  const isPreferred = (address: string): boolean => parts.gate.prefers(address)
  const quota = new ConnectionQuota(maxConnections, maxConnectionsPerAddress, { isPreferred })
  const opened: Transport[] = []
  try {
    for (const address of parts.config.listen) opened.push(await openTraced(address, parts, quota))
  } catch (error) {
    await Promise.all(opened.map((transport) => transport.close()))
    throw error
  }
  return new TransportSet(opened)
}

async function openTraced(
  address: ListenAddress,
  parts: TransportParts,
  quota: ConnectionQuota,
): Promise<Transport> {
  const outer: { traced?: TracedTransport } = {}
  const inner = await openTransport(address, parts, quota, (bytes, from, _inner, size) => {
    if (!parts.gate.admits(from.address)) {
      parts.counters.dropped('rate')
      return
    }
    outer.traced?.noteReceived(bytes, from)
    if (outer.traced) parts.onMessage(bytes, from, outer.traced, size)
  })
  outer.traced = new TracedTransport(inner, parts.trace, ({ address }) =>
    parts.gate.expect(address),
  )
  return outer.traced
}

function openTransport(
  { protocol, host, port }: ListenAddress,
  { config, counters }: TransportParts,
  quota: ConnectionQuota,
  onMessage: MessageListener,
): Promise<Transport> {
  const { advertise: written, timers, limits, tls } = config
  const advertise = written === undefined ? undefined : parseAdvertise(written)
  const onError = (): void => counters.dropped('send-failed')
  const common = { host, port, advertise, onMessage, onError }
  return protocol === 'udp'
    ? openUdpTransport(common)
    : openStreamTransport({ ...common, protocol, counters, timers, limits, tls, quota })
}

/** `host`, `host:port` or `[v6]:port`; port 0 means the bound one. */
function parseAdvertise(advertise: string): HostPort {
  if (isIPv6(advertise)) return { host: advertise, port: 0 }
  const match = /^\[?([^\]]+?)\]?(?::(\d{1,5}))?$/.exec(advertise)
  return { host: match?.[1] ?? advertise, port: Number(match?.[2] ?? 0) }
}
