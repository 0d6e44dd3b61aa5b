// CallFlows on the database: every answer is on the disk, with all that follows from it, before the next turn is given.
import type { Compilable } from 'kysely'
import type {
  CallEvent,
  CallEventData,
  CallEvents,
  CallEventType,
  CallFlows,
  CallId,
  CallIdentity,
  EpochMs,
  FlowAnswer,
  FlowTurn,
} from '#core/contracts'
import { AppError, codeOf } from '#core/errors'
import { createKeyedTurns } from '#core/lifecycle'
import { inBackground, type Logger } from '#core/telemetry'
import type { Clock } from '#core/time'
import { durableSoon } from '../calls/durable-soon.ts'
import type { Database } from '../db/database.ts'
import type { Feed } from '../feed/feed.ts'
import { createOrderStore, orderIdOf, type OrderStore } from '../orders/order-store.ts'
import { createFlowStore, isLast, partyOf, type FlowStore, type OpenFlow } from './flow-store.ts'
import {
  advanceFlow,
  beginFlow,
  orderAskedFor,
  type FlowOutcome,
  type FlowRules,
} from './order-flow.ts'
import type { FlowLanguage } from './prompts/catalogue.ts'

export interface FlowDeskDeps {
  readonly database: Database
  readonly events: CallEvents
  readonly feed: Feed
  readonly clock: Clock
  readonly logger: Logger
}

export interface FlowDeskOptions {
  readonly rules: FlowRules
  /** What the menu speaks on a call. */
  readonly languageOf: (call: CallIdentity) => FlowLanguage
  /** Of the proof of consent. */
  readonly systemVersion: string
  /** Calls of an earlier run whose menu is open. */
  readonly inherited?: readonly CallId[]
}

export interface FlowDesk extends CallFlows {
  /** What is asked, or was last said. Undefined when the call has no flow. */
  current(callId: CallId): Promise<FlowTurn | undefined>
  /** The call is over; told by its `call.ended`, too. */
  ended(callId: CallId): Promise<void>
  close(): void
}

/** Calls known without asking the database; it knows them all. */
const MOST_KNOWN = 2000

export function createFlowDesk(deps: FlowDeskDeps, options: FlowDeskOptions): FlowDesk {
  return new DatabaseFlowDesk(deps, options)
}

class DatabaseFlowDesk implements FlowDesk {
  readonly #deps: FlowDeskDeps
  readonly #options: FlowDeskOptions
  readonly #flows: FlowStore
  readonly #orders: OrderStore
  /** Of one call, one after the other. */
  readonly #turns = createKeyedTurns<CallId>()
  readonly #known = new Map<CallId, OpenFlow>()
  /** All whose menu may be open: the end of any other call is none of ours, and most calls have no menu. */
  readonly #open: Set<CallId>
  readonly #unsubscribe: () => void

  constructor(deps: FlowDeskDeps, options: FlowDeskOptions) {
    this.#deps = deps
    this.#options = options
    this.#open = new Set(options.inherited)
    this.#flows = createFlowStore(deps.database)
    this.#orders = createOrderStore(deps.database)
    this.#unsubscribe = deps.events.subscribe(({ type, callId }) => {
      if (type !== 'call.ended' || !this.#open.has(callId)) return
      inBackground(this.ended(callId), deps.logger, 'ending the menu of a call', { callId })
    })
  }

  begin(call: CallIdentity, { hasAgent }: { readonly hasAgent: boolean }): Promise<FlowTurn> {
    const { callId } = call
    return this.#turns.take(callId, async () => {
      const known = this.#known.get(callId)
      if (known) return known.turn
      this.#open.add(callId)
      // Not asked of the database first: that the call has begun already is rare, and then it refuses.
      const at = this.#deps.clock.now()
      const { rules, languageOf } = this.#options
      const { state, turn } = beginFlow(rules, { language: languageOf(call), hasAgent, at })
      const promptVersion = rules.prompts.version
      const writes = this.#flows.begun({ callId, state, turn, promptVersion, hasAgent, at })
      const told = [this.#asked(callId, turn, at)]
      if (!(await this.#write(callId, writes, told))) return this.#asFound(callId)
      this.#know(callId, { party: partyOf(call), state, seq: 0, turn, isEnded: false })
      return turn
    })
  }

  advance(callId: CallId, answer: FlowAnswer): Promise<FlowTurn> {
    return this.#turns.take(callId, async () => {
      const flow = await this.#find(callId)
      if (!flow) throw noFlow()
      const { step, attempt } = flow.turn
      if (answer.step !== step || answer.attempt !== attempt)
        return (await this.#flows.following(callId, answer)) ?? flow.turn
      if (flow.isEnded || isLast(flow.turn)) return flow.turn
      return this.#apply(callId, flow, answer)
    })
  }

  async current(callId: CallId): Promise<FlowTurn | undefined> {
    return (await this.#find(callId))?.turn
  }

  ended(callId: CallId): Promise<void> {
    return this.#turns.take(callId, async () => {
      this.#known.delete(callId)
      const flow = await this.#flows.load(callId)
      if (flow && !flow.isEnded)
        await this.#deps.database.write(this.#flows.ended(callId, this.#deps.clock.now()))
      this.#open.delete(callId)
    })
  }

  close(): void {
    this.#unsubscribe()
    this.#known.clear()
  }

  async #apply(callId: CallId, flow: OpenFlow, { input }: FlowAnswer): Promise<FlowTurn> {
    const { rules } = this.#options
    const order = orderAskedFor(rules, flow.state, input)
    const orderStatus = order === null ? null : ((await this.#orders.statusOf(order)) ?? null)
    const at = this.#deps.clock.now()
    const outcome = advanceFlow(rules, flow.state, input, { orderStatus, at })
    const { state, turn, answer, digits } = outcome
    // Not what was asked for: nothing changed.
    if (answer === undefined) return flow.turn
    const { seq } = flow
    const { step, attempt } = flow.turn
    const promptVersion = rules.prompts.version
    const kept = { answer, ...(digits === undefined ? {} : { digits }) }
    const advanced = { callId, seq, ...kept, state, turn, promptVersion, at }
    const { writes, told } = this.#effects(callId, flow, outcome, at)
    const isWritten = await this.#write(
      callId,
      [...this.#flows.advanced(advanced), ...writes],
      [
        event('flow.answered', callId, at, { step, attempt, ...kept }),
        ...told,
        this.#asked(callId, turn, at),
      ],
    )
    if (!isWritten) return this.#asFound(callId, flow.turn)
    this.#know(callId, { party: flow.party, state, seq: seq + 1, turn, isEnded: false })
    return turn
  }

  /** To be written in this very turn: the feed gives its places out in the order of writing. */
  #effects(
    callId: CallId,
    { party, turn: { attempt } }: OpenFlow,
    { effects }: FlowOutcome,
    at: EpochMs,
  ): { readonly writes: readonly Compilable[]; readonly told: readonly CallEvent[] } {
    const { systemVersion } = this.#options
    const writes: Compilable[] = []
    const told: CallEvent[] = []
    for (const effect of effects)
      switch (effect.kind) {
        case 'consent': {
          const { given, digit, prompt } = effect
          const consent = { callId, party, at, given, digit, attempt, prompt, systemVersion }
          writes.push(...this.#flows.consented(consent))
          const { version: promptVersion, language } = prompt
          told.push(event('consent.given', callId, at, { given, promptVersion, language }))
          break
        }
        case 'order': {
          const { orderNumber } = effect
          writes.push(...this.#orders.confirmed({ orderNumber, callId, at }))
          const news = { order_id: orderIdOf(orderNumber), order_number: orderNumber }
          writes.push(this.#deps.feed.appended('order.confirmed', at, callId, news))
          break
        }
        default:
          effect satisfies never
      }
    return { writes, told }
  }

  /**
   * False when somebody was first. What is told is told once it is durable, however late that is.
   * @throws AppError `DATABASE_UNAVAILABLE`
   */
  async #write(
    callId: CallId,
    writes: readonly Compilable[],
    told: readonly CallEvent[],
  ): Promise<boolean> {
    const { database, events, feed, logger } = this.#deps
    const written = database.write(writes).then(() => {
      for (const one of told) events.publish(one)
      feed.announce()
    })
    try {
      await durableSoon(written, 'an answer to the menu', logger.child({ callId }))
      return true
    } catch (error) {
      // Whether it was written is not known: the database says.
      this.#known.delete(callId)
      if (codeOf(error) !== 'INTERNAL') throw error
      logger.debug({ err: error, callId }, 'a turn of the menu was not written')
      return false
    }
  }

  /** After a write that was refused: what the one before it made. @param asked the turn that was to be answered */
  async #asFound(callId: CallId, asked?: FlowTurn): Promise<FlowTurn> {
    const flow = await this.#find(callId)
    const isAhead =
      flow !== undefined &&
      (flow.turn.step !== asked?.step || flow.turn.attempt !== asked.attempt || flow.isEnded)
    if (!isAhead) throw new AppError('INTERNAL', 'An answer to the menu could not be written.')
    if (asked === undefined) return flow.turn
    const { step, attempt } = asked
    const input = { kind: 'silence' } as const
    return (await this.#flows.following(callId, { step, attempt, input })) ?? flow.turn
  }

  async #find(callId: CallId): Promise<OpenFlow | undefined> {
    const known = this.#known.get(callId)
    if (known) return known
    const flow = await this.#flows.load(callId)
    if (flow && !flow.isEnded) this.#know(callId, flow)
    return flow
  }

  #know(callId: CallId, flow: OpenFlow): void {
    // As the youngest: the oldest goes first.
    this.#known.delete(callId)
    this.#known.set(callId, flow)
    const oldest = this.#known.keys().next()
    if (this.#known.size > MOST_KNOWN && oldest.done !== true) this.#known.delete(oldest.value)
  }

  #asked(callId: CallId, { step, attempt, language }: FlowTurn, at: EpochMs): CallEvent {
    const promptVersion = this.#options.rules.prompts.version
    return event('flow.asked', callId, at, { step, attempt, language, promptVersion })
  }
}

const event = <T extends CallEventType>(
  type: T,
  callId: CallId,
  at: EpochMs,
  data: CallEventData[T],
): CallEvent => ({ type, callId, at, data }) as unknown as CallEvent

const noFlow = (): AppError => new AppError('NOT_FOUND', 'The call is not in the menu.')
