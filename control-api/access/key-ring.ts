// Who may come in: every key of this node, known by its hash and kept in memory.
import type { Logger } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { Database } from '../db/database.ts'
import type { ApiKeysTable } from '../db/schema.ts'
import type { Role } from '../http-server.ts'
import { hashOf, idIn, isFormerId, isSameHash, newKeyId, newSecret, writeKey } from './api-key.ts'
import type { DialBudget } from './dial-budget.ts'

/** The id of API_KEY, which stands in no table. */
const BOOTSTRAP = 'bootstrap'

export interface KnownKey {
  readonly id: string
  readonly role: Role
  readonly name: string | null
  readonly hash: Buffer
  readonly budget: DialBudget | null
  readonly expiresAt: number | null
  readonly revokedAt: number | null
}

export type IdentifiedKey =
  | { readonly kind: 'good'; readonly key: KnownKey }
  /** The right secret of a key that is over. */
  | { readonly kind: 'revoked' | 'expired' }
  | { readonly kind: 'unknown' }

export interface KeyRingConfig {
  readonly requireKey: boolean
  readonly apiKey?: string | undefined
}

export interface KeyRingDeps {
  readonly database: Pick<Database, 'query' | 'write'>
  readonly clock: Clock
  readonly logger: Logger
}

/** What another node changed is seen after so long; what this one changed, at once. */
const REFRESH_MS = 5000
/** `last_used_at` is written no more often. */
const USE_NOTED_EVERY_MS = 60_000
/** Keys revoked or expired so long ago are refused like unknown ones. */
const ENDED_KNOWN_MS = 30 * 24 * 3600_000
/** There are fewer. */
const MAX_IN_FORCE = 5000
const MAX_ENDED = 1000
/** What an unknown key is compared with: the same work as for a known one. */
const NO_KEY: KnownKey = {
  id: '',
  role: 'metrics',
  name: null,
  hash: hashOf(newSecret()),
  budget: null,
  expiresAt: null,
  revokedAt: null,
}

export class KeyRing {
  /** False: rehearsal on loopback, where nothing needs a key. */
  readonly required: boolean
  /** The key made by this very start, to be printed once to the terminal; never logged. */
  readonly generatedKey: string | undefined
  readonly #deps: KeyRingDeps
  readonly #bootstrap: KnownKey
  #keys: Map<string, KnownKey>
  /** What was read before a change of ours is older than what we know. */
  #changes = 0
  #readAt: number
  readonly #used = new Map<string, number>()
  readonly #ended = new Set<(keyId: string) => void>()

  constructor(
    deps: KeyRingDeps,
    { requireKey, apiKey }: KeyRingConfig,
    kept: { readonly rows: readonly ApiKeysTable[]; readonly generatedKey: string | undefined },
  ) {
    this.required = requireKey
    this.generatedKey = kept.generatedKey
    this.#deps = deps
    // Without API_KEY a hash of nothing that anybody has, so that the work is the same.
    const hash = apiKey === undefined ? NO_KEY.hash : hashOf(apiKey)
    this.#bootstrap = { ...NO_KEY, id: BOOTSTRAP, role: 'admin', name: 'API_KEY', hash }
    this.#keys = byId(kept.rows)
    this.#readAt = deps.clock.now()
  }

  /** API_KEY is set: somebody can always come in. */
  get hasBootstrap(): boolean {
    return this.#bootstrap.hash !== NO_KEY.hash
  }

  identify(text: string): IdentifiedKey {
    this.#refreshSoon()
    const given = hashOf(text)
    const named = this.#keys.get(idIn(text) ?? '') ?? NO_KEY
    const former = [...this.#keys.values()].filter(({ id }) => isFormerId(id))
    const key = [this.#bootstrap, named, ...former].filter((one) => isSameHash(one.hash, given))[0]
    if (key === undefined) return { kind: 'unknown' }
    const over = this.#whyOver(key)
    return over === undefined ? { kind: 'good', key } : { kind: over }
  }

  /** A key that may come in now. */
  find(keyId: string): KnownKey | undefined {
    this.#refreshSoon()
    const key = keyId === BOOTSTRAP && this.hasBootstrap ? this.#bootstrap : this.#keys.get(keyId)
    return key && this.#whyOver(key) === undefined ? key : undefined
  }

  /** Soon in the table, at most once a minute; nobody waits for it. */
  noteUse({ id }: KnownKey): void {
    const { database, clock, logger } = this.#deps
    const now = clock.now()
    if (id === BOOTSTRAP || now - (this.#used.get(id) ?? 0) < USE_NOTED_EVERY_MS) return
    this.#used.set(id, now)
    const query = database.query.updateTable('api_keys').set({ last_used_at: now })
    database.write([query.where('id', '=', id)]).catch((error: unknown) => {
      logger.warn({ err: error }, 'the last use of a key could not be written')
    })
  }

  lastUse(keyId: string): number | null {
    return this.#used.get(keyId) ?? null
  }

  /** What was just written to the table. */
  changed(row: ApiKeysTable): void {
    this.#changes += 1
    this.#replace(new Map(this.#keys).set(row.id, keyOf(row)))
  }

  /** Told when a key no longer lets in, or has another secret: whatever it opened should end. Returns the way out. */
  onEnded(listener: (keyId: string) => void): () => void {
    this.#ended.add(listener)
    return () => this.#ended.delete(listener)
  }

  #whyOver({ revokedAt, expiresAt }: KnownKey): 'revoked' | 'expired' | undefined {
    if (revokedAt !== null) return 'revoked'
    return expiresAt !== null && expiresAt <= this.#deps.clock.now() ? 'expired' : undefined
  }

  #refreshSoon(): void {
    const { database, clock, logger } = this.#deps
    const now = clock.now()
    if (now - this.#readAt < REFRESH_MS) return
    this.#readAt = now
    const changes = this.#changes
    readKeys(database, now).then(
      (rows) => {
        if (changes === this.#changes) this.#replace(byId(rows))
      },
      // What is known goes on: a database that is away must not keep anybody from hanging up a call.
      (error: unknown) => logger.warn({ err: error }, 'the keys could not be read again'),
    )
  }

  #replace(keys: Map<string, KnownKey>): void {
    const former = this.#keys
    this.#keys = keys
    for (const [id, { hash, revokedAt }] of former) {
      if (revokedAt !== null) continue
      const key = keys.get(id)
      if (key !== undefined && key.revokedAt === null && isSameHash(key.hash, hash)) continue
      for (const listener of this.#ended) listener(id)
    }
    for (const id of this.#used.keys()) if (!keys.has(id)) this.#used.delete(id)
  }
}

/** Reads the keys; makes the first one where one is needed and nobody could come in otherwise. */
export async function openKeyRing(deps: KeyRingDeps, config: KeyRingConfig): Promise<KeyRing> {
  const { database, clock } = deps
  const now = clock.now()
  const rows = await readKeys(database, now)
  const hasAdmin = rows.some((row) => row.role === 'admin' && isInForce(row, now))
  if (!config.requireKey || config.apiKey !== undefined || hasAdmin) {
    return new KeyRing(deps, config, { rows, generatedKey: undefined })
  }
  const id = newKeyId()
  const generatedKey = writeKey(id, newSecret())
  const row: ApiKeysTable = {
    id,
    role: 'admin',
    name: 'made by the first start',
    secret_hash: hashOf(generatedKey).toString('hex'),
    budget: null,
    created_at: now,
    last_used_at: null,
    expires_at: null,
    revoked_at: null,
  }
  await database.write([database.query.insertInto('api_keys').values(row)])
  return new KeyRing(deps, config, { rows: [...rows, row], generatedKey })
}

export const isInForce = (
  row: Pick<ApiKeysTable, 'revoked_at' | 'expires_at'>,
  now: number,
): boolean => row.revoked_at === null && (row.expires_at === null || row.expires_at > now)

/** Those that let somebody in, all of them, and those that ended lately: however many these are, they crowd out none. */
async function readKeys(
  { query }: Pick<Database, 'query'>,
  now: number,
): Promise<readonly ApiKeysTable[]> {
  const keys = query.selectFrom('api_keys').selectAll().orderBy('created_at', 'desc')
  const inForce = keys
    .where('revoked_at', 'is', null)
    .where((where) => where.or([where('expires_at', 'is', null), where('expires_at', '>', now)]))
  const since = now - ENDED_KNOWN_MS
  const ended = keys.where((where) =>
    where.or([
      where('revoked_at', '>', since),
      where.and([
        where('revoked_at', 'is', null),
        where('expires_at', '>', since),
        where('expires_at', '<=', now),
      ]),
    ]),
  )
  return [
    ...(await inForce.limit(MAX_IN_FORCE).execute()),
    ...(await ended.limit(MAX_ENDED).execute()),
  ]
}

const byId = (rows: readonly ApiKeysTable[]): Map<string, KnownKey> =>
  new Map(rows.map((row) => [row.id, keyOf(row)]))

const keyOf = (row: ApiKeysTable): KnownKey => ({
  id: row.id,
  role: row.role,
  name: row.name,
  hash: Buffer.from(row.secret_hash, 'hex'),
  budget: row.budget === null ? null : (JSON.parse(row.budget) as DialBudget),
  expiresAt: row.expires_at,
  revokedAt: row.revoked_at,
})
