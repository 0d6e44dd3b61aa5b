// Idempotency keys: the first request with a key runs, later ones get its answer. Kept 24 hours.
import { createHash } from 'node:crypto'
import { ERROR_REGISTRY } from '#core/errors'
import type { Clock } from '#core/time'
import type { Database } from './database.ts'

const KEEP_MS = 24 * 3600 * 1000

/** What was answered, to be given again. */
export interface StoredAnswer {
  readonly status: number
  readonly body: string
}

export type Claim =
  | { readonly kind: 'claimed' }
  | { readonly kind: 'replay'; readonly answer: StoredAnswer }
  | { readonly kind: 'running' }
  | { readonly kind: 'mismatch' }

export interface IdempotencyStore {
  /** Durable before the request runs, so that a crash in the middle cannot make it run twice. */
  claim(key: string, request: unknown): Promise<Claim>
  complete(key: string, answer: StoredAnswer): Promise<void>
  /** The request broke off and may have acted: repeats are told so. */
  interrupt(key: string): Promise<void>
  /** The request did nothing: the key is free again. */
  release(key: string): Promise<void>
}

export function createIdempotencyStore(database: Database, clock: Clock): IdempotencyStore {
  const { query } = database
  const complete = async (key: string, { status, body }: StoredAnswer): Promise<void> => {
    await database.write([
      query
        .updateTable('idempotency')
        .set({ state: 'done', status, response: body })
        .where('key', '=', key),
    ])
  }
  return {
    async claim(key, request) {
      const bodyHash = createHash('sha256').update(canonicalJson(request)).digest('hex')
      const now = clock.now()
      const [, inserted] = await database.write([
        query.deleteFrom('idempotency').where('created_at', '<', now - KEEP_MS),
        query
          .insertInto('idempotency')
          .values({ key, body_hash: bodyHash, state: 'running', created_at: now })
          .onConflict((conflict) => conflict.column('key').doNothing()),
      ])
      if (inserted?.changes === 1) return { kind: 'claimed' }
      const found = await query
        .selectFrom('idempotency')
        .selectAll()
        .where('key', '=', key)
        .executeTakeFirst()
      // Released between the two statements: whoever had it did nothing, so trying again is right.
      if (!found) return { kind: 'running' }
      if (found.body_hash !== bodyHash) return { kind: 'mismatch' }
      if (found.status === null || found.response === null) return { kind: 'running' }
      return { kind: 'replay', answer: { status: found.status, body: found.response } }
    },
    complete,
    interrupt: (key) => complete(key, INTERRUPTED),
    async release(key) {
      await database.write([query.deleteFrom('idempotency').where('key', '=', key)])
    },
  }
}

/**
 * Settles the keys whose request a crash interrupted. Whether it placed its call is in the history; running it again
 * could make a telephone ring twice, so a repeat is told to look.
 */
export async function settleInterrupted(database: Database): Promise<void> {
  await database.write([
    database.query
      .updateTable('idempotency')
      .set({ state: 'done', status: INTERRUPTED.status, response: INTERRUPTED.body })
      .where('state', '=', 'running'),
  ])
}

/** The answer to repeats of a request whose fate is not known. */
const INTERRUPTED: StoredAnswer = {
  status: ERROR_REGISTRY.INTERNAL.httpStatus,
  body: JSON.stringify({
    type: 'urn:voicegate:error:internal',
    title: ERROR_REGISTRY.INTERNAL.title,
    status: ERROR_REGISTRY.INTERNAL.httpStatus,
    detail: 'The first request with this key broke off, so it is not run again.',
    code: 'INTERNAL',
    instance: '/api/calls',
    what_to_do: 'GET /api/calls tells whether it placed a call. Use a new key to try again.',
  }),
}

/** JSON with sorted keys: the same request however its fields were ordered. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
