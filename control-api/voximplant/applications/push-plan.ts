// What a push would do, and what stands in its way: read from the vendor, nothing is changed.
import { createHash } from 'node:crypto'
import { valueOf } from '../accounts/account-desk.ts'
import type { GeneratedScenario } from '../scenario/generate-scenario.ts'
import type { VendorRule, VendorScenario, VoximplantRest } from '../vendor/vendor-answer.ts'
import { failureOf } from '../vendor/vendor-refusals.ts'
import type { ApplicationRow } from './application-store.ts'

export interface PushProblem {
  readonly field: string
  readonly problem: string
}

export const PUSH_STEPS = ['scenario', 'secrets', 'rule', 'binding'] as const
export type PushStep = (typeof PUSH_STEPS)[number]
export const PUSH_ACTIONS = ['create', 'update', 'none'] as const
export type PushAction = (typeof PUSH_ACTIONS)[number]

export interface PlannedStep {
  readonly step: PushStep
  readonly action: PushAction
  /** In words. */
  readonly what: string
}

export interface CurrentScenario {
  readonly scenarioId: string
  readonly name: string
  readonly code: string
  readonly sha256: string
}

export interface PushPlan {
  readonly problems: readonly PushProblem[]
  readonly steps: readonly PlannedStep[]
  /** At the vendor; null: there is none, or it could not be looked for. */
  readonly current: CurrentScenario | null
  readonly wanted: GeneratedScenario
  readonly isSame: boolean
}

/** Of an application that is linked. */
export type LinkedApplication = ApplicationRow & { readonly vendor_application_id: string }

/** @throws AppError what the vendor says */
export async function readPlan(
  rest: VoximplantRest,
  row: LinkedApplication,
  wanted: GeneratedScenario,
): Promise<PushPlan> {
  const [current, rules] = await Promise.all([
    readCurrent(rest, row, wanted.name),
    rest.rules(row.vendor_application_id).then(valueOf),
  ])
  const rule = ruleOf(rules, row, wanted.name)
  const isSame = current?.sha256 === wanted.sha256
  return {
    problems: problemsOf(row, rule, current),
    steps: stepsOf({ row, wanted, current, rule, isSame }),
    current,
    wanted,
    isSame,
  }
}

/** By its id; by its name, when a push lost the answer that told the id. */
async function readCurrent(
  rest: VoximplantRest,
  row: LinkedApplication,
  name: string,
): Promise<CurrentScenario | null> {
  const known = row.scenario_id === null ? undefined : valueOf(await rest.scenario(row.scenario_id))
  const found = known ?? (await findByName(rest, row.vendor_application_id, name))
  if (found === undefined) return null
  const { code } = found.code === null ? { code: await codeOf(rest, found) } : found
  // Nobody could see what would be overwritten.
  if (code === null) throw failureOf('does not show the code of the scenario that is there')
  return { scenarioId: found.scenarioId, name: found.name, code, sha256: hashOf(code) }
}

async function codeOf(rest: VoximplantRest, { scenarioId }: VendorScenario) {
  return valueOf(await rest.scenario(scenarioId))?.code ?? null
}

export async function findByName(
  rest: VoximplantRest,
  applicationId: string,
  name: string,
): Promise<VendorScenario | undefined> {
  // The vendor looks for parts of names.
  const all = valueOf(await rest.scenarios({ name, applicationId }))
  return all.find((each) => each.name === name)
}

/** The chosen one; without one, the one that a push has made. */
export const ruleOf = (
  rules: readonly VendorRule[],
  { rule_id: ruleId }: Pick<ApplicationRow, 'rule_id'>,
  name: string,
): VendorRule | undefined =>
  rules.find((rule) => (ruleId === null ? rule.name === name : rule.ruleId === ruleId))

function problemsOf(
  row: ApplicationRow,
  rule: VendorRule | undefined,
  current: CurrentScenario | null,
): PushProblem[] {
  const field = 'rule_id'
  if (rule === undefined && row.rule_id !== null)
    return [{ field, problem: 'The chosen rule is not at Voximplant any more: choose another.' }]
  const others = rule?.scenarios.filter((each) => each.scenarioId !== current?.scenarioId) ?? []
  if (others.length === 0) return []
  const names = others.map(({ name }) => name.slice(0, 60)).join(', ')
  const problem =
    `The rule also runs ${names}, in the same context as this scenario: ` +
    'unbind it at Voximplant, or choose a rule of its own.'
  return [{ field, problem }]
}

interface Planned {
  readonly row: ApplicationRow
  readonly wanted: GeneratedScenario
  readonly current: CurrentScenario | null
  readonly rule: VendorRule | undefined
  readonly isSame: boolean
}

function stepsOf({ row, wanted, current, rule, isSame }: Planned): PlannedStep[] {
  const scenarioAction = current === null ? 'create' : isSame ? 'none' : 'update'
  const isBound = rule?.scenarios.some((each) => each.scenarioId === current?.scenarioId) ?? false
  const ruleName = rule?.name ?? wanted.name
  return [
    {
      step: 'scenario',
      action: scenarioAction,
      what: `The scenario ${current?.name ?? wanted.name}`,
    },
    {
      step: 'secrets',
      action: row.pushed_at === null ? 'create' : 'update',
      what: 'The secrets VOICEGATE_KEY and ELEVENLABS_API_KEY of the application',
    },
    {
      step: 'rule',
      action: rule === undefined ? 'create' : 'none',
      what: rule === undefined ? `The rule ${ruleName} for all calls` : `The rule ${ruleName}`,
    },
    {
      step: 'binding',
      action: isBound ? 'none' : 'create',
      what: `The scenario is run by the rule ${ruleName}`,
    },
  ]
}

/** Of the code itself: how its lines end, and how it ends, is the vendor's. */
export const hashOf = (code: string): string =>
  createHash('sha256')
    .update(`${code.replaceAll('\r\n', '\n').trimEnd()}\n`)
    .digest('hex')
