// Agents whose vendor has just answered 429: no phone is made to ring for them for a while. The calls that ring go on, and
// ask for their agent when they are answered.
import type { MediaEvent } from '#core/contracts'
import { AppError } from '#core/errors'
import { backOffAfter, type Clock } from '#core/time'

/** A conversation ends every few seconds where many run; a vendor that goes on refusing is asked more seldom. */
const PAUSE = { firstMs: 4000, maxMs: 30_000 }
/** Agents are chosen by whoever places calls: what is remembered of them has an end. */
const MAX_AGENTS = 1000

interface Busy {
  readonly refusals: number
  readonly until: number
}

export class BusyAgents {
  readonly #clock: Clock
  readonly #random: () => number
  readonly #busy = new Map<string, Busy>()

  constructor(clock: Clock, random: () => number = Math.random) {
    this.#clock = clock
    this.#random = random
  }

  /** @throws AppError `AGENT_SLOTS_TAKEN` while the pause lasts */
  admit(agentId: string): void {
    const leftMs = (this.#busy.get(agentId)?.until ?? 0) - this.#clock.now()
    if (leftMs <= 0) return
    throw new AppError('AGENT_SLOTS_TAKEN', 'the agent’s vendor has just refused a conversation', {
      retryAfterSeconds: Math.ceil(leftMs / 1000),
    })
  }

  /** What a call's media tells of its agent. */
  note(agentId: string, event: MediaEvent): void {
    if (event.type === 'agent.busy') this.#refused(agentId)
    else if (event.type === 'agent.opened') this.#busy.delete(agentId)
  }

  #refused(agentId: string): void {
    const now = this.#clock.now()
    const known = this.#busy.get(agentId)
    // Those that were under way when it began say nothing new.
    if (known && known.until > now) return
    const refusals = (known?.refusals ?? 0) + 1
    this.#busy.delete(agentId)
    this.#busy.set(agentId, { refusals, until: now + backOffAfter(refusals, PAUSE, this.#random) })
    if (this.#busy.size <= MAX_AGENTS) return
    const oldest = this.#busy.keys().next()
    if (!oldest.done) this.#busy.delete(oldest.value)
  }
}
