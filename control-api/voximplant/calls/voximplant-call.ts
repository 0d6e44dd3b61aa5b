// One call of Voximplant, as its owner sees it: what its scenario has told, and the one Termination it ends in. Everything
// that happens on it is published here and nowhere else. What was published stands in its ledger, so that nothing is told
// twice, whatever comes again and whatever becomes of us.
import {
  epochMs,
  type CallEvent,
  type CallEvents,
  type CallEventType,
  type CallIdentity,
  type CallSlot,
  type CallStatus,
  type EpochMs,
  type LedgerEvidence,
  type LiveCall,
  type Termination,
} from '#core/contracts'
import { codeOf } from '#core/errors'
import { inBackground, type Logger, type Metrics } from '#core/telemetry'
import type { Clock } from '#core/time'
import type { CallPlan } from '../../calls/call-plan.ts'
import { PROVIDER_FAILED } from '../../calls/vendor-endings.ts'
import type { VendorCallChange, VendorCallStore } from './call-store.ts'
import { countAgent } from './agent-count.ts'
import type { CallTiming } from './call-timing.ts'
import { clockOffset, within } from './scenario-clock.ts'
import { agentClosed, providerEnded, terminationOf } from './session-end.ts'
import { factsOf, type FactsContext, type SessionFact } from './session-facts.ts'
import { encodeKnown, merged, type KnownSession, type Snapshot } from './snapshot.ts'

export interface VoximplantCallDeps {
  readonly logger: Logger
  readonly clock: Clock
  readonly events: CallEvents
  readonly metrics: Pick<Metrics, 'add'>
  readonly store: Pick<VendorCallStore, 'change'>
  readonly timing: CallTiming
}

export interface CallLimits {
  readonly ringMs: number
  readonly maxDurationMs: number
}

export interface KnownCall {
  readonly identity: CallIdentity
  /** Ours. */
  readonly applicationId: string
  readonly vendorAccountId: string
  /** Of one that we place; null of one that comes in, and when its secrets are lost. */
  readonly plan: CallPlan | null
  readonly limits: CallLimits
  readonly slot: CallSlot
  readonly sessionId: string | null
  /** Of one that is known from before. */
  readonly before?: {
    readonly told: Iterable<CallEventType>
    readonly answeredAt: EpochMs | null
    readonly known: KnownSession | undefined
    readonly controlUrl: string | null
    readonly exchangedAt: number | null
    readonly ending: Termination | null
    readonly evidence: LedgerEvidence | undefined
  }
}

export class VoximplantCall {
  readonly identity: CallIdentity
  readonly applicationId: string
  readonly vendorAccountId: string
  readonly plan: CallPlan | null
  readonly limits: CallLimits
  readonly logger: Logger
  readonly #deps: VoximplantCallDeps
  readonly #slot: CallSlot
  readonly #over = Promise.withResolvers<Termination>()
  readonly #told: Set<CallEventType>
  readonly #count: (event: CallEvent) => void
  #sessionId: string | null
  #controlUrl: string | null
  #exchangedAt: number | null
  #known: Snapshot | null
  /** Fixed by the first that was told: then times of one call are never out of order. */
  #offsetMs: number | undefined
  /** As they were told: a moment has one time. */
  readonly #times = new Map<number, EpochMs>()
  #answeredAt: EpochMs | null
  #evidence: LedgerEvidence | undefined
  #ending: Termination | null
  #endingAt: EpochMs | undefined
  #endedAt: EpochMs | null = null
  #closing: Promise<void> | undefined
  /** Nobody knows whether the vendor has it. */
  isUnknown = false
  /** Its end is in the records. */
  isRecorded = false
  /** When its session was last asked to hang up. */
  hungUpAt: EpochMs | null = null
  /** When the history is asked what became of it, and how often it was in vain. */
  askAt: EpochMs
  asked = 0

  constructor(deps: VoximplantCallDeps, known: KnownCall) {
    const { identity, before } = known
    this.#deps = deps
    this.identity = identity
    this.applicationId = known.applicationId
    this.vendorAccountId = known.vendorAccountId
    this.plan = known.plan
    this.limits = known.limits
    this.logger = deps.logger.child({ callId: identity.callId })
    this.#slot = known.slot
    this.#sessionId = known.sessionId
    this.#told = new Set(before?.told)
    const isAgentOpen = this.#told.has('agent.opened') && !this.#told.has('agent.closed')
    this.#count = countAgent(deps.metrics, isAgentOpen)
    this.#evidence = before?.evidence
    this.#known = before?.known?.snapshot ?? null
    this.#offsetMs = before?.known?.offsetMs
    this.#controlUrl = before?.controlUrl ?? null
    this.#exchangedAt = before?.exchangedAt ?? null
    this.#answeredAt = before?.answeredAt ?? null
    const connected = this.#known?.at.connected ?? null
    if (connected !== null && this.#answeredAt !== null)
      this.#times.set(connected, this.#answeredAt)
    this.#ending = before?.ending ?? null
    this.#endingAt = this.#ending ? deps.clock.now() : undefined
    this.askAt = epochMs(deps.clock.now() + known.limits.ringMs + deps.timing.askAfterMs)
  }

  get live(): LiveCall {
    return {
      ...this.identity,
      status: this.#status(),
      answeredAt: this.#answeredAt,
      termination: this.#ending,
    }
  }

  get sessionId(): string | null {
    return this.#sessionId
  }

  get controlUrl(): string | null {
    return this.#controlUrl
  }

  /** Its scenario has fetched what it is to do. */
  get isExchanged(): boolean {
    return this.#exchangedAt !== null
  }

  get answeredAt(): EpochMs | null {
    return this.#answeredAt
  }

  /** The latest that its scenario has told of, by the scenario's clock; 0 when it has told nothing. */
  get lastMoment(): number {
    return Math.max(0, ...Object.values(this.#known?.at ?? {}).map((moment) => moment ?? 0))
  }

  /** To be added to the scenario's times. */
  get offsetMs(): number {
    return this.#offsetMs ?? 0
  }

  /** How it ends, once that is decided. */
  get ending(): Termination | null {
    return this.#ending
  }

  get isFinished(): boolean {
    return this.#endedAt !== null
  }

  /** Resolves when its record is closed. */
  get over(): Promise<Termination> {
    return this.#over.promise
  }

  /** Behind this nobody speaks of it any more. */
  get forgetAt(): EpochMs {
    const { direction, createdAt } = this.identity
    const { ringMs, maxDurationMs } = this.limits
    const { forgetAfterMs } = this.#deps.timing
    // Nobody was dialled, and nobody will be: its token is worthless from then on.
    const isDialled = direction === 'inbound' || this.isExchanged
    const lasts = createdAt + ringMs + (isDialled ? maxDurationMs : 0)
    return epochMs(Math.min(lasts, this.#endingAt ?? Infinity) + forgetAfterMs)
  }

  get hasConversation(): boolean {
    return this.#told.has('agent.metadata')
  }

  askAfter(inMs: number): void {
    this.askAt = epochMs(this.#deps.clock.now() + inMs)
  }

  /** The session is this one. False: it has another. */
  bind(sessionId: string): boolean {
    if (this.#sessionId !== null) return this.#sessionId === sessionId
    if (this.isFinished) return false
    this.#sessionId = sessionId
    this.isUnknown = false
    this.#tell(this.#invitedNow(sessionId))
    return true
  }

  /** The scenario is told what to do. @param sentAt by its clock */
  exchanged(sentAt: number | null): void {
    this.#exchangedAt ??= this.#deps.clock.now()
    this.#setClock(sentAt)
  }

  controlledBy(url: string | null): void {
    this.#controlUrl ??= url
  }

  /** False: it was known. @param sentAt by the clock that the snapshot's times are of */
  learn(told: Snapshot, sentAt: number | null): boolean {
    if (this.isFinished || this.#sessionId === null) return false
    const known = merged(this.#known, told)
    if (JSON.stringify(known) === JSON.stringify(this.#known)) return false
    this.#setClock(sentAt)
    this.#known = known
    this.controlledBy(known.controlUrl)
    this.publishNews()
    return true
  }

  /** What is known and was not published yet: after a restart, too. */
  publishNews(): void {
    const known = this.#known
    if (known === null || this.isFinished || this.#sessionId === null) return
    const context = {
      sessionId: this.#sessionId,
      timeOf: this.#timeOf,
      evidence: this.#evidence,
    }
    for (const fact of factsOf(known, context)) this.#tell(fact)
    if (known.ended !== null) this.#finish(known, this.#ending ?? terminationOf(known, known.ended))
  }

  /** How it ends, whatever is told of it later. The first one counts. */
  end(ending: Termination): void {
    if (this.#ending !== null || this.isFinished) return
    this.#ending = ending
    this.#endingAt = this.#deps.clock.now()
    this.askAfter(this.#deps.timing.askAfterMs)
  }

  /** It ended without a word of its scenario. */
  giveUp(detail: string): void {
    if (this.isFinished) return
    this.#finish(this.#known, this.#ending ?? PROVIDER_FAILED, detail)
  }

  /** Its session is another call’s: nothing that is said there is of this one. */
  giveUpSession(): void {
    this.logger.error('the session of a call is another call’s')
    this.#sessionId = null
    this.giveUp('its session is another call’s')
  }

  /** Durable when it resolves. @throws AppError `STATE_CONFLICT`: its session is another call’s, and it is given up */
  async save(): Promise<void> {
    // Its row is closed by `close` alone.
    if (this.isFinished) return
    await this.#changeOwn({
      session_id: this.#sessionId,
      state: this.#sessionId === null ? (this.isUnknown ? 'unknown' : 'asked') : 'live',
      exchanged_at: this.#exchangedAt,
      snapshot: this.#known && encodeKnown({ snapshot: this.#known, offsetMs: this.offsetMs }),
      ending: this.#ending && JSON.stringify(this.#ending),
      control_url: this.#controlUrl,
      recording_url: this.#known?.recordingUrl ?? null,
    })
  }

  keep(): void {
    const kept = this.save().catch((error: unknown) => {
      // Told of already.
      if (!isTaken(error)) throw error
    })
    inBackground(kept, this.logger, 'keeping what is known of a call')
  }

  /** Its end is in the records: nothing of it is needed any more. To be tried again when it rejects. */
  close(): Promise<void> {
    this.isRecorded = true
    this.#closing ??= this.#close().catch((error: unknown) => {
      this.#closing = undefined
      throw error
    })
    return this.#closing
  }

  async #close(): Promise<void> {
    const endedAt = this.#endedAt
    if (endedAt === null || this.#ending === null) return
    const recordingUrl = this.#known?.recordingUrl ?? null
    const over: VendorCallChange = {
      state: 'over',
      plan: null,
      snapshot: null,
      ending: null,
      control_url: null,
      recording_url: recordingUrl,
      is_pending: this.hasConversation || recordingUrl !== null ? 1 : 0,
      ended_at: endedAt,
    }
    await this.#changeOwn({ session_id: this.#sessionId, ...over }).catch((error: unknown) => {
      if (!isTaken(error)) throw error
      // Without it, or its record would never close.
      return this.#change({ session_id: null, ...over })
    })
    this.#over.resolve(this.#ending)
  }

  #finish(known: Snapshot | null, ending: Termination, detail?: string): void {
    const at = this.#endOf(known)
    this.#ending = ending
    const closed = known && agentClosed(known, at, { timeOf: this.#timeOf })
    if (closed) this.#tell(closed)
    this.#tell(providerEnded(known?.ended ?? null, at, detail))
    this.#endedAt = at
    this.#tell({ type: 'call.ended', at, data: { termination: ending } })
    this.#slot.release()
    this.logger.info({ termination: ending }, 'call ended')
  }

  /** Now, where nobody told. */
  #endOf(known: Snapshot | null): EpochMs {
    const ended = known?.at.ended
    return ended == null ? this.#deps.clock.now() : this.#timeOf(ended)
  }

  readonly #timeOf: FactsContext['timeOf'] = (moment) => {
    const bounds = { from: this.identity.createdAt, to: this.#deps.clock.now() }
    const at = this.#times.get(moment) ?? within(moment + this.offsetMs, bounds)
    this.#times.set(moment, at)
    return at
  }

  #setClock(sentAt: number | null): void {
    if (sentAt !== null) this.#offsetMs ??= clockOffset(sentAt, this.#deps.clock.now())
  }

  #invitedNow(providerCallId: string): SessionFact {
    const { direction } = this.identity
    const at = this.#deps.clock.now()
    return { type: 'provider.invited', at, data: { direction, providerCallId } }
  }

  /** Each fact once: a session has one of a kind. */
  #tell(fact: SessionFact): void {
    if (this.#told.has(fact.type)) return
    this.#told.add(fact.type)
    if (fact.type === 'provider.answered') {
      this.#answeredAt ??= fact.at
      // From the answer on: the message of it may be late.
      const lasts = this.limits.maxDurationMs + this.#deps.timing.askAfterMs
      this.askAt = epochMs(fact.at + lasts)
    }
    if (fact.type === 'agent.attempted') this.#evidence = fact.data.evidence
    if (fact.type === 'agent.closed') this.#slot.agentOver()
    const event = { ...fact, callId: this.identity.callId } as CallEvent
    this.#count(event)
    this.#deps.events.publish(event)
  }

  #status(): CallStatus {
    if (this.isFinished) return 'ended'
    if (this.#told.has('provider.answered')) return 'answered'
    if (this.#told.has('provider.ringing')) return 'ringing'
    return this.#told.has('provider.invited') ? 'dialing' : 'queued'
  }

  /** @throws AppError `STATE_CONFLICT`: its session is another call’s, and it is given up */
  async #changeOwn(change: VendorCallChange): Promise<void> {
    try {
      await this.#change(change)
    } catch (error) {
      if (isTaken(error) && this.#sessionId !== null) this.giveUpSession()
      throw error
    }
  }

  #change(change: VendorCallChange): Promise<void> {
    const { store, clock } = this.#deps
    return store.change(this.identity.callId, change, clock.now())
  }
}

const isTaken = (error: unknown): boolean => codeOf(error) === 'STATE_CONFLICT'
