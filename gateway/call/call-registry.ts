// The calls that are live in this process.
import type { CallId, CallSlot, LiveCall } from '#core/contracts'
import type { CallSession } from './call-session.ts'

export class CallRegistry {
  readonly #sessions = new Map<CallId, CallSession>()

  #secondLegs = 0
  /** Calls that go another way than our SIP, and those of them that have an agent or will. */
  #elsewhere = 0
  #agentsElsewhere = 0

  /** Keeps the session until it is over. */
  add(session: CallSession): void {
    const { callId } = session.identity
    this.#sessions.set(callId, session)
    void session.over.then(() => this.#sessions.delete(callId))
  }

  find(callId: CallId): CallSession | undefined {
    return this.#sessions.get(callId)
  }

  get size(): number {
    return this.#sessions.size
  }

  /** The second call of a transfer is one more on the wire. Returns the function that gives its slot back, once. */
  holdSecondLeg(): () => void {
    let isHeld = true
    this.#secondLegs += 1
    return () => {
      if (isHeld) this.#secondLegs -= 1
      isHeld = false
    }
  }

  /** The place of a call that goes another way than our SIP. */
  holdElsewhere(needsAgent: boolean): CallSlot {
    let isHeld = true
    let holdsAgent = needsAgent
    this.#elsewhere += 1
    if (needsAgent) this.#agentsElsewhere += 1
    const agentOver = (): void => {
      if (holdsAgent) this.#agentsElsewhere -= 1
      holdsAgent = false
    }
    const release = (): void => {
      agentOver()
      if (isHeld) this.#elsewhere -= 1
      isHeld = false
    }
    return { agentOver, release }
  }

  /** Calls that hold a slot: one that is only waiting for a late ACK or a lost answer to BYE holds none. */
  get liveCount(): number {
    let count = this.#secondLegs + this.#elsewhere
    for (const session of this.#sessions.values()) if (!session.isEnding()) count += 1
    return count
  }

  /** Conversations of the agents' vendor that are held, or will be asked for when a phone is picked up. */
  get agentSlots(): number {
    let count = this.#agentsElsewhere
    for (const session of this.#sessions.values()) if (session.agentSlot.isHeld) count += 1
    return count
  }

  get sessions(): readonly CallSession[] {
    return [...this.#sessions.values()]
  }

  list(): readonly LiveCall[] {
    return this.sessions.map((session) => session.live)
  }
}
