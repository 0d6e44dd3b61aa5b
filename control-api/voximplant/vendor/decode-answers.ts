// Accounts, applications, rules, scenarios and numbers as Voximplant answers them. A row without its id or its name is left
// out; whatever else is missing has a value that says so.
import type {
  AccountInfo,
  VendorApplication,
  VendorNumber,
  VendorRule,
  VendorScenario,
} from './vendor-answer.ts'
import {
  flagIn,
  idIn,
  isFields,
  numberIn,
  rowsIn,
  textIn,
  type Fields,
} from '../../vendor-answers/answer-fields.ts'

/** Undefined: it is about no account. */
export function decodeAccountInfo(answer: Fields): AccountInfo | undefined {
  const { result } = answer
  if (!isFields(result)) return undefined
  const vendorAccountId = idIn(result, 'account_id')
  if (vendorAccountId === null) return undefined
  return {
    vendorAccountId,
    name: textIn(result, 'account_name') ?? vendorAccountId,
    email: textIn(result, 'account_email'),
    isActive: flagIn(result, 'active') ?? true,
    isFrozen: flagIn(result, 'frozen') ?? false,
    balance: numberIn(result, 'live_balance') ?? numberIn(result, 'balance'),
    currency: textIn(result, 'currency'),
  }
}

export function decodeApplication(row: Fields): VendorApplication | undefined {
  const applicationId = idIn(row, 'application_id')
  const name = textIn(row, 'application_name')
  if (applicationId === null || name === null) return undefined
  return {
    applicationId,
    name: textIn(row, 'extended_application_name') ?? name,
    hasSecureRecords: flagIn(row, 'secure_record_storage') ?? false,
  }
}

export function decodeRule(row: Fields): VendorRule | undefined {
  const ruleId = idIn(row, 'rule_id')
  if (ruleId === null) return undefined
  const scenarios = rowsIn(row['scenarios']).flatMap((each) => decodeScenario(each) ?? [])
  return {
    ruleId,
    name: textIn(row, 'rule_name') ?? ruleId,
    pattern: textIn(row, 'rule_pattern') ?? '',
    scenarios: scenarios.map(({ scenarioId, name }) => ({ scenarioId, name })),
  }
}

export function decodeScenario(row: Fields): VendorScenario | undefined {
  const scenarioId = idIn(row, 'scenario_id')
  if (scenarioId === null) return undefined
  const code = row['scenario_script']
  return {
    scenarioId,
    name: textIn(row, 'scenario_name') ?? scenarioId,
    code: typeof code === 'string' ? code : null,
  }
}

export function decodeNumber(row: Fields): VendorNumber | undefined {
  const digits = textIn(row, 'phone_number') ?? idIn(row, 'phone_number')
  if (digits === null || !/^\+?\d{3,20}$/.test(digits)) return undefined
  const isGone = flagIn(row, 'deactivated') === true || flagIn(row, 'canceled') === true
  return {
    number: digits.startsWith('+') ? digits : `+${digits}`,
    applicationId: idIn(row, 'application_id'),
    ruleId: idIn(row, 'rule_id'),
    isUsable: !isGone && (flagIn(row, 'can_be_used') ?? true),
  }
}
