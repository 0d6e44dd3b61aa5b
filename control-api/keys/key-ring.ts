// Who may come in: the administrator keys, known only by their hash.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Clock } from '#core/time'
import type { Database } from '../db/database.ts'

export interface KeyRing {
  /** False: rehearsal on loopback, where nothing needs a key. */
  readonly required: boolean
  /** The key made by this very start, to be printed once to the terminal; never logged. */
  readonly generatedKey: string | undefined
  accepts(key: string): boolean
}

export interface KeyRingConfig {
  readonly requireKey: boolean
  readonly apiKey?: string | undefined
}

const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest()

/** Takes API_KEY; else the key of an earlier start; else makes one and stores its hash. */
export async function openKeyRing(
  database: Database,
  clock: Clock,
  config: KeyRingConfig,
): Promise<KeyRing> {
  const { requireKey, apiKey } = config
  if (!requireKey) return { required: false, generatedKey: undefined, accepts: () => true }
  if (apiKey !== undefined) return createKeyRing([hashOf(apiKey)], undefined)
  const stored = await database.query
    .selectFrom('api_keys')
    .select('secret_hash')
    .where('role', '=', 'admin')
    .where('revoked_at', 'is', null)
    .execute()
  if (stored.length > 0) {
    return createKeyRing(
      stored.map(({ secret_hash: hash }) => Buffer.from(hash, 'hex')),
      undefined,
    )
  }
  const key = `vg_${randomBytes(32).toString('base64url')}`
  const row = {
    id: `key_${randomBytes(8).toString('hex')}`,
    role: 'admin' as const,
    name: 'made by the first start',
    secret_hash: hashOf(key).toString('hex'),
    budget: null,
    created_at: clock.now(),
    last_used_at: null,
    expires_at: null,
    revoked_at: null,
  }
  await database.write([database.query.insertInto('api_keys').values(row)])
  return createKeyRing([hashOf(key)], key)
}

function createKeyRing(hashes: readonly Buffer[], generatedKey: string | undefined): KeyRing {
  return {
    required: true,
    generatedKey,
    accepts(key) {
      const given = hashOf(key)
      // Hashes are of one length, and every one is compared: time says nothing of which is near.
      return hashes.filter((hash) => timingSafeEqual(hash, given)).length > 0
    },
  }
}
