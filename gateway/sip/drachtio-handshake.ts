// Asks a drachtio-server whether it takes us, and where it listens: one `authenticate` frame of its protocol over a
// connection of its own. drachtio-srf would try for ever, in words nobody could act on.
import { randomUUID } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import type { Milliseconds, SipProtocol } from '#core/contracts'
import { systemCodeOf } from '#core/errors'

export interface DrachtioAccess {
  readonly host: string
  readonly port: number
  readonly secret: string
}

/** One that a drachtio-server announces as its own. */
export interface AnnouncedAddress {
  readonly protocol: SipProtocol
  /** An IP address; IPv6 without brackets. */
  readonly host: string
  readonly port: number
}

export type DrachtioGreeting =
  /** `version`: its own words, such as `v0.9.10`. */
  | {
      readonly kind: 'accepted'
      readonly addresses: readonly AnnouncedAddress[]
      readonly version: string
    }
  | { readonly kind: 'wrong-secret' }
  /** `code`: the system's, such as ECONNREFUSED. */
  | { readonly kind: 'unreachable'; readonly code: string }
  /** It took the connection and said nothing, or nothing of this protocol. */
  | { readonly kind: 'not-drachtio' }

/** Never rejects. */
export function greetDrachtio(
  { host, port, secret }: DrachtioAccess,
  timeout: Milliseconds,
): Promise<DrachtioGreeting> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const late = setTimeout(
      () => settle(socket.connecting ? { kind: 'unreachable', code: 'ETIMEDOUT' } : SILENT),
      timeout,
    )
    const settle = (greeting: DrachtioGreeting): void => {
      clearTimeout(late)
      socket.destroy()
      resolve(greeting)
    }
    socket.on('error', (error) =>
      settle({ kind: 'unreachable', code: systemCodeOf(error) ?? 'UNKNOWN' }),
    )
    socket.on('close', () => settle(SILENT))
    socket.once('connect', () => ask(socket, secret))
    let heard = Buffer.alloc(0)
    socket.on('data', (bytes) => {
      heard = Buffer.concat([heard, bytes])
      const greeting = greetingIn(heard)
      if (greeting !== undefined) settle(greeting)
    })
  })
}

/** Before it the length of frames was counted in characters: a name with an umlaut broke the connection. */
export const OLDEST_DRACHTIO = '0.9'

/** False of a version without a number too: it was built from a branch. */
export function isOldDrachtio(version: string): boolean {
  const [, major, minor] = /^v?(\d+)\.(\d+)/.exec(version) ?? []
  return Number(major) === 0 && Number(minor) < 9
}

const SILENT: DrachtioGreeting = { kind: 'not-drachtio' }
/** An answer is a line or two. */
const LONGEST_ANSWER_BYTES = 16_384

function ask(socket: Socket, secret: string): void {
  const frame = `${randomUUID()}|authenticate|${secret}|`
  socket.write(`${Buffer.byteLength(frame)}#${frame}`)
}

/** Undefined while it is not whole. */
function greetingIn(heard: Buffer): DrachtioGreeting | undefined {
  const mark = heard.indexOf('#')
  if (mark < 0) return heard.length > 5 ? SILENT : undefined
  const size = Number(heard.toString('latin1', 0, mark))
  if (!Number.isInteger(size) || size > LONGEST_ANSWER_BYTES) return SILENT
  if (heard.length < mark + 1 + size) return undefined
  const text = heard.toString('utf8', mark + 1, mark + 1 + size)
  const [, kind, , verdict, hostports = '', version = ''] = text.split('|')
  if (kind !== 'response') return SILENT
  if (verdict !== 'OK') return { kind: 'wrong-secret' }
  return { kind: 'accepted', addresses: addressesIn(hostports), version }
}

/** `udp/192.0.2.1:5060,tls/[2001:db8::1]:5061`; WebSockets are no way for a phone. */
function addressesIn(hostports: string): AnnouncedAddress[] {
  return hostports.split(',').flatMap((each) => {
    const [, protocol, host = '', port = ''] = /^(udp|tcp|tls)\/(.+):(\d+)$/.exec(each.trim()) ?? []
    if (protocol !== 'udp' && protocol !== 'tcp' && protocol !== 'tls') return []
    return [{ protocol, host: host.replace(/^\[|\]$/g, ''), port: Number(port) }]
  })
}
