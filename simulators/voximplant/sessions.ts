// The sessions: started by StartScenarios or by somebody who calls in, run by the engine, kept in the history.
import { randomBytes } from 'node:crypto'
import { AppError } from '#core/errors'
import type { Account, Application, PhoneNumber, Rule } from './account.ts'
import type { CallHistory } from './call-history.ts'
import type {
  PhoneScript,
  RunningSession,
  SessionFaults,
  SessionPlan,
  SessionResult,
} from './engine/session-plan.ts'
import { historyOf } from './finished-session.ts'
import type { RecordFiles } from './record-files.ts'
import { LiveSession } from './simulated-session.ts'

export type RunSession = (plan: SessionPlan) => RunningSession

export interface SessionsDeps {
  readonly runSession: RunSession
  readonly account: Account
  readonly accountId: number
  readonly history: CallHistory
  readonly files: RecordFiles
  readonly baseUrl: () => string
  readonly now: () => number
  readonly historyDelayMs: number
  readonly phones: (number: string) => PhoneScript
  readonly agentWsUrl: string | undefined
  readonly pace: number
  readonly reach: (url: string) => string
  /** In the account's currency. */
  readonly onCost: (cost: number) => void
}

export interface IncomingCall {
  readonly from: string
  readonly to: string
  readonly phone: PhoneScript | undefined
}

/** What is older is forgotten. */
const MOST_SESSIONS = 1000
/** Ten digits, as the vendor's are: more than 32 bits hold. */
const FIRST_SESSION_ID = 6_760_041_670
const FIRST_PART_ID = 5_100_000_000

export class Sessions {
  readonly all: LiveSession[] = []
  faults: SessionFaults | undefined
  readonly #deps: SessionsDeps
  readonly #byPath = new Map<string, LiveSession>()
  #lastSessionId = FIRST_SESSION_ID
  #lastPartId = FIRST_PART_ID

  constructor(deps: SessionsDeps) {
    this.#deps = deps
  }

  start(rule: Rule, customData: string, incoming?: SessionPlan['incoming']): LiveSession {
    const { application } = rule
    const sessionId = (this.#lastSessionId += 1)
    const path = `/request/${sessionId}.${this.#deps.now().toFixed(0)}.0_127.0.0.1/${randomBytes(16).toString('hex')}`
    const accessUrl = this.#deps.baseUrl() + path
    const facts = {
      sessionId,
      applicationId: application.id,
      ruleId: rule.id,
      ruleName: rule.name,
      customData,
      direction: incoming === undefined ? ('outbound' as const) : ('inbound' as const),
      accessUrl,
    }
    const running = this.#deps.runSession({ ...this.#plan(rule, facts), incoming })
    const session = new LiveSession(facts, running, (result) => {
      this.#byPath.delete(path)
      this.#finished(session, application, result)
    })
    this.#byPath.set(path, session)
    this.#keep(session)
    return session
  }

  /** @throws AppError `NOT_FOUND`: no such number, or no rule and scenario for it */
  callIn({ from, to, phone }: IncomingCall): LiveSession {
    const { account, phones } = this.#deps
    const [caller, called] = [digitsOf(from), digitsOf(to)]
    const number = account.own(
      account.numbers.find((each) => each.number === called),
      'number',
    )
    const rule = account.own(ruleFor(number), 'rule for the number')
    if (rule.scenarios.length === 0)
      throw new AppError('NOT_FOUND', 'no scenario is bound to the rule at Voximplant')
    return this.start(rule, '', { from: caller, to: called, phone: phone ?? phones(caller) })
  }

  /** The live one that is reached there. */
  behind(path: string): LiveSession | undefined {
    return this.#byPath.get(path)
  }

  #plan(
    rule: Rule,
    facts: { readonly sessionId: number; readonly customData: string; readonly accessUrl: string },
  ): SessionPlan {
    const { accountId, phones, agentWsUrl, pace, reach, files } = this.#deps
    const { application } = rule
    const secrets = [...application.secrets.values()].map(
      ({ name, value }) => [name, value] as const,
    )
    return {
      // All scenarios of a rule run in one context, one after the other.
      script: rule.scenarios.map(({ script }) => script).join('\n;\n'),
      sessionId: facts.sessionId,
      accountId,
      applicationId: application.id,
      ruleName: rule.name,
      customData: facts.customData,
      secrets: new Map(secrets),
      phones,
      agentWsUrl,
      accessUrl: facts.accessUrl,
      recordUrl: (recordId) => files.urlOf(recordId),
      pace,
      reach,
      newId: () => this.#newPartId(),
      faults: this.faults,
    }
  }

  #finished(session: LiveSession, application: Application, result: SessionResult): void {
    const { history, files, historyDelayMs, accountId, now, onCost } = this.#deps
    for (const { recordId, durationSeconds: seconds } of result.records)
      files.add(recordId, { seconds, isSecure: application.isSecure, bytes: undefined })
    const newId = (): number => this.#newPartId()
    const about = { accountId, application, session, newId }
    const finished = historyOf(result, about)
    if (historyDelayMs > 0) history.addLater(finished.session, now() + historyDelayMs)
    else history.add([finished.session])
    onCost(finished.cost)
  }

  #newPartId(): number {
    return (this.#lastPartId += 1)
  }

  #keep(session: LiveSession): void {
    const oldest = this.all.length >= MOST_SESSIONS ? this.all.findIndex((each) => each.isOver) : -1
    if (oldest >= 0) this.all.splice(oldest, 1)
    this.all.push(session)
  }
}

export const digitsOf = (number: string): string => number.replace(/^\+/, '')

/** The one that the number is bound to, else the first of its application that fits. */
function ruleFor({ number, application, rule }: PhoneNumber): Rule | undefined {
  const fits = (pattern: string): boolean => new RegExp(`^(?:${pattern})$`).test(number)
  return (
    rule ??
    application?.rules.find(
      ({ pattern, exclude }) => fits(pattern) && (exclude === undefined || !fits(exclude)),
    )
  )
}
