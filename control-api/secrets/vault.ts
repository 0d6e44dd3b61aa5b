// Secrets of others that we keep: sealed on their way into the database, opened for their use alone.
import { AppError } from '#core/errors'
import type { Database } from '../db/database.ts'
import { openSecret, sealSecret, type KeyEncryptionKey, type SecretPlace } from './envelope.ts'
import { openRehearsalKey } from './rehearsal-key.ts'
import { examineSecrets, rotateSecrets, type RotationReport } from './rotation.ts'

export interface Vault {
  /** @throws AppError `SECRETS_KEY_MISSING` when there is no key to seal with. */
  seal(secret: string, place: SecretPlace): string
  /** @throws AppError `SECRETS_KEY_MISSING` when its key is not at hand, `INTERNAL` when it was altered or moved. */
  open(sealed: string, place: SecretPlace): string
  /** What is kept, by key; nothing is changed. */
  examine(): Promise<RotationReport>
  /**
   * Wraps the keys of all secrets by the active key.
   * @param onProgress told after each batch how many were gone through
   * @throws AppError `SECRETS_KEY_MISSING` when there is none
   */
  rotate(onProgress?: (secrets: number) => void): Promise<RotationReport>
}

export interface VaultOptions {
  /** The active one first. */
  readonly keys: readonly KeyEncryptionKey[]
  /** Rehearsals keep a key of their own here when none is configured. */
  readonly makeKeyIn?: string | undefined
}

/**
 * @throws AppError `CONFIGURATION_INVALID` naming SECRETS_KEY when the database holds secrets that none of the keys
 * opens: going on would lose them silently.
 */
export async function openVault(database: Database, options: VaultOptions): Promise<Vault> {
  const made = options.makeKeyIn === undefined ? [] : [await openRehearsalKey(options.makeKeyIn)]
  const keys = [...options.keys, ...made]
  const { unopened, byKey } = await examineSecrets(database, keys)
  // Where others of the key open, the key is right, and one altered row is no reason not to take calls.
  const isMissing = (keyId: string, count: number): boolean =>
    byKey.some((kept) => kept.keyId === keyId && kept.count === count)
  const missing = unopened.filter(({ keyId, count }) => isMissing(keyId, count))
  if (missing.length > 0) {
    const needed = missing.map(({ keyId, count }) => `${keyId} (${count})`).join(', ')
    throw new AppError(
      'CONFIGURATION_INVALID',
      `SECRETS_KEY does not open secrets that the database holds, by the id of their key: ${needed}. ` +
        'Set the key they were kept with, behind a new one if there is one: SECRETS_KEY=k2:NEW,k1:OLD.',
    )
  }
  return createVault(database, keys)
}

export function createVault(database: Database, keys: readonly KeyEncryptionKey[]): Vault {
  const active = (): KeyEncryptionKey => {
    const [first] = keys
    if (first) return first
    throw new AppError('SECRETS_KEY_MISSING', 'SECRETS_KEY is not set: no secret can be kept.')
  }
  return {
    seal: (secret, place) => sealSecret(secret, place, active()),
    open(sealed, place) {
      const opened = openSecret(sealed, place, keys)
      const what = `${place.table}.${place.field} of ${place.id}`
      switch (opened.kind) {
        case 'opened':
          return opened.secret
        case 'unknown-key':
          throw new AppError('SECRETS_KEY_MISSING', `${what} needs the key ${opened.keyId}.`)
        case 'broken':
          throw new AppError('INTERNAL', `${what} was altered, or is not the one of this row.`)
        default:
          return opened satisfies never
      }
    },
    examine: () => examineSecrets(database, keys),
    rotate: (onProgress) => rotateSecrets(database, keys, active(), onProgress),
  }
}
