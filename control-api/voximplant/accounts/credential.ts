// The key of an account as somebody gives it to us: the legacy one, or the file of a service account. What is wrong with it is
// said by its field alone: nothing of it is repeated.
import { AppError } from '#core/errors'
import { privateKeyOf } from '../vendor/service-token.ts'
import type { Credential, ServiceAccountKey, VendorAccess } from '../vendor/vendor-answer.ts'
import { idIn, isFields, textIn, type Fields } from '../../vendor-answers/answer-fields.ts'

export interface GivenCredential {
  readonly api_key?: string | undefined
  /** As it was downloaded, or its text. */
  readonly service_account_key?: string | Fields | undefined
}

/** Undefined: none was given. @throws AppError `REQUEST_INVALID` naming the field */
export function decodeCredential(
  vendorAccountId: string,
  { api_key: apiKey, service_account_key: file }: GivenCredential,
): Credential | undefined {
  if (apiKey !== undefined && file !== undefined)
    throw invalid('service_account_key', 'either this or api_key is needed, not both')
  if (apiKey !== undefined) return { kind: 'api_key', apiKey: decodeApiKey(apiKey) }
  if (file === undefined) return undefined
  const key = decodeServiceAccountKey(file)
  if (String(key.account_id) !== vendorAccountId)
    throw invalid('service_account_key', 'its account_id is another than the one of this account')
  return { kind: 'service_account', key }
}

/** @throws AppError `REQUEST_INVALID` when there is none */
export function decodeAccess(accountId: string, given: GivenCredential): VendorAccess {
  const vendorAccountId = accountId.trim()
  if (!/^\d{1,20}$/.test(vendorAccountId))
    throw invalid('account_id', 'it is a number, and the console of Voximplant shows it')
  const credential = decodeCredential(vendorAccountId, given)
  if (credential === undefined) throw invalid('api_key', 'this or service_account_key is needed')
  return { vendorAccountId, credential }
}

function decodeApiKey(text: string): string {
  const apiKey = text.trim()
  if (!/^[\x21-\x7e]{8,200}$/.test(apiKey)) throw invalid('api_key', 'it is no key of Voximplant')
  return apiKey
}

function decodeServiceAccountKey(given: string | Fields): ServiceAccountKey {
  const file = typeof given === 'string' ? parsed(given) : given
  const field = (name: string): string => `service_account_key.${name}`
  const [accountId, keyId] = [idIn(file, 'account_id'), textIn(file, 'key_id')]
  const pem = textIn(file, 'private_key')
  if (accountId === null) throw invalid(field('account_id'), 'it is missing, or no number')
  if (keyId === null || keyId.length > 200) throw invalid(field('key_id'), 'it is missing')
  if (pem === null || !isRsa(pem)) throw invalid(field('private_key'), 'it is no RSA key in PEM')
  const email = textIn(file, 'account_email')?.slice(0, 200) ?? ''
  return { account_email: email, account_id: accountId, key_id: keyId, private_key: pem }
}

function isRsa(pem: string): boolean {
  try {
    return privateKeyOf(pem).type === 'private'
  } catch {
    return false // The caller names the field.
  }
}

function parsed(text: string): Fields {
  try {
    const file: unknown = JSON.parse(text)
    if (isFields(file)) return file
  } catch {
    // Said below.
  }
  throw invalid('service_account_key', 'it is not the JSON of a service account')
}

const invalid = (field: string, why: string): AppError =>
  new AppError('REQUEST_INVALID', `${field}: ${why}.`, { details: { field } })
