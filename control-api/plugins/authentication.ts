// Who may call: Bearer keys, compared by hash in constant time.
import { isLoopback } from '../loopback.ts'
import { AppError } from '#core/errors'
import { accessOf, type HttpServer } from '../http-server.ts'
import type { KeyRing } from '../keys/key-ring.ts'

const BEARER = /^Bearer +([\x21-\x7e]{1,512})$/i

export function installAuthentication(app: HttpServer, keys: KeyRing, httpHost: string): void {
  const metricsAreOpen = isLoopback(httpHost)
  app.addHook('onRequest', (request, _reply, done) => {
    const { url, config } = request.routeOptions
    const access = isDocs(url) ? 'open' : accessOf(request.method, config)
    const open = !keys.required || access === 'open' || (access === 'metrics' && metricsAreOpen)
    // An unknown path has nothing to hide; it answers 404 to everybody.
    if (open || request.is404) {
      done()
      return
    }
    const key = BEARER.exec(request.headers.authorization ?? '')?.[1]
    if (key !== undefined && keys.accepts(key)) done()
    else done(new AppError('UNAUTHENTICATED', deny(request.headers.authorization)))
  })
}

const deny = (header: string | undefined): string =>
  header === undefined ? 'No API key was sent.' : 'This API key is not known.'

/** The routes of @fastify/swagger-ui are its own; they cannot carry our route config. */
const isDocs = (url: string | undefined): boolean =>
  url === '/docs' || url?.startsWith('/docs/') === true
