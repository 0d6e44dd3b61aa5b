// The steps of a push, one after the other up to the first that fails. Whatever was done is found again by the next push: a
// scenario and a rule by their names, secrets by theirs, so that nothing is made twice.
import { AppError, messageOf } from '#core/errors'
import { valueOf } from '../accounts/account-desk.ts'
import type { VendorAnswer, VoximplantRest } from '../vendor/vendor-answer.ts'
import {
  findByName,
  ruleOf,
  type LinkedApplication,
  type PlannedStep,
  type PushAction,
  type PushPlan,
  type PushStep,
} from './push-plan.ts'
import type { ScenarioSecret } from './scenario-of.ts'

export interface StepResult {
  readonly step: PushStep
  readonly action: PushAction
  readonly ok: boolean
  /** In words: what was done, or why not. */
  readonly detail: string
}

/** What is known of the vendor's side by now. */
export interface Pushed {
  scenarioId: string | null
  ruleId: string | null
  ruleName: string | null
}

export interface PushRun {
  readonly rest: VoximplantRest
  readonly row: LinkedApplication
  readonly plan: PushPlan
  readonly secrets: Readonly<Record<ScenarioSecret, string>>
}

/** Of a rule that a push makes: inbound calls of all numbers that are bound to the application and no rule before it. */
const PATTERN = '.*'

export async function runPush(
  run: PushRun,
): Promise<{ readonly steps: readonly StepResult[]; readonly pushed: Pushed }> {
  const { plan, row } = run
  const pushed: Pushed = {
    scenarioId: plan.current?.scenarioId ?? null,
    ruleId: row.rule_id,
    ruleName: row.rule_name,
  }
  const steps: StepResult[] = []
  for (const planned of plan.steps) {
    const result = await runStep(run, planned, pushed)
    steps.push(result)
    if (!result.ok) break
  }
  return { steps, pushed }
}

async function runStep(
  run: PushRun,
  { step, action }: PlannedStep,
  pushed: Pushed,
): Promise<StepResult> {
  try {
    return { step, action, ok: true, detail: await STEPS[step](run, pushed) }
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    return { step, action, ok: false, detail: messageOf(error) }
  }
}

type Run = (run: PushRun, pushed: Pushed) => Promise<string>

const STEPS: Readonly<Record<PushStep, Run>> = {
  scenario: pushScenario,
  secrets: pushSecrets,
  rule: pushRule,
  binding: pushBinding,
}

async function pushScenario({ rest, row, plan }: PushRun, pushed: Pushed): Promise<string> {
  const { current, wanted, isSame } = plan
  if (current !== null) {
    if (isSame) return 'It is there already.'
    valueOf(await rest.changeScenario(current.scenarioId, wanted.code))
    return 'It was replaced.'
  }
  const applicationId = row.vendor_application_id
  const { name, code } = wanted
  const answer = await rest.addScenario({ name, code, applicationId })
  // The answer may have been lost, and it may be there all the same.
  const lost = isUnknown(answer) && (await findByName(rest, applicationId, name))
  pushed.scenarioId = lost ? lost.scenarioId : valueOf(answer).scenarioId
  return 'It was created.'
}

async function pushSecrets({ rest, row, secrets }: PushRun): Promise<string> {
  const applicationId = row.vendor_application_id
  for (const [name, value] of Object.entries(secrets))
    valueOf(await rest.setSecret({ applicationId, name, value }))
  return 'They were set.'
}

async function pushRule({ rest, row, plan }: PushRun, pushed: Pushed): Promise<string> {
  const applicationId = row.vendor_application_id
  const { name } = plan.wanted
  const present = ruleOf(valueOf(await rest.rules(applicationId)), row, name)
  if (present !== undefined) {
    Object.assign(pushed, { ruleId: present.ruleId, ruleName: present.name })
    return 'It is there already.'
  }
  const scenarioId = scenarioOf(pushed)
  const answer = await rest.addRule({ applicationId, name, pattern: PATTERN, scenarioId })
  const lost = isUnknown(answer)
    ? ruleOf(valueOf(await rest.rules(applicationId)), { rule_id: null }, name)
    : undefined
  Object.assign(pushed, { ruleId: lost?.ruleId ?? valueOf(answer).ruleId, ruleName: name })
  return 'It was created.'
}

async function pushBinding({ rest, row }: PushRun, pushed: Pushed): Promise<string> {
  const applicationId = row.vendor_application_id
  const { ruleId } = pushed
  const scenarioId = scenarioOf(pushed)
  if (ruleId === null) throw new AppError('STATE_CONFLICT', 'There is no rule to bind it to.')
  const bound = async (): Promise<readonly string[]> => {
    const rules = valueOf(await rest.rules(applicationId))
    const rule = rules.find((each) => each.ruleId === ruleId)
    return rule?.scenarios.map((each) => each.scenarioId) ?? []
  }
  if ((await bound()).includes(scenarioId)) return 'The rule runs it.'
  const answer = await rest.bindScenario({ applicationId, ruleId, scenarioId, isBound: true })
  if (!isUnknown(answer)) valueOf(answer)
  // The vendor has answered 1 to changes that it did not make.
  if ((await bound()).includes(scenarioId)) return 'The rule runs it now.'
  valueOf(answer)
  throw new AppError('VENDOR_FAILED', 'Voximplant says that it bound it, and does not show it.')
}

function scenarioOf({ scenarioId }: Pushed): string {
  if (scenarioId !== null) return scenarioId
  throw new AppError('STATE_CONFLICT', 'There is no scenario to run.')
}

const isUnknown = (answer: VendorAnswer<unknown>): boolean => answer.kind === 'unknown'
