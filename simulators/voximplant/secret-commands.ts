// Secrets of an application: what its scenarios read with VoxEngine.getSecretValue.
import type { Account, Application, Secret } from './account.ts'
import { DONE, hasPart, type Commands } from './commands.ts'
import { pageOf, type RequestValues } from './request-values.ts'
import { utcDate } from './vendor-dates.ts'
import { invalidParameter, missingParameter } from './vendor-errors.ts'

const NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/
const MOST_LENGTH = 8192

export const secretCommands = (account: Account): Commands => ({
  AddSecret: (values) => addSecret(account, values),
  SetSecretInfo: (values) => setSecretInfo(account, values),
  GetSecrets: (values) => getSecrets(account, values),
  GetSecretValue: (values) => getSecretValue(account, values),
  DelSecret: (values) => delSecret(account, values),
})

const secretView = ({ id, name, description, created, modified }: Secret): object => ({
  secret_id: id,
  secret_name: name,
  ...(description === undefined ? {} : { description }),
  created: utcDate(created),
  modified: utcDate(modified),
})

function addSecret(account: Account, values: RequestValues): object {
  const { secrets } = account.requiredApplication(values)
  const name = nameOf(values.required('secret_name'), 'secret_name')
  const value = valueOf(values.required('secret_value'))
  if (secrets.has(name)) throw invalidParameter('secret_name')
  const now = account.now()
  const description = values.text('description')
  const secret = { id: account.newId(), name, value, description, created: now, modified: now }
  secrets.set(name, secret)
  return { result: [{ secret_id: secret.id }] }
}

function setSecretInfo(account: Account, values: RequestValues): object {
  const { secrets } = account.requiredApplication(values)
  const secret = askedSecret(secrets, values)
  const name = nameOf(values.text('new_secret_name') ?? secret.name, 'new_secret_name')
  if (name !== secret.name && secrets.has(name)) throw invalidParameter('new_secret_name')
  secrets.delete(secret.name)
  secret.name = name
  secret.value = valueOf(values.text('secret_value') ?? secret.value)
  secret.description = values.text('description') ?? secret.description
  secret.modified = account.now()
  secrets.set(name, secret)
  return DONE
}

function getSecrets(account: Account, values: RequestValues): object {
  const { secrets } = account.requiredApplication(values)
  const part = values.text('secret_name_part')
  const found = [...secrets.values()].filter(({ name }) => hasPart(name, part))
  return pageOf(found, values.page(), secretView)
}

function getSecretValue(account: Account, values: RequestValues): object {
  const secret = askedSecret(account.requiredApplication(values).secrets, values)
  return { result: [{ ...secretView(secret), secret_value: secret.value }] }
}

function delSecret(account: Account, values: RequestValues): object {
  const { secrets } = account.requiredApplication(values)
  const ids = values.ids('secret_id')
  const names = values.words('secret_name')
  if (ids === undefined && names === undefined) throw missingParameter('secret_id')
  const gone = [...secrets.values()].filter(
    ({ id, name }) => (ids?.includes(id) ?? false) || (names?.includes(name) ?? false),
  )
  if (gone.length === 0) throw invalidParameter(ids === undefined ? 'secret_name' : 'secret_id')
  for (const { name } of gone) secrets.delete(name)
  return DONE
}

function askedSecret(secrets: Application['secrets'], values: RequestValues): Secret {
  const id = values.integer('secret_id')
  const name = values.text('secret_name')
  if (id === undefined && name === undefined) throw missingParameter('secret_id')
  const found = [...secrets.values()].find((each) =>
    id === undefined ? each.name === name : each.id === id,
  )
  if (found === undefined) throw invalidParameter(id === undefined ? 'secret_name' : 'secret_id')
  return found
}

function nameOf(name: string, parameter: string): string {
  if (!NAME.test(name)) throw invalidParameter(parameter)
  return name
}

function valueOf(value: string): string {
  if (value.length > MOST_LENGTH) throw invalidParameter('secret_value')
  return value
}
