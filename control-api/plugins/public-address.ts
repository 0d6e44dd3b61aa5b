// Where vendors reach us: PUBLIC_URL; in rehearsal, where there is none, the address that we listen on.
import type { AddressInfo } from 'node:net'
import type { ControlApiConfig } from '../control-api.ts'
import type { HttpServer } from '../http-server.ts'

/** Without a slash at its end. @param app undefined before it is there */
export function publicUrlOf(
  { publicUrl, httpHost, httpPort }: Pick<ControlApiConfig, 'publicUrl' | 'httpHost' | 'httpPort'>,
  app: HttpServer | undefined,
): string {
  if (publicUrl !== undefined) return publicUrl.replace(/\/+$/, '')
  const address = app?.server.address()
  const port = isListening(address) ? address.port : httpPort
  return `http://${httpHost.includes(':') ? `[${httpHost}]` : httpHost}:${port}`
}

const isListening = (address: AddressInfo | string | null | undefined): address is AddressInfo =>
  typeof address === 'object' && address !== null
