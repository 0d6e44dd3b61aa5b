// What REST answers: JSON or bytes; errors as the API of 2010 writes them (code, message, more_info, status).
import type { ServerResponse } from 'node:http'

export type RestAnswer =
  | { readonly status: number; readonly body: unknown }
  | { readonly status: number; readonly type: string; readonly bytes: Buffer }
  | { readonly status: 204 }

const ERRORS: Readonly<Record<number, { readonly status: number; readonly message: string }>> = {
  20003: { status: 401, message: 'Authenticate' },
  20404: { status: 404, message: 'The requested resource was not found' },
  20429: { status: 429, message: 'Too Many Requests' },
  20500: { status: 500, message: 'An internal server error has occurred' },
  20503: { status: 503, message: 'Service unavailable. Please try again.' },
  21201: { status: 400, message: "No 'To' number is specified" },
  21205: { status: 400, message: 'Url is not a valid URL' },
  21210: { status: 400, message: "'From' phone number not verified" },
  21211: { status: 400, message: "The 'To' number is not a valid phone number." },
  21212: { status: 400, message: "The 'From' number is not a valid phone number." },
  21213: { status: 400, message: "'From' phone number is required" },
  21214: { status: 400, message: "'To' phone number cannot be reached" },
  21215: { status: 400, message: 'Geo Permission configuration is not permitting call' },
  21219: { status: 400, message: "'To' phone number not verified" },
  21220: { status: 400, message: 'Invalid call state' },
  10004: { status: 429, message: 'Call concurrency limit exceeded' },
}

export function restError(code: number, status?: number): RestAnswer {
  const known = ERRORS[code] ?? { status: 400, message: 'As the script says' }
  const { message } = known
  const told = status ?? known.status
  const more_info = `https://www.twilio.com/docs/errors/${code}`
  return { status: told, body: { code, message, more_info, status: told } }
}

export function sendRest(response: ServerResponse, answer: RestAnswer): void {
  if (!('body' in answer) && !('bytes' in answer)) {
    response.writeHead(answer.status).end()
    return
  }
  const isJson = 'body' in answer
  const bytes = isJson ? Buffer.from(JSON.stringify(answer.body)) : answer.bytes
  response.writeHead(answer.status, {
    'content-type': isJson ? 'application/json;charset=utf-8' : answer.type,
    'content-length': bytes.length,
    ...(answer.status === 401 ? { 'www-authenticate': 'Basic realm="Twilio API"' } : {}),
  })
  response.end(bytes)
}
