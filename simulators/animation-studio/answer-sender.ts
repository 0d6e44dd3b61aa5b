// Answers as they are sent: as they should be, or spoilt on the way.
import type { ServerResponse } from 'node:http'
import type { Answer } from './studio-request.ts'

/** @returns the status, 0 where there was no answer */
export function sendAnswer(response: ServerResponse, answer: Answer): number {
  const { status, body, headers = {}, fate = 'sent' } = answer
  if (fate === 'never') return 0
  if (fate === 'lost') {
    response.socket?.resetAndDestroy()
    return 0
  }
  if (body === null) {
    response.writeHead(status, headers).end()
    return status
  }
  const isPage = typeof body === 'string'
  const bytes = Buffer.from(isPage ? body : JSON.stringify(body))
  const type = isPage ? 'text/html' : 'application/json; charset=utf-8'
  response.writeHead(status, { ...headers, 'content-type': type, 'content-length': bytes.length })
  response.end(bytes)
  return status
}

/** For humans, as a proxy writes it. */
export const pageOf = (status: number): string =>
  `<html><head><title>${status}</title></head><body><h1>${status}</h1></body></html>`
