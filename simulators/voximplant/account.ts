// What the account owns: applications with rules and secrets, scenarios, numbers. Names and numbers as the vendor has them.
import { AppError } from '#core/errors'
import { Refusal } from './vendor-errors.ts'
import type { RequestValues } from './request-values.ts'

export interface Scenario {
  readonly id: number
  readonly applicationId: number | undefined
  name: string
  script: string
  modified: number
}

export interface Rule {
  readonly id: number
  readonly application: Application
  readonly name: string
  readonly pattern: string
  readonly exclude: string | undefined
  readonly isVideo: boolean
  /** In the order in which they run, all in one context. */
  scenarios: Scenario[]
  modified: number
}

export interface Secret {
  readonly id: number
  name: string
  value: string
  description: string | undefined
  readonly created: number
  modified: number
}

export interface Application {
  readonly id: number
  /** The short one. */
  readonly name: string
  /** `name.account.voximplant.com`. */
  readonly fullName: string
  readonly isSecure: boolean
  /** The first that fits an inbound call is taken. */
  readonly rules: Rule[]
  readonly secrets: Map<string, Secret>
  readonly modified: number
}

export interface PhoneNumber {
  readonly id: number
  /** Digits alone. */
  readonly number: string
  readonly country: string
  readonly isSandbox: boolean
  readonly canBeUsed: boolean
  readonly isDeactivated: boolean
  readonly application: Application | undefined
  readonly rule: Rule | undefined
  readonly bought: number
}

export interface AccountDeps {
  readonly accountName: string
  readonly isSecureByDefault: boolean
  readonly now: () => number
}

export class Account {
  readonly applications: Application[] = []
  readonly scenarios: Scenario[] = []
  readonly numbers: PhoneNumber[] = []
  readonly now: () => number
  readonly #deps: AccountDeps
  #lastId = 10_000_000

  constructor(deps: AccountDeps) {
    this.#deps = deps
    this.now = deps.now
  }

  newId(): number {
    return (this.#lastId += 1)
  }

  addApplication(name: string, isSecure = this.#deps.isSecureByDefault): Application {
    const application: Application = {
      id: this.newId(),
      name,
      fullName: `${name}.${this.#deps.accountName}.voximplant.com`,
      isSecure,
      rules: [],
      secrets: new Map(),
      modified: this.now(),
    }
    this.applications.push(application)
    return application
  }

  addRule(rule: Omit<Rule, 'id' | 'modified'>): Rule {
    const added = { ...rule, id: this.newId(), modified: this.now() }
    rule.application.rules.push(added)
    return added
  }

  addScenario({ name, script, applicationId }: Omit<Scenario, 'id' | 'modified'>): Scenario {
    const scenario = { id: this.newId(), applicationId, name, script, modified: this.now() }
    this.scenarios.push(scenario)
    return scenario
  }

  addNumber(number: Omit<PhoneNumber, 'id' | 'bought'>): PhoneNumber {
    const added = { ...number, id: this.newId(), bought: this.now() }
    this.numbers.push(added)
    return added
  }

  get rules(): Rule[] {
    return this.applications.flatMap(({ rules }) => rules)
  }

  application(id: number): Application | undefined {
    return this.applications.find((each) => each.id === id)
  }

  rule(id: number): Rule | undefined {
    return this.rules.find((each) => each.id === id)
  }

  scenario(id: number): Scenario | undefined {
    return this.scenarios.find((each) => each.id === id)
  }

  /** What the owner of the simulator asks for must be there. */
  own<T>(found: T | undefined, what: string): T {
    if (found === undefined) throw new AppError('NOT_FOUND', `no such ${what} at Voximplant`)
    return found
  }

  /** By id or name, or nothing if neither was given. @throws Refusal 116, 558 */
  askedApplication(values: RequestValues): Application | undefined {
    const id = values.integer('application_id', 116)
    const name = values.text('application_name')
    if (id === undefined && name === undefined) return undefined
    const found = this.applications.find(
      (each) => each.id === id || each.name === name || each.fullName === name,
    )
    if (found === undefined) throw new Refusal(id === undefined ? 558 : 116)
    return found
  }

  /** @throws Refusal 134, 116, 558 */
  requiredApplication(values: RequestValues): Application {
    const found = this.askedApplication(values)
    if (found === undefined) throw new Refusal(134, 'Required parameter is empty: application_id')
    return found
  }

  /** By id or name, or nothing if neither was given. @throws Refusal 147, 156 */
  askedRule(values: RequestValues): Rule | undefined {
    const id = values.integer('rule_id', 147)
    const name = values.text('rule_name')
    if (id === undefined && name === undefined) return undefined
    const application = this.askedApplication(values)
    const found = (application?.rules ?? this.rules).find(
      (each) => each.id === id || (id === undefined && each.name === name),
    )
    if (found === undefined) throw new Refusal(id === undefined ? 156 : 147)
    return found
  }

  /** @throws Refusal 134, 147, 156 */
  requiredRule(values: RequestValues): Rule {
    const found = this.askedRule(values)
    if (found === undefined) throw new Refusal(134, 'Required parameter is empty: rule_id')
    return found
  }

  /** All of the lists `scenario_id` or `scenario_name`, in their order. @throws Refusal 134, 132, 168 */
  requiredScenarios(values: RequestValues): Scenario[] {
    const ids = values.ids('scenario_id')
    const names = values.words('scenario_name')
    if (ids === undefined && names === undefined)
      throw new Refusal(134, 'Required parameter is empty: scenario_id')
    if (ids !== undefined) return ids.map((id) => this.#found(({ id: each }) => each === id, 132))
    return (names ?? []).map((name) => this.#found((each) => each.name === name, 168))
  }

  #found(fits: (scenario: Scenario) => boolean, code: number): Scenario {
    const found = this.scenarios.find(fits)
    if (found === undefined) throw new Refusal(code)
    return found
  }
}
