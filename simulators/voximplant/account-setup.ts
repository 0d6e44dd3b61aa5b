// What the owner of the simulator puts on the account, without asking the API for it.
import type { Account, PhoneNumber, Rule, Scenario } from './account.ts'
import type { NewNumber, NewRule, NewScenario } from './options.ts'
import { digitsOf } from './sessions.ts'

/** @throws AppError `NOT_FOUND`: no such application or rule */
export function setUpNumber(account: Account, number: NewNumber): PhoneNumber {
  const { application_id, rule_id } = number
  const rule = rule_id === undefined ? undefined : account.own(account.rule(rule_id), 'rule')
  const application =
    application_id === undefined
      ? rule?.application
      : account.own(account.application(application_id), 'application')
  return account.addNumber({
    number: digitsOf(number.phone_number),
    country: number.country_code ?? 'DE',
    isSandbox: number.sandbox ?? false,
    canBeUsed: number.can_be_used ?? true,
    isDeactivated: number.deactivated ?? false,
    application,
    rule,
  })
}

/** @throws AppError `NOT_FOUND`: no such application or scenario */
export function setUpRule(account: Account, rule: NewRule): Rule {
  const ids = rule.scenario_ids ?? []
  return account.addRule({
    application: account.own(account.application(rule.application_id), 'application'),
    name: rule.rule_name,
    pattern: rule.rule_pattern ?? '.*',
    exclude: rule.rule_pattern_exclude,
    isVideo: false,
    scenarios: ids.map((id) => account.own(account.scenario(id), 'scenario')),
  })
}

export function setUpScenario(account: Account, scenario: NewScenario): Scenario {
  const { scenario_name: name, scenario_script: script = '', application_id } = scenario
  return account.addScenario({ name, script, applicationId: application_id })
}
