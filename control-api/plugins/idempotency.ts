// Idempotency-Key for requests that cost money (draft-ietf-httpapi-idempotency-key-header): the same key and body give the
// same answer, and act once. Keys are the sender's own: another key of ours, or another route, is another request.
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { CallId } from '#core/contracts'
import { AppError, codeOf, ERROR_REGISTRY } from '#core/errors'
import type { Logger } from '#core/telemetry'
import type { IdempotencyStore, StoredAnswer } from '../db/idempotency-store.ts'

const MAX_KEY_CHARS = 255

export interface IdempotentAction<T> {
  readonly status: number
  /** What is asked for, where the body does not say it all. */
  readonly asked?: unknown
  /** Where several routes take the same request; the route's own pattern when absent. */
  readonly route?: string
  /** Of the call that it will place, or that it is about: kept with the key before anything is done. */
  readonly callId?: CallId
  /** Rejects when nothing was done; must not reject once something was, unless nobody can tell (`isUnsettled`). */
  run(): Promise<T>
  /**
   * Carries on where the first request broke off, doing nothing twice. Absent where nobody can tell what was done:
   * repeats are then told so.
   * @param callId as the first request decided it; null when none was
   */
  resume?(callId: CallId | null): Promise<T>
}

export type RunOnce = <T>(
  request: FastifyRequest,
  reply: FastifyReply,
  action: IdempotentAction<T>,
) => Promise<FastifyReply>

export function createRunOnce(store: IdempotencyStore, logger: Logger): RunOnce {
  const answer = createAnswering(store, logger)
  return async (request, reply, action) => {
    const given = keyOf(request)
    reply.header('content-type', 'application/json; charset=utf-8')
    if (given === undefined) {
      return reply.status(action.status).send(JSON.stringify(await action.run()))
    }
    const key = scoped(given, request, action.route)
    const claim = await store.claim(key, action.asked ?? request.body, action.callId ?? null)
    switch (claim.kind) {
      case 'replay':
        return replay(reply, claim.answer)
      case 'running':
        throw new AppError('CONFLICT', 'The first request with this key has not been answered yet.')
      case 'mismatch':
        throw new AppError(
          'IDEMPOTENCY_MISMATCH',
          'The first request with this key had another body.',
        )
      case 'claimed':
        return answer(reply, key, action.status, () => action.run())
      case 'interrupted':
        if (action.resume) {
          const { callId } = claim
          return answer(reply, key, action.status, () => action.resume?.(callId))
        }
        store.interrupt(key)
        return replay(reply, interrupted(request.routeOptions.url ?? ''))
      default:
        return claim satisfies never
    }
  }
}

type Answering = (
  reply: FastifyReply,
  key: string,
  status: number,
  run: () => Promise<unknown> | undefined,
) => Promise<FastifyReply>

/** Runs what was claimed, and keeps what was answered. */
function createAnswering(store: IdempotencyStore, logger: Logger): Answering {
  return async (reply, key, status, run) => {
    const body = await runClaimed(key, run)
    await keep(key, { status, body })
    return reply.status(status).send(body)
  }

  /** What was done must be reported, even when its answer cannot be kept: the next request with the key carries on. */
  async function keep(key: string, stored: StoredAnswer): Promise<void> {
    try {
      await store.complete(key, stored)
    } catch (error) {
      logger.error({ err: error }, 'an answer could not be kept for its Idempotency-Key')
    }
  }

  async function runClaimed(key: string, run: () => Promise<unknown> | undefined): Promise<string> {
    try {
      return JSON.stringify(await run())
    } catch (error) {
      if (isUnsettled(error)) store.interrupt(key)
      else await free(key)
      throw error
    }
  }

  /** Why the request was refused matters more than that its key is not free: the next request with it carries on. */
  async function free(key: string): Promise<void> {
    try {
      await store.release(key)
    } catch (error) {
      logger.error({ err: error }, 'an Idempotency-Key could not be freed')
    }
  }
}

/** Nobody knows yet what was done: a repeat must not do it twice. */
function isUnsettled(error: unknown): boolean {
  const code = codeOf(error)
  return code === undefined || code === 'TIMED_OUT' || code === 'CONFLICT'
}

function replay(reply: FastifyReply, { status, body }: StoredAnswer): FastifyReply {
  return reply
    .status(status)
    .header('idempotent-replayed', 'true')
    .header('content-type', contentTypeOf(status))
    .send(body)
}

const scoped = (key: string, { principal, routeOptions }: FastifyRequest, route?: string): string =>
  JSON.stringify([principal.keyId, route ?? routeOptions.url, key])

/** As it is, or as a structured field (RFC 9651 §3.3.3): `"…"`, which may hold blanks. */
function keyOf(request: FastifyRequest): string | undefined {
  const header = request.headers['idempotency-key']
  if (header === undefined) return undefined
  const key = typeof header === 'string' ? decodeKey(header) : undefined
  if (key !== undefined && key.length <= MAX_KEY_CHARS) return key
  const details = { field: 'Idempotency-Key' }
  const wanted = `must be 1 to ${MAX_KEY_CHARS} visible ASCII characters, or such a text in double quotes`
  throw new AppError('REQUEST_INVALID', `Idempotency-Key ${wanted}.`, { details })
}

function decodeKey(header: string): string | undefined {
  if (!header.startsWith('"')) return /^[\x21-\x7e]+$/.test(header) ? header : undefined
  const inner = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])+)"$/.exec(header)?.[1]
  return inner?.replaceAll(/\\(["\\])/g, '$1')
}

/** The answer to repeats of a request whose fate is not known. */
const interrupted = (instance: string): StoredAnswer => ({
  status: ERROR_REGISTRY.INTERNAL.httpStatus,
  body: JSON.stringify({
    type: 'urn:voicegate:error:internal',
    title: ERROR_REGISTRY.INTERNAL.title,
    status: ERROR_REGISTRY.INTERNAL.httpStatus,
    detail: 'The first request with this key broke off, so it is not run again.',
    code: 'INTERNAL',
    instance,
    what_to_do: 'Look whether it was done. Use a new key to try again.',
  }),
})

const contentTypeOf = (status: number): string =>
  status < 400 ? 'application/json; charset=utf-8' : 'application/problem+json; charset=utf-8'
