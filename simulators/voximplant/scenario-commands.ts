// Scenarios: the code, and the rules that it is bound to.
import type { Account, Scenario } from './account.ts'
import { DONE, fits, hasPart, type Commands } from './commands.ts'
import { pageOf, type RequestValues } from './request-values.ts'
import { utcDate } from './vendor-dates.ts'
import { Refusal, missingParameter } from './vendor-errors.ts'

const NAME_BELOW = 30
const SCRIPT_BELOW_BYTES = 128 * 1024

export const scenarioCommands = (account: Account): Commands => ({
  GetScenarios: (values) => getScenarios(account, values),
  AddScenario: (values) => addScenario(account, values),
  SetScenarioInfo: (values) => setScenarioInfo(account, values),
  BindScenario: (values) => bindScenario(account, values),
  ReorderScenarios: (values) => reorderScenarios(account, values),
})

export const scenarioView = ({ id, name, modified }: Scenario): object => ({
  scenario_id: id,
  scenario_name: name,
  modified: utcDate(modified),
  parent: false,
})

function getScenarios(account: Account, values: RequestValues): object {
  const id = values.integer('scenario_id', 132)
  const part = values.text('scenario_name')
  const application = account.askedApplication(values)
  const withScript = values.flag('with_script') ?? false
  if (withScript && id === undefined) throw missingParameter('scenario_id')
  const found = account.scenarios.filter(
    (each) =>
      fits(each.id, id) && hasPart(each.name, part) && fits(each.applicationId, application?.id),
  )
  if (id !== undefined && found.length === 0) throw new Refusal(132)
  const page = pageOf(found, values.page(), (each) => ({
    ...scenarioView(each),
    ...(withScript ? { scenario_script: each.script } : {}),
  }))
  if (application === undefined) return page
  const { id: application_id, name: application_name, fullName } = application
  return { ...page, application_id, application_name, extended_application_name: fullName }
}

/** With `rewrite`, the one that has the name is changed. */
function addScenario(account: Account, values: RequestValues): object {
  const name = values.required('scenario_name')
  const script = values.text('scenario_script') ?? ''
  const isRewrite = values.flag('rewrite') ?? false
  const rule = account.askedRule(values)
  const application = account.askedApplication(values) ?? rule?.application
  assertFits(name, script)
  const present = sameName(account, name, application?.id)
  if (present !== undefined && !isRewrite) throw new Refusal(133)
  const scenario = present ?? account.addScenario({ name, script, applicationId: application?.id })
  scenario.script = script
  scenario.modified = account.now()
  if (rule !== undefined && !rule.scenarios.includes(scenario)) rule.scenarios.push(scenario)
  return { ...DONE, scenario_id: scenario.id }
}

function setScenarioInfo(account: Account, values: RequestValues): object {
  const id = values.integer('scenario_id', 132)
  const current = values.text('required_scenario_name')
  if (id === undefined && current === undefined) throw missingParameter('scenario_id')
  const scenario = account.scenarios.find((each) =>
    id === undefined ? each.name === current : each.id === id,
  )
  if (scenario === undefined) throw new Refusal(id === undefined ? 168 : 132)
  const name = values.text('scenario_name') ?? scenario.name
  const script = values.text('scenario_script') ?? scenario.script
  assertFits(name, script)
  const same = sameName(account, name, scenario.applicationId)
  if (same !== undefined && same !== scenario) throw new Refusal(133)
  Object.assign(scenario, { name, script, modified: account.now() })
  return DONE
}

function bindScenario(account: Account, values: RequestValues): object {
  const application = account.requiredApplication(values)
  const rule = account.requiredRule(values)
  const scenarios = account.requiredScenarios(values)
  const isOther = (each: Scenario): boolean =>
    each.applicationId !== undefined && each.applicationId !== application.id
  if (rule.application !== application) throw new Refusal(147)
  if (scenarios.some(isOther)) throw new Refusal(132)
  const others = rule.scenarios.filter((each) => !scenarios.includes(each))
  const added = scenarios.filter((each) => !rule.scenarios.includes(each))
  rule.scenarios = (values.flag('bind') ?? true) ? [...rule.scenarios, ...added] : others
  rule.modified = account.now()
  return DONE
}

function reorderScenarios(account: Account, values: RequestValues): object {
  const rule = account.requiredRule(values)
  const scenarios = account.requiredScenarios(values)
  if (scenarios.some((each) => !rule.scenarios.includes(each))) throw new Refusal(132)
  const others = rule.scenarios.filter((each) => !scenarios.includes(each))
  rule.scenarios = [...scenarios, ...others]
  return DONE
}

function assertFits(name: string, script: string): void {
  if (name.length >= NAME_BELOW) throw new Refusal(168)
  if (Buffer.byteLength(script) >= SCRIPT_BELOW_BYTES) throw new Refusal(130)
}

const sameName = (
  { scenarios }: Account,
  name: string,
  applicationId: number | undefined,
): Scenario | undefined =>
  scenarios.find((each) => each.name === name && each.applicationId === applicationId)
