// Only the hosts we serve: a foreign page must not reach a loopback API through DNS it controls (DNS rebinding), and
// must not act on it from a browser (cross-site request forgery, cross-site WebSockets).
import { isIP } from 'node:net'
import { AppError } from '#core/errors'
import type { Metrics } from '#core/telemetry'
import type { HttpServer } from '../http-server.ts'
import { createOriginCheck, isActing } from './own-origin.ts'

export interface ServedHostsConfig {
  readonly httpHost: string
  readonly publicUrl?: string | undefined
}

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]']
const WILDCARDS = ['0.0.0.0', '::']

export function installServedHosts(
  app: HttpServer,
  config: ServedHostsConfig,
  metrics: Metrics,
): void {
  const publicUrl = config.publicUrl === undefined ? undefined : new URL(config.publicUrl)
  const isServed = createHostCheck(config.httpHost, publicUrl)
  const originOf = createOriginCheck(publicUrl)
  app.addHook('onRequest', (request, _reply, done) => {
    const { host, origin } = request.headers
    const refuse = (reason: 'host' | 'origin', error: AppError): void => {
      metrics.add('http_refused_total', 1, { reason })
      done(error)
    }
    if (countOfHosts(request.raw.rawHeaders) > 1) {
      const detail = 'The request has more than one Host header.'
      refuse('host', new AppError('REQUEST_INVALID', detail))
    } else if (host === undefined || !isServed(host)) {
      const detail = 'The Host header names a host that is not served here.'
      refuse('host', new AppError('HOST_NOT_SERVED', detail))
    } else if (origin !== undefined && isActing(request) && originOf(request) === 'foreign') {
      const detail = 'A page of another origin may not do this.'
      refuse('origin', new AppError('ORIGIN_NOT_ALLOWED', detail))
    } else done()
  })
}

/** RFC 9112 §3.2: more than one is answered with 400. Node itself would keep the first, a proxy perhaps the last. */
const countOfHosts = (rawHeaders: readonly string[]): number =>
  rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host').length

/** Names are compared without the port: a forwarded port is no danger, a foreign name is. */
function createHostCheck(httpHost: string, publicUrl: URL | undefined): (host: string) => boolean {
  const names = new Set([...LOOPBACK_NAMES, asUrlHost(httpHost)])
  if (publicUrl) names.add(publicUrl.hostname)
  // Listening on every address, whichever of ours is named is served; an address cannot be rebound.
  const anyAddress = WILDCARDS.includes(httpHost)
  return (host) => {
    const name = parseHost(host)?.hostname
    if (name === undefined) return false
    return names.has(name) || (anyAddress && isIP(name.replace(/^\[|\]$/g, '')) !== 0)
  }
}

const asUrlHost = (host: string): string => (isIP(host) === 6 ? `[${host}]` : host.toLowerCase())

function parseHost(host: string): URL | undefined {
  // Anything but name and port (a path, a user) is no Host header.
  if (/[/?#@\s\\]/.test(host)) return undefined
  return URL.parse(`http://${host}`) ?? undefined
}
