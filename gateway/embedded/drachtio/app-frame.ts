// Frames from the application, decoded once. The leader's tokens are described in the folder's README.

export type AppFrame = {
  /** The application's name of the frame; the answer repeats it. */
  readonly id: string
} & (
  | { readonly kind: 'authenticate'; readonly secret: string }
  | { readonly kind: 'ping' }
  | { readonly kind: 'route' | 'remove-route'; readonly verb: string }
  | {
      readonly kind: 'sip'
      readonly txnId: string
      readonly dialogId: string
      /** Next hop only: neither a Route header nor another Request-URI. */
      readonly routeUrl: string
      readonly message: Buffer
    }
  | { readonly kind: 'unknown' }
)

export function decodeAppFrame(payload: Buffer): AppFrame {
  const lineEnd = payload.indexOf('\r\n')
  const leader = payload.toString('latin1', 0, lineEnd === -1 ? payload.length : lineEnd)
  const [id = '', verb = '', first = '', second = '', third = ''] = leader.split('|')
  switch (verb) {
    case 'authenticate':
      return { kind: 'authenticate', id, secret: first }
    case 'ping':
      return { kind: 'ping', id }
    case 'route':
      return { kind: 'route', id, verb: first }
    case 'remove_route':
      return { kind: 'remove-route', id, verb: first }
    case 'sip': {
      const message = lineEnd === -1 ? Buffer.alloc(0) : payload.subarray(lineEnd + 2)
      return { kind: 'sip', id, txnId: first, dialogId: second, routeUrl: third, message }
    }
    default:
      return { kind: 'unknown', id }
  }
}
