// One client an account, so that what the vendor allows an account is shared by all who ask.
import { AppError } from '#core/errors'
import type { AccountRow, AccountStore } from '../accounts/account-store.ts'
import type { ApplicationRow } from '../applications/application-store.ts'
import type { VendorAccess, VoximplantRest } from './vendor-answer.ts'

export interface VoximplantClients {
  /** @throws AppError `STATE_CONFLICT` of an account that is not active, `SECRETS_KEY_MISSING` */
  of(account: AccountRow): VoximplantRest
  /** Of the application's account. @throws AppError the same, and `NOT_FOUND` when the account is gone */
  ofApplication(
    application: ApplicationRow,
  ): Promise<{ readonly account: AccountRow; readonly rest: VoximplantRest }>
  /** For a key that is not kept yet. */
  trying(access: VendorAccess): VoximplantRest
}

export function createClients(
  accounts: Pick<AccountStore, 'find' | 'accessOf'>,
  open: (access: VendorAccess) => VoximplantRest,
): VoximplantClients {
  const known = new Map<string, { readonly sealed: string; readonly rest: VoximplantRest }>()
  const of = (account: AccountRow): VoximplantRest => {
    const { account_id: id, credential: sealed } = account
    if (account.is_active === 0)
      throw new AppError('STATE_CONFLICT', 'This Voximplant account is deactivated.')
    const before = known.get(id)
    // A new key is sealed anew.
    if (before?.sealed === sealed) return before.rest
    const rest = open(accounts.accessOf(account))
    known.set(id, { sealed, rest })
    return rest
  }
  return {
    of,
    async ofApplication({ account_id: id }) {
      const account = await accounts.find(id)
      if (!account)
        throw new AppError('NOT_FOUND', 'The Voximplant account of this application is gone.')
      return { account, rest: of(account) }
    },
    trying: open,
  }
}
