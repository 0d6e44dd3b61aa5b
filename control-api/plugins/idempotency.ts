// Idempotency-Key for requests that cost money: the same key and body give the same answer, and act once.
import type { FastifyReply, FastifyRequest } from 'fastify'
import { AppError, codeOf } from '#core/errors'
import type { Logger } from '#core/telemetry'
import type { IdempotencyStore, StoredAnswer } from '../db/idempotency-store.ts'

const MAX_KEY_CHARS = 255

export interface IdempotentAction<T> {
  readonly status: number
  /** What is asked for, where the body does not say it all. */
  readonly asked?: unknown
  /** Rejects when nothing was done; must not reject once something was. */
  run(): Promise<T>
}

export type RunOnce = <T>(
  request: FastifyRequest,
  reply: FastifyReply,
  action: IdempotentAction<T>,
) => Promise<FastifyReply>

export function createRunOnce(store: IdempotencyStore, logger: Logger): RunOnce {
  return async (request, reply, action) => {
    const key = keyOf(request)
    reply.header('content-type', 'application/json; charset=utf-8')
    if (key === undefined) {
      return reply.status(action.status).send(JSON.stringify(await action.run()))
    }
    const claim = await store.claim(key, action.asked ?? request.body)
    switch (claim.kind) {
      case 'replay':
        return reply
          .status(claim.answer.status)
          .header('idempotent-replayed', 'true')
          .header('content-type', contentTypeOf(claim.answer.status))
          .send(claim.answer.body)
      case 'running':
        throw new AppError('CONFLICT', 'The first request with this key has not been answered yet.')
      case 'mismatch':
        throw new AppError(
          'IDEMPOTENCY_MISMATCH',
          'The first request with this key had another body.',
        )
      case 'claimed':
        break
    }
    const body = await runClaimed(key, action)
    await keep(key, { status: action.status, body })
    return reply.status(action.status).send(body)
  }

  /** The call is placed and must be reported, even when its answer cannot be kept: the key then stays "running". */
  async function keep(key: string, answer: StoredAnswer): Promise<void> {
    try {
      await store.complete(key, answer)
    } catch (error) {
      logger.error({ err: error }, 'an answer could not be kept for its Idempotency-Key')
    }
  }

  async function runClaimed<T>(key: string, action: IdempotentAction<T>): Promise<string> {
    try {
      return JSON.stringify(await action.run())
    } catch (error) {
      // A call whose fate is unknown keeps its key: a repeat must not ring twice, and is told so.
      const unknown = codeOf(error) === undefined || codeOf(error) === 'TIMED_OUT'
      await (unknown ? store.interrupt(key) : store.release(key))
      throw error
    }
  }
}

function keyOf(request: FastifyRequest): string | undefined {
  const header = request.headers['idempotency-key']
  if (header === undefined) return undefined
  const valid =
    typeof header === 'string' && header.length <= MAX_KEY_CHARS && /^[\x21-\x7e]+$/.test(header)
  if (valid) return header
  const details = { field: 'Idempotency-Key' }
  const wanted = `must be 1 to ${MAX_KEY_CHARS} visible ASCII characters`
  throw new AppError('REQUEST_INVALID', `Idempotency-Key ${wanted}.`, { details })
}

const contentTypeOf = (status: number): string =>
  status < 400 ? 'application/json; charset=utf-8' : 'application/problem+json; charset=utf-8'
