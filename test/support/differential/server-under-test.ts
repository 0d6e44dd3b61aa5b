// The same address book for both servers: a real drachtio-server, and the embedded one.
import { startEmbeddedSip } from '../../../gateway/embedded/index.ts'
import { startDrachtioServer } from '../drachtio-server.ts'
import type { WireProtocol } from './wire-peer.ts'

export interface ServerUnderTest {
  readonly name: 'drachtio-server' | 'embedded'
  readonly admin: { readonly host: string; readonly port: number; readonly secret: string }
  portOf(protocol: WireProtocol): number
  close(): Promise<void>
}

export async function startReal(): Promise<ServerUnderTest> {
  const server = await startDrachtioServer()
  return {
    name: 'drachtio-server',
    admin: server.admin,
    portOf: () => server.address.port,
    close: () => server.close(),
  }
}

export async function startEmbedded(protocols: readonly WireProtocol[]): Promise<ServerUnderTest> {
  const server = await startEmbeddedSip({
    listen: protocols.map((protocol) => ({ protocol, host: '127.0.0.1', port: 0 })),
  })
  return {
    name: 'embedded',
    admin: server.admin,
    portOf: (protocol) =>
      server.addresses.find((address) => address.protocol === protocol)?.port ?? 0,
    close: () => server.close(),
  }
}
