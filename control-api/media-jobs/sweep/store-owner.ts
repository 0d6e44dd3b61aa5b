// Whose store it is: a marker object in it, named by an id that is kept in the database. What a database does not name may
// be another's that keeps its files in the same store, so only the owner tells orphans.
import { randomBytes } from 'node:crypto'
import { rm, writeFile } from 'node:fs/promises'
import type { MediaStore } from '#core/contracts'
import type { Clock } from '#core/time'
import type { Database } from '../../db/database.ts'
import { workFile } from '../work-folder.ts'

export interface StoreOwnerDeps {
  readonly database: Pick<Database, 'query' | 'write'>
  readonly mediaStore: Pick<MediaStore, 'entries' | 'putFile'>
  readonly clock: Clock
  readonly workFolder: string
}

export type Ownership =
  | { readonly kind: 'ours' }
  | { readonly kind: 'unmarked'; readonly ownKey: string }
  | { readonly kind: 'foreign'; readonly ownKey: string; readonly foreignKeys: readonly string[] }

const KEY_NAME = 'media-store-owner'
const OWNER_PREFIX = 'owner/'
const IS_MARKER = /^owner\/[0-9a-f]{64}\.json$/
const MARKER = '{"voicegate":"the media of this store belong to the database that knows this id"}\n'
/** So many are told of. */
const MAX_TOLD = 5

/** @throws AppError `STORAGE_UNAVAILABLE` */
export async function ownershipOf(deps: StoreOwnerDeps): Promise<Ownership> {
  const ownKey = `${OWNER_PREFIX}${await ownIdOf(deps)}.json`
  const markers = new Set<string>()
  for await (const { key } of deps.mediaStore.entries(OWNER_PREFIX))
    if (IS_MARKER.test(key)) markers.add(key)
  const foreignKeys = [...markers].filter((key) => key !== ownKey).slice(0, MAX_TOLD)
  if (foreignKeys.length > 0) return { kind: 'foreign', ownKey, foreignKeys }
  return markers.has(ownKey) ? { kind: 'ours' } : { kind: 'unmarked', ownKey }
}

/** @throws AppError `STORAGE_UNAVAILABLE` */
export async function markAsOurs(
  { mediaStore, workFolder }: StoreOwnerDeps,
  ownKey: string,
): Promise<void> {
  const path = workFile(workFolder, 'upload-')
  try {
    await writeFile(path, MARKER, { mode: 0o600 })
    await mediaStore.putFile(ownKey, path, 'application/json')
  } finally {
    await rm(path, { force: true })
  }
}

async function ownIdOf({ database: { query, write }, clock }: StoreOwnerDeps): Promise<string> {
  const find = () => query.selectFrom('signing_keys').select('secret').where('name', '=', KEY_NAME)
  const found = await find().executeTakeFirst()
  if (found) return found.secret
  const fresh = {
    name: KEY_NAME,
    secret: randomBytes(32).toString('hex'),
    created_at: clock.now(),
  }
  // Another node may have made it meanwhile: whoever was first is right.
  await write([
    query
      .insertInto('signing_keys')
      .values(fresh)
      .onConflict((conflict) => conflict.doNothing()),
  ])
  return (await find().executeTakeFirstOrThrow()).secret
}
