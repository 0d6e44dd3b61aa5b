// A session in hand: what its owner sees of it, and can do to it.
import type {
  AgentOpening,
  RunningSession,
  SessionHttpRequest,
  SessionResult,
} from './engine/session-plan.ts'

export interface SimulatedSession {
  /** Also the `call_session_history_id`. */
  readonly sessionId: number
  readonly applicationId: number
  readonly ruleId: number
  readonly ruleName: string
  readonly customData: string
  readonly direction: 'inbound' | 'outbound'
  /** Whoever has it can send to the session. */
  readonly accessUrl: string
  readonly isOver: boolean
  /** Once it is over. */
  readonly result: SessionResult | undefined
  readonly log: readonly string[]
  readonly openings: readonly AgentOpening[]
  readonly over: Promise<SessionResult>
  terminate(reason: string): void
}

export interface SessionFacts {
  readonly sessionId: number
  readonly applicationId: number
  readonly ruleId: number
  readonly ruleName: string
  readonly customData: string
  readonly direction: 'inbound' | 'outbound'
  readonly accessUrl: string
}

export class LiveSession implements SimulatedSession {
  readonly sessionId: number
  readonly applicationId: number
  readonly ruleId: number
  readonly ruleName: string
  readonly customData: string
  readonly direction: 'inbound' | 'outbound'
  readonly accessUrl: string
  readonly over: Promise<SessionResult>
  readonly #running: RunningSession
  #result: SessionResult | undefined

  /** @param onOver before `over` is settled for anybody else */
  constructor(
    facts: SessionFacts,
    running: RunningSession,
    onOver: (result: SessionResult) => void,
  ) {
    this.sessionId = facts.sessionId
    this.applicationId = facts.applicationId
    this.ruleId = facts.ruleId
    this.ruleName = facts.ruleName
    this.customData = facts.customData
    this.direction = facts.direction
    this.accessUrl = facts.accessUrl
    this.#running = running
    this.over = running.over.then((result) => {
      this.#result = result
      onOver(result)
      return result
    })
    // Who does not wait for it is not to fall over it.
    this.over.catch(() => undefined)
  }

  get isOver(): boolean {
    return this.#result !== undefined
  }

  get result(): SessionResult | undefined {
    return this.#result
  }

  get log(): readonly string[] {
    return this.#running.log
  }

  get openings(): readonly AgentOpening[] {
    return this.#running.openings
  }

  httpRequest(request: SessionHttpRequest): void {
    this.#running.httpRequest(request)
  }

  terminate(reason: string): void {
    this.#running.terminate(reason)
  }
}
