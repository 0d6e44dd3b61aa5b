// Answers as they are sent: as they should be, and as they are when something is wrong on the way.
import type { ServerResponse } from 'node:http'
import { TLSSocket } from 'node:tls'
import type { Fault } from './faults.ts'

const JSON_TYPE = 'application/json; charset=utf-8'

/** @returns the status, 0 for none, as all here */
export function sendJson(response: ServerResponse, status: number, body: object): number {
  return sendBytes(response, status, JSON_TYPE, Buffer.from(JSON.stringify(body)))
}

/** For humans. */
export function sendPage(response: ServerResponse, status: number, retryAfterSeconds?: number) {
  if (retryAfterSeconds !== undefined) response.setHeader('retry-after', String(retryAfterSeconds))
  const page = `<html><head><title>${status}</title></head><body><h1>${status}</h1></body></html>`
  return sendBytes(response, status, 'text/html', Buffer.from(page))
}

type Sent = Exclude<Fault, { readonly kind: 'code' | 'hangs' | 'slow' }>

/** @param body what would have been answered */
export function sendFault(response: ServerResponse, fault: Sent, body: object = {}): number {
  switch (fault.kind) {
    case 'rate-limit-http':
      return sendPage(response, 429, fault.retryAfterSeconds)
    case 'http':
      return sendPage(response, fault.status)
    case 'reset':
    case 'answer-lost':
      reset(response)
      return 0
    case 'half-body':
      return sendHalf(response, body, fault.connection ?? 'kept')
    case 'not-json':
      return sendPage(response, 200)
    default:
      return fault satisfies never
  }
}

/** Under TLS a socket cannot be reset: it ends without a word, which is the same to a client. */
function reset({ socket }: ServerResponse): void {
  if (socket instanceof TLSSocket) socket.destroy()
  else socket?.resetAndDestroy()
}

function sendHalf(response: ServerResponse, body: object, connection: 'kept' | 'lost'): number {
  const whole = Buffer.from(JSON.stringify(body))
  const half = whole.subarray(0, Math.floor(whole.length / 2))
  if (connection === 'kept') return sendBytes(response, 200, JSON_TYPE, half)
  response.writeHead(200, { 'content-type': JSON_TYPE, 'content-length': whole.length })
  response.write(half, () => response.destroy())
  return 200
}

function sendBytes(response: ServerResponse, status: number, type: string, bytes: Buffer): number {
  response.writeHead(status, { 'content-type': type, 'content-length': bytes.length })
  response.end(bytes)
  return status
}
