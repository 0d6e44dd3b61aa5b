// Making, changing and ending keys. One change at a time, each with its line in the audit log.
import { AppError } from '#core/errors'
import { createTurns } from '#core/lifecycle'
import type { Clock } from '#core/time'
import type { Database } from '../db/database.ts'
import type { ApiKeysTable } from '../db/schema.ts'
import type { Principal, Role } from '../http-server.ts'
import { hashOf, newKeyId, newSecret, writeKey } from './api-key.ts'
import type { AuditLog } from './audit-log.ts'
import type { DialBudget } from './dial-budget.ts'
import { isInForce, type KeyRing } from './key-ring.ts'

/** All of them are kept in memory. */
const MAX_IN_FORCE = 1000

export interface KeyWish {
  readonly role: Role
  readonly name: string | null
  readonly budget: DialBudget | null
  readonly expiresAt: number | null
}

/** The one time that a key is shown. */
export interface MadeKey {
  readonly row: ApiKeysTable
  readonly key: string
}

export interface KeyChangesDeps {
  readonly database: Database
  readonly clock: Clock
  readonly keys: KeyRing
  readonly audit: AuditLog
}

type By = Pick<Principal, 'keyId'>
type Changes = Partial<Omit<ApiKeysTable, 'id'>>

export class KeyChanges {
  readonly #deps: KeyChangesDeps
  readonly #turns = createTurns()

  constructor(deps: KeyChangesDeps) {
    this.#deps = deps
  }

  /** Newest first, behind a position; revoked ones too. */
  async page(after: number | null, limit: number): Promise<readonly ApiKeysTable[]> {
    return this.#deps.database.query
      .selectFrom('api_keys')
      .selectAll()
      .where((where) =>
        after === null ? where.lit(true) : where('created_at', '<', after / POSITIONS_A_MS),
      )
      .orderBy('created_at', 'desc')
      .limit(limit)
      .execute()
  }

  /** @throws AppError `NOT_FOUND` */
  async find(id: string): Promise<ApiKeysTable> {
    const { query } = this.#deps.database
    const row = await query
      .selectFrom('api_keys')
      .selectAll()
      .where('id', '=', id)
      .executeTakeFirst()
    if (!row) throw new AppError('NOT_FOUND', 'There is no key with this id.')
    return row
  }

  create(by: By, wish: KeyWish): Promise<MadeKey> {
    return this.#turns.take(async () => {
      const { database, keys, audit } = this.#deps
      const inForce = await this.#inForce()
      if (inForce.length >= MAX_IN_FORCE) {
        const detail = `There are ${MAX_IN_FORCE} keys already: revoke some first.`
        throw new AppError('STATE_CONFLICT', detail)
      }
      const id = newKeyId()
      const key = writeKey(id, newSecret())
      const row: ApiKeysTable = {
        id,
        ...columnsOf(wish),
        secret_hash: hashOf(key).toString('hex'),
        created_at: this.#freshTime(inForce),
        last_used_at: null,
        revoked_at: null,
      }
      await database.write([
        database.query.insertInto('api_keys').values(row),
        audit.noted(by, 'key.created', id, shown(row)),
      ])
      keys.changed(row)
      return { row, key }
    })
  }

  update(by: By, id: string, wish: Partial<KeyWish>): Promise<ApiKeysTable> {
    return this.#turns.take(async () => {
      const row = await this.#findInForce(id)
      const changes = columnsOf({ ...wishOf(row), ...wish })
      const endsSooner = changes.expires_at !== null && changes.expires_at !== row.expires_at
      if (changes.role !== 'admin' || endsSooner) await this.#keepWayIn(row)
      return this.#change(row, changes, (changed) =>
        this.#deps.audit.noted(by, 'key.changed', id, shown(changed)),
      )
    })
  }

  /** Another secret; the former one is worth nothing from now on, nor are the sessions it opened. */
  rotate(by: By, id: string): Promise<MadeKey> {
    return this.#turns.take(async () => {
      const row = await this.#findInForce(id)
      const key = writeKey(id, newSecret())
      const changed = await this.#change(row, { secret_hash: hashOf(key).toString('hex') }, () =>
        this.#deps.audit.noted(by, 'key.rotated', id),
      )
      return { row: changed, key }
    })
  }

  /** Twice is as good as once. */
  revoke(by: By, id: string): Promise<void> {
    return this.#turns.take(async () => {
      const row = await this.find(id)
      if (row.revoked_at !== null) return
      await this.#keepWayIn(row)
      await this.#change(row, { revoked_at: this.#deps.clock.now() }, () =>
        this.#deps.audit.noted(by, 'key.revoked', id),
      )
    })
  }

  async #change(
    row: ApiKeysTable,
    changes: Changes,
    noted: (changed: ApiKeysTable) => ReturnType<AuditLog['noted']>,
  ): Promise<ApiKeysTable> {
    const { database, keys } = this.#deps
    const { query } = database
    const changed = { ...row, ...changes }
    const isAnotherKey = changed.revoked_at !== null || changed.secret_hash !== row.secret_hash
    await database.write([
      query.updateTable('api_keys').set(changes).where('id', '=', row.id),
      ...(isAnotherKey ? [query.deleteFrom('sessions').where('key_id', '=', row.id)] : []),
      noted(changed),
    ])
    keys.changed(changed)
    return changed
  }

  async #findInForce(id: string): Promise<ApiKeysTable> {
    const row = await this.find(id)
    if (row.revoked_at === null) return row
    throw new AppError('STATE_CONFLICT', 'This key was revoked: make a new one.')
  }

  /** @throws AppError `STATE_CONFLICT` when nobody could administer this node without the key as it is. */
  async #keepWayIn(row: ApiKeysTable): Promise<void> {
    const { keys, clock } = this.#deps
    if (row.role !== 'admin' || !isInForce(row, clock.now())) return
    if (!keys.required || keys.hasBootstrap) return
    const isAnother = (one: ApiKeysTable): boolean => one.id !== row.id && one.role === 'admin'
    const others = (await this.#inForce()).filter(isAnother)
    // One that never ends is not replaced by one that will.
    const isEnough = row.expires_at === null ? others.some(isLasting) : others.length > 0
    if (isEnough) return
    throw new AppError(
      'STATE_CONFLICT',
      'This is the last way in for an administrator: make another admin key that does not expire first.',
    )
  }

  async #inForce(): Promise<readonly ApiKeysTable[]> {
    const { database, clock } = this.#deps
    const rows = await database.query
      .selectFrom('api_keys')
      .selectAll()
      .where('revoked_at', 'is', null)
      .where((where) =>
        where.or([where('expires_at', 'is', null), where('expires_at', '>', clock.now())]),
      )
      .limit(2 * MAX_IN_FORCE)
      .execute()
    return rows
  }

  /** Its place in the list: whole microseconds, no two the same. */
  #freshTime(others: readonly ApiKeysTable[]): number {
    const now = Math.floor(this.#deps.clock.now() * POSITIONS_A_MS)
    const last = Math.max(0, ...others.map((row) => positionOf(row)))
    return Math.max(now, last + 1) / POSITIONS_A_MS
  }
}

const isLasting = ({ expires_at: at }: ApiKeysTable): boolean => at === null

const POSITIONS_A_MS = 1000

export const positionOf = ({ created_at: at }: Pick<ApiKeysTable, 'created_at'>): number =>
  Math.floor(at * POSITIONS_A_MS)

const columnsOf = ({ role, name, budget, expiresAt }: KeyWish) => ({
  role,
  name,
  budget: budget && JSON.stringify(budget),
  expires_at: expiresAt,
})

const wishOf = ({ role, name, budget, expires_at: expiresAt }: ApiKeysTable): KeyWish => ({
  role,
  name,
  budget: budget === null ? null : (JSON.parse(budget) as DialBudget),
  expiresAt,
})

/** For the audit log: what a key may do; its name is its maker's, and may say anything. */
const shown = ({ role, budget, expires_at: expiresAt }: ApiKeysTable) => ({
  role,
  expires_at: expiresAt,
  has_budget: budget !== null,
})
