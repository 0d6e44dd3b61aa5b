// Pushing a scenario: what is in its way, what it would change, and the push itself, which changes nothing but that.
import { AppError } from '#core/errors'
import type { Clock } from '#core/time'
import type { Principal } from '../../http-server.ts'
import type { VoximplantClients } from '../vendor/clients.ts'
import type { GeneratedScenario } from '../scenario/generate-scenario.ts'
import type { ApplicationDesk, KnownApplication } from './application-desk.ts'
import type { ApplicationRow, ApplicationStore } from './application-store.ts'
import { readPlan, type LinkedApplication, type PushPlan, type PushProblem } from './push-plan.ts'
import { runPush, type Pushed, type StepResult } from './push-run.ts'
import { scenarioOf, type ScenarioSecret } from './scenario-of.ts'

export interface PushDeskDeps {
  readonly clock: Pick<Clock, 'now'>
  readonly clients: VoximplantClients
  readonly applications: ApplicationStore
  readonly applicationDesk: ApplicationDesk
  /** Where the platform reaches us. */
  readonly publicUrl: () => string
  /** Whether PUBLIC_URL is set. */
  readonly isPublic: boolean
  readonly rehearsal: boolean
  /** Of this node, for applications without one of their own. */
  readonly elevenlabsApiKey: string | undefined
}

export interface PushResult {
  readonly steps: readonly StepResult[]
  readonly known: KnownApplication
}

/** The simulated agent takes any. */
const REHEARSAL_KEY = 'rehearsal'
const WEBHOOK_PATH = '/api/webhook/voximplant'

export class PushDesk {
  readonly #deps: PushDeskDeps
  readonly #running = new Set<string>()

  constructor(deps: PushDeskDeps) {
    this.#deps = deps
  }

  scenario(row: ApplicationRow): GeneratedScenario {
    return scenarioOf(row, this.#deps.publicUrl())
  }

  /** Where its scenario tells of calls. */
  webhookUrl({ application_id: id }: ApplicationRow): string {
    return `${this.#deps.publicUrl()}${WEBHOOK_PATH}?application=${id}`
  }

  /** Null: it was never pushed. */
  isCurrent(row: ApplicationRow): boolean | null {
    return row.pushed_at === null ? null : row.pushed_sha256 === this.scenario(row).sha256
  }

  /** @throws AppError `NOT_FOUND`, what the vendor says */
  async preview(applicationId: string): Promise<PushPlan> {
    return this.#plan(await this.#deps.applicationDesk.find(applicationId))
  }

  /**
   * @param seenSha256 of the scenario at the vendor, as the preview showed it; null: there was none
   * @throws AppError `STATE_CONFLICT` when something is in its way, or what is there is not what was seen
   */
  async push(by: Principal, applicationId: string, seenSha256: string | null): Promise<PushResult> {
    if (this.#running.has(applicationId))
      throw new AppError('STATE_CONFLICT', 'A push of this application is under way.')
    this.#running.add(applicationId)
    try {
      return await this.#push(by, applicationId, seenSha256)
    } finally {
      this.#running.delete(applicationId)
    }
  }

  async #push(by: Principal, applicationId: string, seen: string | null): Promise<PushResult> {
    const { applicationDesk, clients } = this.#deps
    const known = await applicationDesk.find(applicationId)
    const plan = await this.#plan(known)
    const [first] = plan.problems
    const { row, account } = known
    if (first !== undefined || !isLinked(row))
      throw new AppError('STATE_CONFLICT', first?.problem ?? NOT_LINKED.problem, {
        details: { field: first?.field ?? NOT_LINKED.field },
      })
    const isSeen = (plan.current?.sha256 ?? null) === seen
    // What is there already as it should be is not overwritten.
    if (!isSeen && !plan.isSame)
      throw new AppError(
        'STATE_CONFLICT',
        'The scenario at Voximplant is not the one that the preview showed: look at it again.',
      )
    const run = { rest: clients.of(account), row, plan, secrets: this.#secretsOf(row) }
    const { steps, pushed } = await runPush(run)
    await this.#keep(by, { row, plan, steps, pushed })
    return { steps, known: await applicationDesk.find(applicationId) }
  }

  async #keep(
    by: Principal,
    done: {
      readonly row: ApplicationRow
      readonly plan: PushPlan
      readonly steps: readonly StepResult[]
      readonly pushed: Pushed
    },
  ): Promise<void> {
    const { row, plan, steps, pushed } = done
    const { applications, applicationDesk, clock } = this.#deps
    const isWhole = steps.length === plan.steps.length && steps.every(({ ok }) => ok)
    const now = clock.now()
    const change = {
      scenario_id: pushed.scenarioId,
      rule_id: pushed.ruleId,
      rule_name: pushed.ruleName,
      ...(isWhole ? { pushed_sha256: plan.wanted.sha256, pushed_at: now } : {}),
      updated_at: now,
    }
    const changed = applications.changed(row.application_id, change)
    const failed = steps.find(({ ok }) => !ok)?.step ?? null
    const detail = { sha256: plan.wanted.sha256, failed_step: failed }
    await applicationDesk.write(by, 'scenario_pushed', row.application_id, [changed], detail)
  }

  async #plan({ row, account }: KnownApplication): Promise<PushPlan> {
    const wanted = this.scenario(row)
    const problems = this.#problems(row)
    if (account.is_active === 0) problems.push(INACTIVE)
    if (!isLinked(row)) problems.push(NOT_LINKED)
    if (account.is_active === 0 || !isLinked(row))
      return { problems, steps: [], current: null, wanted, isSame: false }
    const plan = await readPlan(this.#deps.clients.of(account), row, wanted)
    return { ...plan, problems: [...problems, ...plan.problems] }
  }

  #problems(row: ApplicationRow): PushProblem[] {
    const { isPublic, publicUrl, rehearsal } = this.#deps
    const problems: PushProblem[] = []
    if (!rehearsal && !isPublic) problems.push(NO_PUBLIC_URL)
    else if (!rehearsal && !publicUrl().startsWith('https://')) problems.push(NOT_HTTPS)
    if (row.elevenlabs_api_key === null && this.#nodeKey() === undefined) problems.push(NO_KEY)
    return problems
  }

  #secretsOf(row: ApplicationRow): Readonly<Record<ScenarioSecret, string>> {
    const { signingKey, elevenlabsApiKey } = this.#deps.applications.secretsOf(row)
    return {
      VOICEGATE_KEY: signingKey,
      ELEVENLABS_API_KEY: elevenlabsApiKey ?? this.#nodeKey() ?? '',
    }
  }

  #nodeKey(): string | undefined {
    const { elevenlabsApiKey, rehearsal } = this.#deps
    return elevenlabsApiKey ?? (rehearsal ? REHEARSAL_KEY : undefined)
  }
}

const isLinked = (row: ApplicationRow): row is LinkedApplication =>
  row.vendor_application_id !== null

const NO_PUBLIC_URL: PushProblem = {
  field: 'public_url',
  problem: 'PUBLIC_URL is not set: the scenario could not tell of its calls.',
}
const NOT_HTTPS: PushProblem = {
  field: 'public_url',
  problem: 'PUBLIC_URL must begin with https://: what the scenario tells is of people.',
}
const NO_KEY: PushProblem = {
  field: 'elevenlabs_api_key',
  problem: 'There is no key of ElevenLabs, neither here nor in ELEVENLABS_API_KEY.',
}
const INACTIVE: PushProblem = {
  field: 'account',
  problem: 'The Voximplant account is deactivated.',
}
const NOT_LINKED: PushProblem = {
  field: 'voximplant_application_id',
  problem: 'It is not linked with an application at Voximplant.',
}
