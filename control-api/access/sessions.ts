// Sessions of the console: opened with a key, known by the hash of what the cookie says, over after a while without use
// and after a day's work in any case. Bound to the secret they were opened with: another secret ends them.
import { createHash, randomBytes } from 'node:crypto'
import type { Logger } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { Database } from '../db/database.ts'
import type { AuditLog } from './audit-log.ts'
import type { KeyRing, KnownKey } from './key-ring.ts'

const IDLE_MS = 60 * 60_000
const LONGEST_MS = 12 * 60 * 60_000
/** `last_seen_at` is written no more often. */
const SEEN_EVERY_MS = 60_000
/** Of one key; the one used longest ago goes. */
const MAX_OF_A_KEY = 50
const COOKIE = /^([a-z][a-z0-9_]{0,40})\.([A-Za-z0-9_-]{43})$/

export interface Session {
  readonly key: KnownKey
  readonly expiresAt: number
}

export interface SessionsDeps {
  readonly database: Database
  readonly clock: Clock
  readonly logger: Logger
  readonly keys: KeyRing
  readonly audit: AuditLog
}

export class Sessions {
  readonly #deps: SessionsDeps

  constructor(deps: SessionsDeps) {
    this.#deps = deps
  }

  async open(key: KnownKey): Promise<Session & { readonly cookie: string }> {
    const { database, clock, audit } = this.#deps
    const { query } = database
    const now = clock.now()
    const secret = randomBytes(32).toString('base64url')
    const expiresAt = Math.min(now + LONGEST_MS, key.expiresAt ?? Infinity)
    await database.write([
      query
        .deleteFrom('sessions')
        .where((where) =>
          where.or([where('expires_at', '<=', now), where('last_seen_at', '<=', now - IDLE_MS)]),
        ),
      query
        .deleteFrom('sessions')
        .where('key_id', '=', key.id)
        .where('id_hash', 'not in', (of) =>
          of
            .selectFrom('sessions')
            .select('id_hash')
            .where('key_id', '=', key.id)
            .orderBy('last_seen_at', 'desc')
            .limit(MAX_OF_A_KEY - 1),
        ),
      query.insertInto('sessions').values({
        id_hash: idHash(secret, key),
        key_id: key.id,
        created_at: now,
        expires_at: expiresAt,
        last_seen_at: now,
      }),
      audit.noted({ keyId: key.id }, 'session.opened', key.id),
    ])
    return { key, expiresAt, cookie: `${key.id}.${secret}` }
  }

  async find(cookie: string): Promise<Session | undefined> {
    const { database, clock } = this.#deps
    const named = this.#decode(cookie)
    if (!named) return undefined
    const row = await database.query
      .selectFrom('sessions')
      .select(['expires_at', 'last_seen_at'])
      .where('id_hash', '=', named.hash)
      .executeTakeFirst()
    const now = clock.now()
    if (!row || row.expires_at <= now || row.last_seen_at <= now - IDLE_MS) return undefined
    if (now - row.last_seen_at >= SEEN_EVERY_MS) this.#noteSeen(named.hash, now)
    return { key: named.key, expiresAt: row.expires_at }
  }

  async close(cookie: string): Promise<void> {
    const { database, audit } = this.#deps
    const named = this.#decode(cookie)
    if (!named) return
    await database.write([
      database.query.deleteFrom('sessions').where('id_hash', '=', named.hash),
      audit.noted({ keyId: named.key.id }, 'session.closed', named.key.id),
    ])
  }

  #decode(cookie: string): { readonly key: KnownKey; readonly hash: string } | undefined {
    const [, keyId = '', secret = ''] = COOKIE.exec(cookie) ?? []
    const key = this.#deps.keys.find(keyId)
    return key && { key, hash: idHash(secret, key) }
  }

  #noteSeen(hash: string, now: number): void {
    const { database, logger } = this.#deps
    const query = database.query.updateTable('sessions').set({ last_seen_at: now })
    database.write([query.where('id_hash', '=', hash)]).catch((error: unknown) => {
      logger.warn({ err: error }, 'the use of a session could not be written')
    })
  }
}

const idHash = (secret: string, { hash }: KnownKey): string =>
  createHash('sha256').update(secret).update(hash).digest('hex')
