// Only the hosts we serve: a foreign page must not reach a loopback API through DNS it controls (DNS rebinding), and
// must not post to it from a browser (cross-site request forgery).
import { isIP } from 'node:net'
import { AppError } from '#core/errors'
import type { HttpServer } from '../http-server.ts'

export interface ServedHostsConfig {
  readonly httpHost: string
  readonly publicUrl?: string | undefined
}

const LOOPBACK_NAMES = ['localhost', '127.0.0.1', '[::1]']
const WILDCARDS = ['0.0.0.0', '::']
const MUTATING = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])

export function installServedHosts(app: HttpServer, config: ServedHostsConfig): void {
  const publicUrl = config.publicUrl === undefined ? undefined : new URL(config.publicUrl)
  const isServed = createHostCheck(config.httpHost, publicUrl)
  app.addHook('onRequest', (request, _reply, done) => {
    const { host, origin } = request.headers
    if (countOfHosts(request.raw.rawHeaders) > 1) {
      done(new AppError('REQUEST_INVALID', 'The request has more than one Host header.'))
    } else if (host === undefined || !isServed(host)) {
      done(new AppError('HOST_NOT_SERVED', 'The Host header names a host that is not served here.'))
    } else if (MUTATING.has(request.method) && origin !== undefined && !isOwn(origin, host)) {
      done(new AppError('HOST_NOT_SERVED', 'A page of another origin may not do this.'))
    } else done()
  })

  function isOwn(origin: string, host: string): boolean {
    if (origin === publicUrl?.origin) return true
    const asked = hostOf(origin)
    return asked !== undefined && asked === hostOf(`http://${host}`)
  }
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

/** Host and port without the scheme: behind a proxy that ends TLS, Origin says https where we speak http. */
function hostOf(origin: string): string | undefined {
  return URL.parse(origin)?.host
}
