// The account itself, and the start of a session.
import type { Account, Rule } from './account.ts'
import { DONE, type Commands } from './commands.ts'
import type { AccountNames, Caller } from './key-guard.ts'
import type { RequestValues } from './request-values.ts'
import { utcDate } from './vendor-dates.ts'
import { Refusal, invalidParameter } from './vendor-errors.ts'

const MOST_CUSTOM_DATA_BYTES = 200

export interface AccountCommandDeps {
  readonly account: Account
  readonly names: AccountNames
  readonly currency: string
  readonly location: string
  readonly created: number
  readonly balance: () => number
  readonly host: () => string
  readonly start: (
    rule: Rule,
    customData: string,
  ) => { readonly sessionId: number; readonly accessUrl: string }
}

export const accountCommands = (deps: AccountCommandDeps): Commands => ({
  GetAccountInfo: (_values, caller) => getAccountInfo(deps, caller),
  StartScenarios: (values) => startScenarios(deps, values),
})

function getAccountInfo(
  { names, currency, location, created, balance, host }: AccountCommandDeps,
  caller: Caller,
): object {
  const result = {
    account_id: names.accountId,
    account_name: names.accountName,
    account_email: names.accountEmail,
    // Shown to whoever has it anyway.
    ...(caller === 'api-key' ? { api_key: names.apiKey } : {}),
    created: utcDate(created),
    language_code: 'en',
    location,
    active: true,
    frozen: false,
    balance: balance(),
    currency,
  }
  return { result, api_address: host() }
}

function startScenarios(deps: AccountCommandDeps, values: RequestValues): object {
  const { account, balance } = deps
  values.required('rule_id')
  const rule = account.requiredRule(values)
  const customData = values.text('script_custom_data') ?? ''
  const application = account.askedApplication(values)
  if (application !== undefined && rule.application !== application) throw new Refusal(147)
  if (rule.scenarios.length === 0) throw new Refusal(375)
  // Whether the vendor refuses it or cuts it off is not known: refused, nobody can come to rely on it.
  if (Buffer.byteLength(customData) > MOST_CUSTOM_DATA_BYTES)
    throw invalidParameter('script_custom_data')
  if (balance() <= 0) throw new Refusal(127)
  const { sessionId, accessUrl } = deps.start(rule, customData)
  return {
    ...DONE,
    media_session_access_url: accessUrl,
    media_session_access_secure_url: accessUrl,
    ...(values.flag('with_check_url') === true
      ? { media_session_check_url: `${accessUrl}/check` }
      : {}),
    call_session_history_id: sessionId,
  }
}
