// Whether a request was made by a page of ours, as far as the browser says (Fetch Standard: Origin, Sec-Fetch-Site).
import type { FastifyRequest } from 'fastify'

export type OriginOf = 'ours' | 'foreign' | 'unsaid'

export type OriginCheck = (request: FastifyRequest) => OriginOf

/** They change nothing (RFC 9110 §9.2.1). */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS'])

/** It changes something, or opens a socket, which no browser keeps from foreign pages. */
export const isActing = ({ method, headers }: FastifyRequest): boolean =>
  !SAFE.has(method) || headers.upgrade !== undefined

export function createOriginCheck(publicUrl: URL | undefined): OriginCheck {
  return ({ headers }) => {
    const { origin, host, referer, 'sec-fetch-site': site } = headers
    if (typeof site === 'string' && site !== 'same-origin' && site !== 'none') return 'foreign'
    const said = origin ?? (referer === undefined ? undefined : URL.parse(referer)?.origin)
    if (said === undefined) return 'unsaid'
    if (said === publicUrl?.origin) return 'ours'
    const asked = hostOf(said)
    return asked !== undefined && asked === hostOf(`http://${host}`) ? 'ours' : 'foreign'
  }
}

/** Host and port without the scheme: behind a proxy that ends TLS, Origin says https where we speak http. */
function hostOf(origin: string): string | undefined {
  return URL.parse(origin)?.host
}
