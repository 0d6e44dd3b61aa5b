// Goes through every secret that is kept: which key has it, does that key open it, and, when asked, wraps it by the
// active one. In small batches, each written only where the row is still as it was read.
import type { Database } from '../db/database.ts'
import { keyIdOf, openSecret, rewrapSecret, type KeyEncryptionKey } from './envelope.ts'
import { SECRET_COLUMNS, type SecretColumns } from './secret-columns.ts'

/** Rows a batch: some hundred cipher operations, well below a millisecond each. */
const BATCH_ROWS = 100
/** A secret that changes under our hands is met again in the next round. */
const MAX_ROUNDS = 3

export interface RotationReport {
  /** New secrets are kept by it; null: there is no key. */
  readonly activeKeyId: string | null
  readonly secrets: number
  /** Wrapped anew by this run. */
  readonly rewrapped: number
  readonly byKey: readonly { readonly keyId: string; readonly count: number }[]
  /** By the id of the key they need, or `broken`. */
  readonly unopened: readonly { readonly keyId: string; readonly count: number }[]
  /** Configured, and nothing needs them any more: they may be taken out of SECRETS_KEY. */
  readonly unusedKeyIds: readonly string[]
}

interface Kept {
  readonly columns: SecretColumns
  readonly field: SecretColumns['fields'][number]
  readonly id: string
  readonly sealed: string
}

export async function examineSecrets(
  database: Pick<Database, 'query'>,
  keys: readonly KeyEncryptionKey[],
): Promise<RotationReport> {
  const byKey = new Map<string, number>()
  const unopened = new Map<string, number>()
  let secrets = 0
  for await (const batch of keptSecrets(database))
    for (const kept of batch) {
      secrets += 1
      const keyId = keyIdOf(kept.sealed) ?? 'broken'
      count(byKey, keyId)
      if (openSecret(kept.sealed, placeOf(kept), keys).kind !== 'opened') count(unopened, keyId)
    }
  const [active, ...others] = keys
  return {
    activeKeyId: active?.id ?? null,
    secrets,
    rewrapped: 0,
    byKey: listed(byKey),
    unopened: listed(unopened),
    unusedKeyIds: others.map(({ id }) => id).filter((id) => !byKey.has(id)),
  }
}

export async function rotateSecrets(
  database: Pick<Database, 'query' | 'write'>,
  keys: readonly KeyEncryptionKey[],
  active: KeyEncryptionKey,
  onProgress: (secrets: number) => void = () => undefined,
): Promise<RotationReport> {
  let rewrapped = 0
  for (let round = 1; round <= MAX_ROUNDS; round += 1) {
    let seen = 0
    let left = 0
    for await (const batch of keptSecrets(database)) {
      const old = batch.filter(({ sealed }) => keyIdOf(sealed) !== active.id)
      const written = await rewrapBatch(database, old, keys, active)
      rewrapped += written
      left += old.length - written
      seen += batch.length
      onProgress(seen)
    }
    if (left === 0) break
  }
  return { ...(await examineSecrets(database, keys)), rewrapped }
}

/** How many were written: not those that nobody can open, nor those that changed meanwhile. */
async function rewrapBatch(
  { query, write }: Pick<Database, 'query' | 'write'>,
  batch: readonly Kept[],
  keys: readonly KeyEncryptionKey[],
  active: KeyEncryptionKey,
): Promise<number> {
  const updates = batch.flatMap((kept) => {
    const result = rewrapSecret(kept.sealed, placeOf(kept), keys, active)
    if (result.kind !== 'rewrapped') return []
    const { columns, field, id, sealed } = kept
    return [
      query
        .updateTable(columns.table)
        .set({ [field]: result.sealed })
        .where(columns.id, '=', id)
        .where(field, '=', sealed),
    ]
  })
  if (updates.length === 0) return 0
  const results = await write(updates)
  return results.reduce((sum, { changes }) => sum + changes, 0)
}

/** All of them, in batches, by primary key. */
async function* keptSecrets({
  query,
}: Pick<Database, 'query'>): AsyncGenerator<readonly Kept[], void> {
  for (const columns of SECRET_COLUMNS) {
    let after = ''
    for (;;) {
      const rows = await query
        .selectFrom(columns.table)
        .select([columns.id, ...columns.fields])
        .where(columns.id, '>', after)
        .orderBy(columns.id)
        .limit(BATCH_ROWS)
        .execute()
      const last = rows.at(-1)
      if (!last) break
      after = last[columns.id]
      yield rows.flatMap((row) =>
        columns.fields.flatMap((field) => {
          const sealed = row[field]
          return sealed === null ? [] : [{ columns, field, id: row[columns.id], sealed }]
        }),
      )
    }
  }
}

const placeOf = ({ columns, id, field }: Kept) => ({ table: columns.table, id, field })

const count = (counts: Map<string, number>, keyId: string): void =>
  void counts.set(keyId, (counts.get(keyId) ?? 0) + 1)

const listed = (counts: ReadonlyMap<string, number>) =>
  [...counts].map(([keyId, number]) => ({ keyId, count: number }))
