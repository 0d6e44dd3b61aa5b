// The applications of Voximplant that are linked to agents, their keys sealed.
import { randomBytes } from 'node:crypto'
import type { Compilable, Selectable, Updateable } from 'kysely'
import { AppError } from '#core/errors'
import type { Database } from '../../db/database.ts'
import type { VoximplantApplicationsTable } from '../../db/schema.ts'
import type { Vault } from '../../secrets/vault.ts'

export type ApplicationRow = Selectable<VoximplantApplicationsTable>
type Sealed = 'elevenlabs_api_key' | 'signing_key'
export type ApplicationChange = Omit<
  Updateable<VoximplantApplicationsTable>,
  'application_id' | 'account_id' | 'created_at' | 'created_by' | Sealed
>

export interface ApplicationSecrets {
  /** Null: the key of this node. */
  readonly elevenlabsApiKey: string | null
  /** What its scenario signs with. */
  readonly signingKey: string
}

export interface ApplicationStore {
  list(accountId?: string): Promise<readonly ApplicationRow[]>
  find(applicationId: string): Promise<ApplicationRow | undefined>
  /** To be written, with its audit entry. @throws AppError `SECRETS_KEY_MISSING` */
  added(row: Omit<ApplicationRow, Sealed>, secrets: ApplicationSecrets): Compilable
  /** The same. */
  changed(
    applicationId: string,
    change: ApplicationChange,
    secrets?: Partial<ApplicationSecrets>,
  ): Compilable
  removed(applicationId: string): Compilable
  /** @throws AppError `SECRETS_KEY_MISSING` */
  secretsOf(row: ApplicationRow): ApplicationSecrets
}

export const newApplicationId = (): string => `vap_${randomBytes(12).toString('hex')}`
/** 256 bits. */
export const newSigningKey = (): string => randomBytes(32).toString('hex')

export const noApplication = (): AppError =>
  new AppError('NOT_FOUND', 'There is no Voximplant application with this id.')

export function createApplicationStore(
  { query }: Pick<Database, 'query'>,
  vault: Vault,
): ApplicationStore {
  const rows = query.selectFrom('voximplant_applications').selectAll()
  const sealed = (id: string, secrets: Partial<ApplicationSecrets>) => {
    const { elevenlabsApiKey: key, signingKey } = secrets
    return {
      ...(key === undefined
        ? {}
        : { elevenlabs_api_key: key && vault.seal(key, placeOf(id, 'elevenlabs_api_key')) }),
      ...(signingKey === undefined
        ? {}
        : { signing_key: vault.seal(signingKey, placeOf(id, 'signing_key')) }),
    }
  }
  return {
    list: (accountId) =>
      (accountId === undefined ? rows : rows.where('account_id', '=', accountId))
        .orderBy('created_at')
        .execute(),
    find: (applicationId) => rows.where('application_id', '=', applicationId).executeTakeFirst(),
    added(row, { elevenlabsApiKey: key, signingKey }) {
      const { application_id: id } = row
      return query.insertInto('voximplant_applications').values({
        ...row,
        elevenlabs_api_key: key && vault.seal(key, placeOf(id, 'elevenlabs_api_key')),
        signing_key: vault.seal(signingKey, placeOf(id, 'signing_key')),
      })
    },
    changed: (applicationId, change, secrets = {}) =>
      query
        .updateTable('voximplant_applications')
        .set({ ...change, ...sealed(applicationId, secrets) })
        .where('application_id', '=', applicationId),
    removed: (applicationId) =>
      query.deleteFrom('voximplant_applications').where('application_id', '=', applicationId),
    secretsOf({ application_id: id, elevenlabs_api_key: key, signing_key: signingKey }) {
      return {
        elevenlabsApiKey: key && vault.open(key, placeOf(id, 'elevenlabs_api_key')),
        signingKey: vault.open(signingKey, placeOf(id, 'signing_key')),
      }
    },
  }
}

const placeOf = (id: string, field: Sealed) => ({ table: 'voximplant_applications', id, field })
