// A ServerLocator beside a name server of its own, and transports that only say what they are.
import { parseUri, type SipUri } from '../../../../../gateway/embedded/message/uri.ts'
import {
  ServerLocator,
  type Location,
  type ServerLocatorOptions,
} from '../../../../../gateway/embedded/transport/locate/server-locator.ts'
import { TransportSet } from '../../../../../gateway/embedded/transport/transport-set.ts'
import type { SipProtocol, Transport } from '../../../../../gateway/embedded/transport/transport.ts'
import { StubDns } from '../../../../support/stub-dns.ts'

/** Nothing is sent here: only what the choice goes by. */
export const transport = (protocol: SipProtocol, host: string): Transport => {
  const local = { host, port: 5060 }
  return {
    protocol,
    isReliable: protocol !== 'udp',
    local,
    advertised: local,
    family: host.includes(':') ? 6 : 4,
    send: () => undefined,
    reply: () => undefined,
    keep: () => undefined,
    isRefused: () => Promise.resolve(false),
    isConnected: () => false,
    connectionCount: 0,
    close: () => Promise.resolve(),
  }
}

export const UDP = transport('udp', '192.0.2.1')
export const TCP = transport('tcp', '192.0.2.1')
export const TLS = transport('tls', '192.0.2.1')
export const UDP6 = transport('udp', '2001:db8::1')
export const TCP6 = transport('tcp', '2001:db8::1')
export const LOOPBACK = transport('udp', '127.0.0.1')

type Rig = Omit<ServerLocatorOptions, 'transports'> & { transports?: readonly Transport[] }
type Testing = { teardown: (run: () => unknown) => unknown }

export function openLocator(
  t: Testing,
  { transports = [UDP, TCP, TLS], ...rest }: Rig,
): ServerLocator {
  const locator = new ServerLocator({ transports: new TransportSet(transports), ...rest })
  t.teardown(() => locator.close())
  return locator
}

export async function rigWithDns(t: Testing, rig: Rig = {}) {
  const dns = await StubDns.open(t)
  return { dns, locator: openLocator(t, { nameServers: [dns.hostPort], ...rig }) }
}

export function uri(text: string): SipUri {
  const parsed = parseUri(text)
  if (parsed === undefined) throw new Error(`No URI: ${text}`)
  return parsed
}

/** `udp 192.0.2.9:5060`, in order; or why there is none. */
export const shown = (location: Location): readonly string[] | string =>
  location.kind === 'found'
    ? location.destinations.map(
        ({ transport: { protocol }, peer }) => `${protocol} ${peer.address}:${peer.port}`,
      )
    : location.kind

export const locate = async (
  locator: ServerLocator,
  text: string,
): Promise<readonly string[] | string> => shown(await locator.locate(uri(text)))

/** Mulberry32: the same draws each time. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
