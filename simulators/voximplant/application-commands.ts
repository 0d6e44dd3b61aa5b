// Applications and their rules.
import type { Account, Application, Rule } from './account.ts'
import { DONE, fits, hasPart, type Commands } from './commands.ts'
import { pageOf, type RequestValues } from './request-values.ts'
import { scenarioView } from './scenario-commands.ts'
import { utcDate } from './vendor-dates.ts'
import { Refusal } from './vendor-errors.ts'

const NAME = /^[a-z][a-z0-9-]{1,64}$/
const RULE_NAME_BELOW = 100
const PATTERN_BELOW = 65_536

export const applicationCommands = (account: Account): Commands => ({
  GetApplications: (values) => getApplications(account, values),
  AddApplication: (values) => addApplication(account, values),
  GetRules: (values) => getRules(account, values),
  AddRule: (values) => addRule(account, values),
  ReorderRules: (values) => reorderRules(account, values),
})

const applicationView = ({ id, fullName, modified, isSecure }: Application): object => ({
  application_id: id,
  application_name: fullName,
  modified: utcDate(modified),
  secure_record_storage: isSecure,
})

const ruleView = (rule: Rule, withScenarios: boolean): object => ({
  rule_id: rule.id,
  application_id: rule.application.id,
  rule_name: rule.name,
  rule_pattern: rule.pattern,
  ...(rule.exclude === undefined ? {} : { rule_pattern_exclude: rule.exclude }),
  video_conference: rule.isVideo,
  ...(withScenarios ? { scenarios: rule.scenarios.map((each) => scenarioView(each)) } : {}),
  modified: utcDate(rule.modified),
})

function getApplications(account: Account, values: RequestValues): object {
  const id = values.integer('application_id', 116)
  const part = values.text('application_name')
  const withScenarios = values.flag('with_scenarios') ?? false
  const withRules = (values.flag('with_rules') ?? false) || withScenarios
  const found = account.applications.filter(
    (each) => fits(each.id, id) && hasPart(each.fullName, part),
  )
  return pageOf(found, values.page(), (each) => ({
    ...applicationView(each),
    ...(withRules ? { rules: each.rules.map((rule) => ruleView(rule, withScenarios)) } : {}),
  }))
}

function addApplication(account: Account, values: RequestValues): object {
  const name = values.required('application_name')
  if (!NAME.test(name)) throw new Refusal(107)
  if (account.applications.some((each) => each.name === name)) throw new Refusal(129)
  const added = account.addApplication(name, values.flag('secure_record_storage'))
  return {
    ...DONE,
    application_id: added.id,
    application_name: added.fullName,
    secure_record_storage: added.isSecure,
  }
}

function getRules(account: Account, values: RequestValues): object {
  const application = account.requiredApplication(values)
  const id = values.integer('rule_id', 147)
  const part = values.text('rule_name')
  const isVideo = values.flag('video_conference')
  const withScenarios = values.flag('with_scenarios') ?? false
  const found = application.rules.filter(
    (each) => fits(each.id, id) && hasPart(each.name, part) && fits(each.isVideo, isVideo),
  )
  return pageOf(found, values.page(), (each) => ruleView(each, withScenarios))
}

function addRule(account: Account, values: RequestValues): object {
  const name = values.required('rule_name')
  const pattern = values.required('rule_pattern')
  const exclude = values.text('rule_pattern_exclude')
  const application = account.requiredApplication(values)
  if (name.length >= RULE_NAME_BELOW) throw new Refusal(156)
  if (application.rules.some((each) => each.name === name)) throw new Refusal(175)
  if (!isPattern(pattern)) throw new Refusal(148)
  if (exclude !== undefined && !isPattern(exclude)) throw new Refusal(149)
  const scenarios = account.requiredScenarios(values)
  const isVideo = values.flag('video_conference') ?? false
  const added = account.addRule({ application, name, pattern, exclude, isVideo, scenarios })
  return { ...DONE, rule_id: added.id }
}

function isPattern(pattern: string): boolean {
  try {
    return new RegExp(pattern).source !== '' && pattern.length < PATTERN_BELOW
  } catch {
    return false // No regular expression.
  }
}

/** Those that are named come first, in that order. */
function reorderRules(account: Account, values: RequestValues): object {
  values.required('rule_id')
  const rules = (values.ids('rule_id') ?? []).map((id) => {
    const rule = account.rule(id)
    if (rule === undefined) throw new Refusal(147)
    return rule
  })
  const all = rules[0]?.application.rules ?? []
  if (rules.some(({ application }) => application.rules !== all)) throw new Refusal(147)
  const others = all.filter((each) => !rules.includes(each))
  all.splice(0, all.length, ...rules, ...others)
  return DONE
}
