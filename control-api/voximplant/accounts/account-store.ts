// The accounts of Voximplant that we were given, their keys sealed.
import { randomBytes } from 'node:crypto'
import type { Compilable, Selectable, Updateable } from 'kysely'
import { AppError } from '#core/errors'
import type { Database } from '../../db/database.ts'
import type { VoximplantAccountsTable } from '../../db/schema.ts'
import type { Vault } from '../../secrets/vault.ts'
import type { Credential, ServiceAccountKey, VendorAccess } from '../vendor/vendor-answer.ts'

export type AccountRow = Selectable<VoximplantAccountsTable>
export type AccountChange = Omit<
  Updateable<VoximplantAccountsTable>,
  'account_id' | 'credential' | 'credential_kind' | 'created_at' | 'created_by'
>

export interface AccountStore {
  list(): Promise<readonly AccountRow[]>
  find(accountId: string): Promise<AccountRow | undefined>
  /** To be written, with its audit entry. @throws AppError `SECRETS_KEY_MISSING` */
  added(row: Omit<AccountRow, 'credential' | 'credential_kind'>, credential: Credential): Compilable
  /** The same. */
  changed(accountId: string, change: AccountChange, credential?: Credential): Compilable
  removed(accountId: string): Compilable
  /** What a client of it needs. @throws AppError `SECRETS_KEY_MISSING` */
  accessOf(row: AccountRow): VendorAccess
}

export const newAccountId = (): string => `vac_${randomBytes(12).toString('hex')}`

export const noAccount = (): AppError =>
  new AppError('NOT_FOUND', 'There is no Voximplant account with this id.')

export function createAccountStore({ query }: Pick<Database, 'query'>, vault: Vault): AccountStore {
  const rows = query.selectFrom('voximplant_accounts').selectAll()
  const sealed = (accountId: string, credential: Credential) => ({
    credential_kind: credential.kind,
    credential: vault.seal(secretOf(credential), placeOf(accountId)),
  })
  return {
    list: () => rows.orderBy('created_at').execute(),
    find: (accountId) => rows.where('account_id', '=', accountId).executeTakeFirst(),
    added: (row, credential) =>
      query
        .insertInto('voximplant_accounts')
        .values({ ...row, ...sealed(row.account_id, credential) }),
    changed: (accountId, change, credential) =>
      query
        .updateTable('voximplant_accounts')
        .set({ ...change, ...(credential ? sealed(accountId, credential) : {}) })
        .where('account_id', '=', accountId),
    removed: (accountId) =>
      query.deleteFrom('voximplant_accounts').where('account_id', '=', accountId),
    accessOf({ account_id: id, vendor_account_id: vendorAccountId, credential, credential_kind }) {
      const secret = vault.open(credential, placeOf(id))
      return {
        vendorAccountId,
        credential:
          credential_kind === 'api_key'
            ? { kind: 'api_key', apiKey: secret }
            : { kind: 'service_account', key: JSON.parse(secret) as ServiceAccountKey },
      }
    },
  }
}

const secretOf = (credential: Credential): string =>
  credential.kind === 'api_key' ? credential.apiKey : JSON.stringify(credential.key)

const placeOf = (id: string) => ({ table: 'voximplant_accounts', id, field: 'credential' })
