// Idempotency keys: the first request with a key runs, later ones get its answer. Kept 24 hours.
import { createHash } from 'node:crypto'
import type { CallId } from '#core/contracts'
import type { Clock } from '#core/time'
import type { Database } from './database.ts'

const KEEP_MS = 24 * 3600 * 1000
/** Old ones that go with each new one: the day after a busy hour must not cost one request half a second. */
const FORGOTTEN_AT_ONCE = 20

/** What was answered, to be given again. */
export interface StoredAnswer {
  readonly status: number
  readonly body: string
}

export type Claim =
  | { readonly kind: 'claimed' }
  /** The first request broke off, with the process or in it: whoever is told carries on, alone. */
  | { readonly kind: 'interrupted'; readonly callId: CallId | null }
  | { readonly kind: 'replay'; readonly answer: StoredAnswer }
  | { readonly kind: 'running' }
  | { readonly kind: 'mismatch' }

export interface IdempotencyStore {
  /**
   * Durable before the request runs, so that a crash in the middle cannot make it run twice.
   * @param callId of the call that it will place, or that it is about
   */
  claim(key: string, request: unknown, callId: CallId | null): Promise<Claim>
  complete(key: string, answer: StoredAnswer): Promise<void>
  /** The request broke off, or its answer could not be kept: the next one with this key carries on. */
  interrupt(key: string): void
  /** The request did nothing: the key is free again. */
  release(key: string): Promise<void>
}

export function createIdempotencyStore(database: Database, clock: Clock): IdempotencyStore {
  return new SqlIdempotencyStore(database, clock)
}

class SqlIdempotencyStore implements IdempotencyStore {
  readonly #database: Database
  readonly #clock: Clock
  /** The hash of the request, by key: what runs in this process. Rows that say so of others were interrupted. */
  readonly #running = new Map<string, string>()
  /** Claims of one key are looked at one after the other. */
  readonly #looking = new Map<string, Promise<unknown>>()

  constructor(database: Database, clock: Clock) {
    this.#database = database
    this.#clock = clock
  }

  async claim(key: string, request: unknown, callId: CallId | null): Promise<Claim> {
    const hash = createHash('sha256').update(canonicalJson(request)).digest('hex')
    for (let other = this.#looking.get(key); other; other = this.#looking.get(key)) await other
    const running = this.#running.get(key)
    if (running !== undefined) return { kind: running === hash ? 'running' : 'mismatch' }
    const look = this.#look(key, hash, callId)
    this.#looking.set(
      key,
      look.catch(() => undefined), // Told to whoever made this claim.
    )
    try {
      const claim = await look
      if (claim.kind === 'claimed' || claim.kind === 'interrupted') this.#running.set(key, hash)
      return claim
    } finally {
      this.#looking.delete(key)
    }
  }

  async complete(key: string, { status, body }: StoredAnswer): Promise<void> {
    const { query } = this.#database
    try {
      await this.#database.write([
        query
          .updateTable('idempotency')
          .set({ state: 'done', status, response: body })
          .where('key', '=', key),
      ])
    } finally {
      this.#running.delete(key)
    }
  }

  interrupt(key: string): void {
    this.#running.delete(key)
  }

  async release(key: string): Promise<void> {
    try {
      const { query } = this.#database
      await this.#database.write([query.deleteFrom('idempotency').where('key', '=', key)])
    } finally {
      this.#running.delete(key)
    }
  }

  async #look(key: string, hash: string, callId: CallId | null): Promise<Claim> {
    const { query } = this.#database
    const now = this.#clock.now()
    const row = { key, body_hash: hash, state: 'running' as const, call_id: callId }
    const old = query
      .selectFrom('idempotency')
      .select('key')
      .where('created_at', '<', now - KEEP_MS)
      .orderBy('created_at')
      .limit(FORGOTTEN_AT_ONCE)
    const forget = () => query.deleteFrom('idempotency').where('created_at', '<', now - KEEP_MS)
    const [, , inserted] = await this.#database.write([
      forget().where('key', '=', key),
      forget().where('key', 'in', old),
      query
        .insertInto('idempotency')
        .values({ ...row, created_at: now })
        .onConflict((conflict) => conflict.column('key').doNothing()),
    ])
    if (inserted?.changes === 1) return { kind: 'claimed' }
    const found = await query
      .selectFrom('idempotency')
      .selectAll()
      .where('key', '=', key)
      .executeTakeFirst()
    // Released between the two statements, by another node: it did nothing, so trying again is right.
    if (!found) return { kind: 'running' }
    if (found.body_hash !== hash) return { kind: 'mismatch' }
    if (found.status === null || found.response === null)
      return { kind: 'interrupted', callId: found.call_id as CallId | null }
    return { kind: 'replay', answer: { status: found.status, body: found.response } }
  }
}

/** JSON with sorted keys: the same request however its fields were ordered. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
