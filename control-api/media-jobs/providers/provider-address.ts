// Where providers are, and whether an address of a result can be one.
import { isLoopback } from '#core/config'

/** A simulator on this machine: it is reached, and reaches us, without TLS. */
export const isSimulated = (baseUrl: string): boolean => isLoopback(new URL(baseUrl).hostname)

const MAX_RESULT_URL_CHARS = 8192

/** Null of what nobody can fetch. */
export function decodeResultUrl(value: unknown, baseUrl: string): string | null {
  if (typeof value !== 'string' || value.length > MAX_RESULT_URL_CHARS) return null
  const protocol = URL.parse(value)?.protocol
  if (protocol === 'https:') return value
  return protocol === 'http:' && isSimulated(baseUrl) ? value : null
}
