// How many requests a second one key may send, and one address without a key.
import rateLimit from '@fastify/rate-limit'
import type { FastifyRequest } from 'fastify'
import { AppError } from '#core/errors'
import type { Metrics } from '#core/telemetry'
import { addressGroup } from '../access/lock-out.ts'
import type { HttpServer } from '../http-server.ts'

/** @throws AppError `TOO_MANY_REQUESTS` */
export type RequestLimit = (request: FastifyRequest) => Promise<void>

const WINDOW_MS = 1000
/** Of the senders heard of last; who is forgotten begins anew. */
const REMEMBERED = 10_000

export async function installRequestLimit(
  app: HttpServer,
  metrics: Metrics,
  { perSecond }: { readonly perSecond: number },
): Promise<RequestLimit> {
  await app.register(rateLimit, { global: false, cache: REMEMBERED })
  const count = app.createRateLimit({
    max: perSecond,
    timeWindow: WINDOW_MS,
    keyGenerator: ({ principal, ip }) =>
      principal.by === 'nobody' ? `address ${addressGroup(ip)}` : `key ${principal.keyId}`,
  })
  return async (request) => {
    // A rehearsal is on loopback, by whoever started it.
    if (request.principal.keyId === 'rehearsal') return
    const counted = await count(request)
    if (counted.isAllowed || !counted.isExceeded) return
    metrics.add('http_refused_total', 1, { reason: 'rate' })
    const retryAfterSeconds = Math.max(1, counted.ttlInSeconds)
    const detail = `More than ${perSecond} requests a second.`
    throw new AppError('TOO_MANY_REQUESTS', detail, { retryAfterSeconds })
  }
}
