// The challenges of a 401 or 407 as drachtio-srf hands them over: repeated headers joined by commas.
import type { SrfMessage } from './drachtio-types.ts'

export function challengesIn(status: number, response: SrfMessage): string[] {
  const name = status === 407 ? 'Proxy-Authenticate' : 'WWW-Authenticate'
  return response.has(name) ? [response.get(name)] : []
}
