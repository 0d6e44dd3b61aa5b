// Rented numbers, written without a plus sign.
import type { Account, PhoneNumber } from './account.ts'
import { fits, type Commands } from './commands.ts'
import { pageOf, type RequestValues } from './request-values.ts'
import { utcDate } from './vendor-dates.ts'
import { Refusal, invalidParameter } from './vendor-errors.ts'

const MONTH_MS = 30 * 86_400_000

export const numberCommands = (account: Account): Commands => ({
  GetPhoneNumbers: (values) => getPhoneNumbers(account, values),
})

function getPhoneNumbers(account: Account, values: RequestValues): object {
  const tests = [...byName(values), ...byFlag(values), ...byBinding(account, values)]
  const found = account.numbers.filter((each) => tests.every((test) => test(each)))
  if (values.text('order_by') === 'phone_number')
    found.sort((a, b) => a.number.localeCompare(b.number))
  return pageOf(found, values.page(), numberView)
}

type NumberTest = (number: PhoneNumber) => boolean

/** Only numbers in the list, if there is one. */
const among = <T>(list: readonly T[] | undefined, value: T | undefined): boolean =>
  list === undefined || (value !== undefined && list.includes(value))

function byName(values: RequestValues): NumberTest[] {
  const ids = values.ids('phone_id')
  if (values.text('phone_id') !== undefined && ids?.some((id) => id <= 0)) throw new Refusal(181)
  const numbers = values.words('phone_number')
  const countries = values.words('country_code')
  const start = values.text('phone_template') ?? ''
  return [
    ({ id }) => among(ids, id),
    ({ number }) => among(numbers, number) && number.startsWith(start),
    ({ country }) => among(countries, country),
  ]
}

function byFlag(values: RequestValues): NumberTest[] {
  const sandbox = values.text('sandbox') ?? 'all'
  if (!['all', 'true', 'false'].includes(sandbox)) throw invalidParameter('sandbox')
  const canBeUsed = values.flag('can_be_used')
  const isDeactivated = values.flag('deactivated')
  const isCanceled = values.flag('canceled')
  return [
    (each) => sandbox === 'all' || each.isSandbox === (sandbox === 'true'),
    (each) => fits(each.canBeUsed, canBeUsed) && fits(each.isDeactivated, isDeactivated),
    () => fits(false, isCanceled),
  ]
}

function byBinding(account: Account, values: RequestValues): NumberTest[] {
  const application = account.askedApplication(values)
  const ruleIds = values.ids('rule_id')
  const ruleNames = application === undefined ? undefined : values.words('rule_name')
  const isBound = values.flag('is_bound_to_application')
  const isBoundToRule = values.flag('is_bound_to_rule')
  return [
    (each) => fits(each.application, application),
    (each) => among(ruleIds, each.rule?.id) && among(ruleNames, each.rule?.name),
    (each) => fits(each.application !== undefined, isBound),
    (each) => fits(each.rule !== undefined, isBoundToRule),
  ]
}

const numberView = (number: PhoneNumber): object => ({
  phone_id: number.id,
  phone_number: number.number,
  phone_price: 1,
  phone_country_code: number.country,
  activation_status: 'ACTIVE',
  phone_next_renewal: utcDate(number.bought + MONTH_MS).slice(0, 10),
  phone_purchase_date: utcDate(number.bought),
  deactivated: number.isDeactivated,
  canceled: false,
  auto_charge: true,
  ...applicationOf(number),
  ...(number.rule === undefined ? {} : { rule_id: number.rule.id, rule_name: number.rule.name }),
  category_name: 'GEOGRAPHIC',
  can_be_used: number.canBeUsed,
  is_sms_supported: false,
  is_sms_enabled: false,
  emergency_calls_to_be_enabled: false,
  emergency_calls_enabled: false,
  subscription_id: number.id,
  modified: utcDate(number.bought),
})

const applicationOf = ({ application }: PhoneNumber): object =>
  application === undefined
    ? {}
    : {
        application_id: application.id,
        application_name: application.name,
        extended_application_name: application.fullName,
      }
