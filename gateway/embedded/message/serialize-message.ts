// Messages to bytes. Content-Length is always counted here, in bytes.
import { reasonPhrase } from './reason-phrases.ts'
import type { SipHeaders } from './sip-headers.ts'
import { EMPTY_BODY, type SipMessage } from './sip-message.ts'

export const requestLine = (method: string, uri: string): string => `${method} ${uri} SIP/2.0\r\n`

export const statusLine = (status: number, reason?: string): string =>
  `SIP/2.0 ${status} ${reason ?? reasonPhrase(status)}\r\n`

export function serialize(
  startLine: string,
  headers: SipHeaders,
  body: Buffer = EMPTY_BODY,
): Buffer {
  const head = `${startLine}${headers.toText()}Content-Length: ${body.length}\r\n\r\n`
  const bytes = Buffer.allocUnsafe(head.length + body.length)
  bytes.write(head, 0, 'latin1')
  body.copy(bytes, head.length)
  return bytes
}

export function serializeMessage(message: SipMessage): Buffer {
  const startLine =
    message.kind === 'request'
      ? requestLine(message.method, message.uri)
      : statusLine(message.status, message.reason)
  return serialize(startLine, message.headers, message.body)
}
