// The auditor: reads the persisted ledger of every ended call, apart from the guard, and counts what it finds.
import {
  ms,
  type CallEvent,
  type CallEventType,
  type CallId,
  type Milliseconds,
} from '#core/contracts'
import { waitUntil, type Lifecycle } from '#core/lifecycle'
import { inBackground, type Logger, type Metrics } from '#core/telemetry'
import { auditLedger, BEFORE_ANSWER, VIOLATION_KINDS, type Violation } from './audit-ledger.ts'
import { decodeCallEvent, type CallRepository } from './repository.ts'

/** How long a session still open at the end of its call may take before that is a finding. */
const SETTLE = ms(3000)
const CLOSE_TIMEOUT = ms(5000)
/** Ended calls kept in mind: some minutes' worth on a busy node. */
const MAX_ENDED = 5000
const FOUND = 'agent_sessions_audit_violations_total'
/** The events that change what an audit says. */
const AGENT_LEDGER: ReadonlySet<CallEventType> = new Set([
  'agent.attempted',
  'agent.attempt_failed',
  'agent.opened',
  'agent.closed',
])

export interface AuditorDeps {
  readonly calls: CallRepository
  readonly metrics: Metrics
  readonly logger: Logger
}

export class LedgerAuditor implements Lifecycle {
  readonly #deps: AuditorDeps
  /** Calls whose agent was still open when they ended, looked at again. */
  readonly #waiting = new Map<CallId, NodeJS.Timeout>()
  /** The calls that ended lately, with what was already found of them: a late agent event is another look. */
  readonly #ended = new Map<CallId, ReadonlySet<string>>()
  #running = 0

  constructor(deps: AuditorDeps) {
    this.#deps = deps
    // Each kind is on the page from the start: a rate needs a first value to grow from.
    for (const kind of VIOLATION_KINDS) deps.metrics.add(FOUND, 0, { kind })
  }

  /** Told of each event once it is durable. */
  readonly onRecorded = (event: CallEvent): void => {
    const { type, callId } = event
    const late = AGENT_LEDGER.has(type) && this.#ended.has(callId)
    if (type === 'call.ended' || late) this.#start(callId, false)
  }

  /** Audits one call from its persisted ledger. `final`: an agent still open is a finding. */
  async audit(callId: CallId, final: boolean): Promise<readonly Violation[]> {
    const events = (await this.#deps.calls.events(callId)).map(decodeCallEvent)
    const violations = auditLedger(events)
    const crashed = events.some(
      (event) => event.type === 'call.ended' && event.data.termination.reason === 'gateway-crashed',
    )
    // After a crash nobody was left to write the close; recovery has said so in the record.
    const open = violations.some(({ kind }) => kind === 'not-closed') && !crashed
    const reported = violations.filter(({ kind }) => kind !== 'not-closed' || (final && !crashed))
    this.#report(callId, reported)
    if (open && !final) this.#wait(callId)
    else this.#stopWaiting(callId)
    return reported
  }

  /** Waits for the audits that run, and makes those that wait now. */
  async drain(deadline: Milliseconds): Promise<void> {
    for (const callId of [...this.#waiting.keys()]) this.#start(callId, true)
    const done = await waitUntil(() => this.#running === 0, deadline, 10)
    if (!done) this.#deps.logger.error({ audits: this.#running }, 'audits did not end in time')
  }

  close(): Promise<void> {
    return this.drain(CLOSE_TIMEOUT)
  }

  #start(callId: CallId, final: boolean): void {
    this.#running += 1
    const audit = this.audit(callId, final).finally(() => (this.#running -= 1))
    inBackground(audit, this.#deps.logger, 'the audit of a call', { callId })
  }

  #report(callId: CallId, violations: readonly Violation[]): void {
    const { metrics, logger } = this.#deps
    const before = this.#ended.get(callId) ?? new Set<string>()
    const fresh = violations.filter((violation) => !before.has(keyOf(violation)))
    this.#remember(callId, new Set([...before, ...fresh.map(keyOf)]))
    for (const { kind, session } of fresh) {
      metrics.add(FOUND, 1, { kind })
      logger.error({ callId, violation: kind, session }, 'the ledger breaks the cost guard')
    }
    const counted = sessionsBeforeAnswer(violations)
    const already = countedSessions(before)
    const added = [...counted].filter((session) => !already.has(session)).length
    if (added > 0) metrics.add('agent_sessions_before_answer_total', added)
  }

  #wait(callId: CallId): void {
    clearTimeout(this.#waiting.get(callId))
    const again = setTimeout(() => this.#start(callId, true), SETTLE).unref()
    this.#waiting.set(callId, again)
  }

  #stopWaiting(callId: CallId): void {
    clearTimeout(this.#waiting.get(callId))
    this.#waiting.delete(callId)
  }

  #remember(callId: CallId, found: ReadonlySet<string>): void {
    this.#ended.set(callId, found)
    const oldest = this.#ended.keys().next()
    if (this.#ended.size > MAX_ENDED && !oldest.done) this.#ended.delete(oldest.value)
  }
}

const keyOf = ({ kind, session }: Violation): string => `${session ?? ''} ${kind}`

const sessionsBeforeAnswer = (violations: readonly Violation[]): ReadonlySet<number> =>
  new Set(
    violations.flatMap(({ kind, session }) =>
      session !== null && BEFORE_ANSWER.has(kind) ? [session] : [],
    ),
  )

const countedSessions = (keys: ReadonlySet<string>): ReadonlySet<number> =>
  new Set(
    [...keys].flatMap((key) => {
      const [session, kind] = key.split(' ')
      return [...BEFORE_ANSWER].some((counted) => counted === kind) ? [Number(session)] : []
    }),
  )
