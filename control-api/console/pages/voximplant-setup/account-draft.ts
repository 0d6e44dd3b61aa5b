// What is typed about an account, whether it can be sent, and what it becomes. Pure.
import type {
  Account,
  AccountPatch,
  AccountTrial,
  CredentialBody,
  NewAccount,
} from '../../components/voximplant/shapes.ts'
import { readServiceAccountKey } from './service-account-file.ts'

export type CredentialKind = Account['credential']
export const CREDENTIAL_KINDS: readonly CredentialKind[] = ['api_key', 'service_account']

export interface AccountDraft {
  readonly name: string
  /** The vendor's. */
  readonly accountId: string
  readonly kind: CredentialKind
  readonly apiKey: string
  /** The key file's text. */
  readonly keyText: string
}

export const NEW_ACCOUNT: AccountDraft = {
  name: '',
  accountId: '',
  kind: 'api_key',
  apiKey: '',
  keyText: '',
}

/** Its key is never told: the boxes are empty, and what stays empty stays as it is. */
export const draftOf = (account: Account): AccountDraft => ({
  ...NEW_ACCOUNT,
  name: account.account_name,
  accountId: account.vendor_account_id,
  kind: account.credential,
})

/** The file names the account. */
export function withKeyText(draft: AccountDraft, keyText: string): AccountDraft {
  const read = readServiceAccountKey(keyText)
  return { ...draft, keyText, ...(read.kind === 'key' ? { accountId: read.accountId } : {}) }
}

export const isAccountId = (text: string): boolean => /^\d{1,20}$/.test(text.trim())

/** Undefined: there is none, or none that can be sent. */
function credentialOf({ kind, apiKey, keyText }: AccountDraft): CredentialBody | undefined {
  if (kind === 'api_key') return apiKey.trim() === '' ? undefined : { api_key: apiKey.trim() }
  const read = readServiceAccountKey(keyText)
  return read.kind === 'key' ? { service_account_key: { ...read.key } } : undefined
}

/** Undefined: not enough is filled in to ask the vendor. */
export function trialOf(draft: AccountDraft): AccountTrial | undefined {
  const credential = credentialOf(draft)
  if (credential === undefined || !isAccountId(draft.accountId)) return undefined
  return { account_id: draft.accountId.trim(), ...credential }
}

export function newAccountOf(draft: AccountDraft): NewAccount | undefined {
  const trial = trialOf(draft)
  const name = draft.name.trim()
  return trial === undefined || name === '' ? undefined : { account_name: name, ...trial }
}

/** Of what was changed alone; undefined: nothing was, or it cannot be sent. */
export function patchOf(account: Account, draft: AccountDraft): AccountPatch | undefined {
  const name = draft.name.trim()
  const isTyped = (draft.kind === 'api_key' ? draft.apiKey : draft.keyText).trim() !== ''
  const credential = credentialOf(draft)
  if (name === '' || (isTyped && credential === undefined)) return undefined
  const patch = {
    ...(name === account.account_name ? {} : { account_name: name }),
    ...credential,
  }
  return Object.keys(patch).length === 0 ? undefined : patch
}
